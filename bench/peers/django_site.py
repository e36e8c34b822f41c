"""Django with REST framework and simplejwt as their documentation sets them up, and as the first Meiduo project did: class views,
a model serializer, tokens, codes in the cache. `python3 django_site.py fill <file of {"password", "names"}>` prints tokens;
served by gunicorn as `django_site:application`. DJANGO_DATABASE is `sqlite:<file>` or `postgres://…`.
"""

import datetime
import json
import os
import random
import sys
from urllib.parse import urlsplit

import django
from django.conf import settings


def database():
    given = os.environ["DJANGO_DATABASE"]
    if given.startswith("sqlite:"):
        name = given[len("sqlite:"):]
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "CONN_MAX_AGE": None, "OPTIONS": {"timeout": 5}}
    url = urlsplit(given)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path[1:],
        "USER": url.username,
        "HOST": url.hostname,
        "PORT": url.port,
        # As the documentation advises: a connection is kept, not made for each request.
        "CONN_MAX_AGE": None,
    }


settings.configure(
    SECRET_KEY=os.environ["DJANGO_SECRET"],
    DEBUG=False,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": database()},
    # Its own default, the cheapest there is: in the memory of the one process.
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 100_000_000},
        }
    },
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "rest_framework"],
    # What `startproject` writes, without the pages' messages.
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
)
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import generics, permissions, serializers, status  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402
from rest_framework_simplejwt.views import TokenObtainPairView  # noqa: E402

User = get_user_model()


class UsernameCount(APIView):
    def get(self, request, username):
        return Response({"username": username, "count": User.objects.filter(username=username).count()})


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "email", "first_name", "last_name", "is_staff", "is_superuser"]


class Profile(generics.RetrieveAPIView):
    permission_classes = [permissions.IsAuthenticated]
    serializer_class = UserSerializer

    def get_object(self):
        return self.request.user


class EmailCode(APIView):
    """Sending is a worker's work, and left out here; ours stores a job for it."""

    def get(self, request, email):
        serializers.EmailField().run_validation(email)
        if not cache.add(f"sent:{email}", 1, 60):
            return Response({"detail": "too often"}, status=status.HTTP_400_BAD_REQUEST)
        cache.set(f"code:{email}", f"{random.SystemRandom().randrange(1_000_000):06d}", 300)
        return Response({"message": "OK"})


urlpatterns = [
    path("users/usernames/<str:username>/count/", UsernameCount.as_view()),
    path("user/", Profile.as_view()),
    path("verifications/email_codes/<str:email>/", EmailCode.as_view()),
    path("users/authorizations/", TokenObtainPairView.as_view()),
]
application = get_wsgi_application()


def fill(file):
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command
    from rest_framework_simplejwt.tokens import AccessToken

    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        from django.db import connection

        connection.cursor().execute("pragma journal_mode = wal")
    call_command("migrate", run_syncdb=True, verbosity=0)
    with open(file) as given:
        people = json.load(given)
    password = make_password(people["password"])
    User.objects.bulk_create(
        [User(username=name, email=f"{name}@example.com", password=password) for name in people["names"]]
    )
    tokens = []
    for user in User.objects.order_by("id"):
        token = AccessToken.for_user(user)
        token.set_exp(from_time=token.current_time, lifetime=datetime.timedelta(days=1))
        tokens.append(str(token))
    print(json.dumps(tokens))


if __name__ == "__main__" and sys.argv[1:2] == ["fill"]:
    fill(sys.argv[2])
