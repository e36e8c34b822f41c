"""
Who calls this service, by the access token of Meiduo Accounts and without asking there: an authentication class for
Django REST framework, with PyJWT. By ACCOUNTS_JWKS, the address of its public keys (/.well-known/jwks.json), or by
ACCOUNTS_SECRET_KEY, which is its SECRET_KEY.

What this can't see: a session that was ended. Its last access token is good here until it expires, after 15 minutes
where the client asked for refresh tokens. Where that is too long, ask the account server.
"""
import json
import threading
import time
import urllib.request

import jwt
from django.conf import settings
from rest_framework import authentication, exceptions


class KeySet:
    """The public keys at an address, by kid. An unknown kid has them fetched again, once in `cooldown` seconds."""

    max_age = 300
    # Without an answer, what is known stays good for an hour.
    max_stale = 3600

    def __init__(self, url, cooldown=30):
        self.url, self.cooldown = url, cooldown
        self.keys, self.fetched, self.tried = {}, None, None
        self.lock = threading.Lock()

    def key(self, kid):
        """None for a key that is not there. Raises KeysUnavailable."""
        with self.lock:
            now = time.monotonic()
            is_old = self.fetched is None or now - self.fetched >= self.max_age
            may_ask = self.tried is None or now - self.tried >= self.cooldown
            if (is_old or kid not in self.keys) and may_ask:
                self.fetch(now)
            if self.fetched is None or now - self.fetched >= self.max_stale:
                raise KeysUnavailable()
            return self.keys.get(kid)

    def fetch(self, now):
        self.tried = now
        try:
            with urllib.request.urlopen(self.url, timeout=5) as answer:
                keys = json.load(answer)["keys"]
        except (OSError, ValueError, KeyError):
            return
        usable = [key for key in keys if key.get("kid") and key.get("use", "sig") == "sig"]
        self.keys = {key["kid"]: jwt.PyJWK.from_dict(key).key for key in usable}
        self.fetched = now


class KeysUnavailable(exceptions.APIException):
    status_code = 503
    default_detail = "Try again in a moment."


class AccountsUser:
    """Whom the token names; no row of a database."""

    is_authenticated = True
    is_anonymous = False

    def __init__(self, claims):
        self.id = self.pk = int(claims["user_id"])
        self.username = claims["username"]
        self.session = claims.get("sid")


class AccountsAuthentication(authentication.BaseAuthentication):
    key_set = None

    def authenticate(self, request):
        header = authentication.get_authorization_header(request).decode("latin-1")
        scheme, _, token = header.partition(" ")
        if scheme.lower() not in ("jwt", "bearer"):
            return None
        try:
            claims = self.claims_of(token.strip())
            return AccountsUser(claims), claims
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
            # The code is what clients renew their token on.
            refusal = {"detail": "Given token not valid.", "code": "token_not_valid"}
            raise exceptions.AuthenticationFailed(refusal) from None

    def authenticate_header(self, request):
        return 'Bearer realm="api"'

    def claims_of(self, token):
        jwks = getattr(settings, "ACCOUNTS_JWKS", None)
        if jwks:
            key, algorithm = self.public_key(jwks, token), getattr(settings, "ACCOUNTS_ALGORITHM", None) or "ES256"
        else:
            key, algorithm = settings.ACCOUNTS_SECRET_KEY, "HS256"
        claims = jwt.decode(
            token,
            key,
            # Ours to say and never the token's: "none", or HS256 under a public key, is nobody's token.
            algorithms=[algorithm],
            leeway=30,
            # Where this is None, a token that names an audience is refused.
            audience=getattr(settings, "ACCOUNTS_AUDIENCE", None),
            issuer=getattr(settings, "ACCOUNTS_ISSUER", None),
            options={"require": ["exp", "user_id", "username"]},
        )
        if claims.get("token_type") != "access":
            raise jwt.InvalidTokenError("a refresh token is no access token")
        return claims

    def public_key(self, jwks, token):
        # One for the process: an authentication class is made anew for each request.
        if AccountsAuthentication.key_set is None:
            AccountsAuthentication.key_set = KeySet(jwks, getattr(settings, "ACCOUNTS_JWKS_COOLDOWN", 30))
        kid = jwt.get_unverified_header(token).get("kid")
        key = self.key_set.key(kid) if isinstance(kid, str) else None
        if key is None:
            raise jwt.InvalidTokenError("no such key")
        return key
