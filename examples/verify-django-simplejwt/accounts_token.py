"""
Who calls this service, by the access token of Meiduo Accounts and without asking there: a token class for
djangorestframework-simplejwt. With the shared SECRET_KEY simplejwt's own AccessToken would do; this one adds two things:
it refuses a token for another audience where none is set, and an unknown key costs no fetch of its own each time.

What this can't see: a session that was ended. Its last access token is good here until it expires, after 15 minutes
where the client asked for refresh tokens. Where that is too long, ask the account server.
"""
import threading
import time

import jwt
from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken


class KeySet(jwt.PyJWKClient):
    """PyJWT's, which has the set fetched for each unknown kid that is shown, but once in `cooldown` seconds."""

    def __init__(self, url, cooldown=30):
        super().__init__(url, lifespan=300)
        self.cooldown, self.tried, self.known = cooldown, None, None
        self.lock = threading.Lock()

    def fetch_data(self):
        with self.lock:
            now = time.monotonic()
            if self.tried is None or now - self.tried >= self.cooldown:
                self.tried = now
                try:
                    self.known = super().fetch_data()
                except jwt.PyJWKClientError:
                    # What is known stays good until the next try.
                    pass
            if self.known is None:
                raise jwt.PyJWKClientError("the public keys can't be fetched")
            return self.known


class AccountsToken(AccessToken):
    _token_backend = TokenBackend(
        api_settings.ALGORITHM,
        api_settings.SIGNING_KEY,
        api_settings.VERIFYING_KEY,
        api_settings.AUDIENCE,
        api_settings.ISSUER,
        leeway=api_settings.LEEWAY,
    )
    if api_settings.JWK_URL:
        _token_backend.jwks_client = KeySet(api_settings.JWK_URL, getattr(settings, "ACCOUNTS_JWKS_COOLDOWN", 30))

    def verify(self):
        super().verify()
        if api_settings.AUDIENCE is None and self.payload.get("aud") is not None:
            raise TokenError("The token is for somebody else")
