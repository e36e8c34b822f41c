"""Django REST framework: who asks is whoever the account server says, and has a row in this service's own table.

REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["accounts_auth.AccountsAuthentication"]}
ACCOUNTS_SECRET_KEY = "…"  # SECRET_KEY of the account server

The row is made when somebody is seen for the first time: with the account's id and user name, and without a password.
A row with the one and not the other is somebody else's, so the request is refused.
"""
import jwt
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, transaction
from django.db.models import Q
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed


class AccountsAuthentication(BaseAuthentication):
    """`Authorization: JWT <token>` or `Bearer <token>`; `request.auth` is what the token says."""

    def authenticate(self, request):
        scheme, *rest = get_authorization_header(request).split() or [b""]
        if scheme.lower() not in (b"jwt", b"bearer"):
            return None
        if len(rest) != 1:
            raise AuthenticationFailed()
        claims = claims_of(rest[0].decode("latin-1"))
        user = user_of(claims["user_id"], claims["username"])
        if not user.is_active:
            raise AuthenticationFailed()
        return user, claims

    def authenticate_header(self, request):
        return 'JWT realm="api"'


def claims_of(token):
    """What an access token of the account server says. PyJWT refuses one that is for an audience."""
    try:
        claims = jwt.decode(
            token,
            settings.ACCOUNTS_SECRET_KEY,
            algorithms=["HS256"],
            options={"require": ["exp", "user_id", "username"]},
        )
    except jwt.InvalidTokenError as error:
        raise AuthenticationFailed() from error
    user_id, username = claims["user_id"], claims["username"]
    # What else is signed under this key says so: a refresh token must not pass for an access token.
    is_access = claims.get("token_type", "access") == "access"
    is_somebody = type(user_id) is int and user_id > 0 and type(username) is str and username != ""
    if not (is_access and is_somebody):
        raise AuthenticationFailed()
    return claims


def user_of(user_id, username):
    """The row of that account, made where there is none. Both must be the account's."""
    model = get_user_model()
    found = list(model._default_manager.filter(Q(pk=user_id) | Q(username=username))[:2])
    if not found:
        try:
            with transaction.atomic():
                return new_row(model, user_id, username)
        except IntegrityError:
            # Another request of the same person was first, or a row of somebody else came in between.
            found = list(model._default_manager.filter(Q(pk=user_id) | Q(username=username))[:2])
    if len(found) != 1 or found[0].pk != user_id or found[0].get_username() != username:
        raise AuthenticationFailed()
    return found[0]


def new_row(model, user_id, username):
    user = model(pk=user_id, username=username)
    user.set_unusable_password()
    try:
        # The tutorial's column may neither be null nor twice the same.
        if model._meta.get_field("mobile").unique:
            user.mobile = f"#{user_id}"
    except FieldDoesNotExist:
        pass
    user.save(force_insert=True)
    return user
