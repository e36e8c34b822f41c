"""The original's user module, rebuilt; README.md says from what. Serves until its standard input ends.

usage: rebuild.py <database file> <epoch seconds that tokens go by> <origin of QQ>

Prints its port on 127.0.0.1, then obeys one JSON object a line and prints `done`: {"code": <address>} leaves a code
there as if it had been sent a while ago, {"disable": <user name>} does what an administrator would do.
"""
import json
import os
import sys
import threading

import django
from django.conf import settings

database, now, qq_origin = sys.argv[1:]
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
settings.configure(
    # What the recorded tokens are signed with.
    SECRET_KEY="meiduo-golden-vector-key-0123456789abcdefghijklmnopqrstuvwx",
    DEBUG=False,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="urls",
    LANGUAGE_CODE="zh-hans",
    USE_I18N=True,
    USE_TZ=True,
    STATIC_URL="/static/",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},  # the original: Redis
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.staticfiles",
        "rest_framework",
        "corsheaders",
        "users",
        "oauth",
    ],
    MIDDLEWARE=[
        "corsheaders.middleware.CorsMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [
            "tokens.TokenAuthentication",
            "rest_framework.authentication.SessionAuthentication",
            "rest_framework.authentication.BasicAuthentication",
        ]
    },
    AUTH_USER_MODEL="users.User",
    AUTHENTICATION_BACKENDS=["users.log_in.NameOrAddressBackend"],
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],  # no answer tells the hasher
    CORS_ORIGIN_WHITELIST=[
        "http://127.0.0.1:8080",
        "http://localhost:8080",
        "http://www.meiduo.com:8080",
        "http://api.meiduo.com:8000",
    ],
    CORS_ALLOW_CREDENTIALS=True,
    QQ_CLIENT_ID="100000001",
    QQ_CLIENT_SECRET="secret",
    QQ_REDIRECT_URI="http://www.meiduo.com:8080/qq_oauth_callback.html",
    QQ_ORIGIN=qq_origin,
    NOW=int(now),
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.servers.basehttp import WSGIRequestHandler, WSGIServer  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402

import codes  # noqa: E402
from users.models import User  # noqa: E402


def obey(order):
    if "code" in order:
        codes.keep(order["code"])
    elif User.objects.filter(username=order["disable"]).update(is_active=False) != 1:
        raise LookupError(order["disable"])


def application(environ, start_response):
    response = handle(environ, start_response)
    if environ["REQUEST_METHOD"] != "HEAD":
        return response
    # Django's own server would send the body that HEAD must not have.
    response.close()
    return []


handle = get_wsgi_application()
call_command("migrate", run_syncdb=True, verbosity=0)
server = WSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
server.set_app(application)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
for line in sys.stdin:
    obey(json.loads(line))
    print("done", flush=True)
