"""Tokens as drf-jwt 1.11.0 on PyJWT 1.7 made and read them, on Debian's PyJWT 2.6. Time stands still at settings.NOW.

What is left of the difference is the header: PyJWT 2.6 sorts it, so it begins with `alg` here and with `typ` there.
"""
from datetime import datetime

import jwt
from django.conf import settings
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from users.models import User

DAY_S = 86_400
# As DRF 3.9 translated drf-jwt's text; 3.14 has no translation of it.
DISABLED = "用户账户已禁用。"


class StandingClock(datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(settings.NOW, tz)


# PyJWT has no parameter for the time. The recorded tokens were good when they were recorded.
jwt.api_jwt.datetime = StandingClock


def token_for(user):
    claims = {"user_id": user.pk, "username": user.username, "exp": settings.NOW + DAY_S, "email": user.email}
    return jwt.encode(claims, settings.SECRET_KEY, "HS256")


def claims_of(token):
    # PyJWT 2.6 refuses an `iat` in the future; 1.7 asked no more of it than to be a number.
    options = {"verify_iat": False}
    claims = jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"], options=options)
    if "iat" in claims:
        try:
            int(claims["iat"])
        except ValueError as error:
            raise jwt.InvalidIssuedAtError("no number") from error
    return claims


class TokenAuthentication(BaseAuthentication):
    def authenticate_header(self, request):
        return 'JWT realm="api"'

    def authenticate(self, request):
        scheme, *credentials = get_authorization_header(request).split() or [b""]
        if scheme.lower() != b"jwt":
            return None
        if not credentials:
            raise AuthenticationFailed("Invalid Authorization header. No credentials provided.")
        if len(credentials) > 1:
            raise AuthenticationFailed(
                "Invalid Authorization header. Credentials string should not contain spaces."
            )
        try:
            claims = claims_of(credentials[0])
        except jwt.ExpiredSignatureError:
            raise AuthenticationFailed("Signature has expired.")
        except jwt.DecodeError:
            raise AuthenticationFailed("Error decoding signature.")
        except jwt.InvalidTokenError:
            raise AuthenticationFailed()
        return self.account_of(claims), credentials[0]

    def account_of(self, claims):
        # By name alone; `user_id` isn't looked at.
        if not claims.get("username"):
            raise AuthenticationFailed("Invalid payload.")
        user = User.objects.filter(username=claims["username"]).first()
        if user is None:
            raise AuthenticationFailed("Invalid signature.")
        if not user.is_active:
            raise AuthenticationFailed(DISABLED)
        return user
