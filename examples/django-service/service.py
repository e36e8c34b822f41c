"""An old Django service beside the account server: `ACCOUNTS_SECRET_KEY=… python3 service.py <port> [<SQLite file>]`."""
import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

import django
from django.conf import settings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
settings.configure(
    SECRET_KEY=os.urandom(32).hex(),
    ACCOUNTS_SECRET_KEY=os.environ["ACCOUNTS_SECRET_KEY"],
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": sys.argv[2] if len(sys.argv) > 2 else "service.sqlite3",
            "OPTIONS": {"timeout": 20},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["accounts_auth.AccountsAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    },
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.decorators import api_view  # noqa: E402
from rest_framework.response import Response  # noqa: E402


@api_view(["GET"])
def orders(request):
    return Response({"orders": [], "of": request.user.get_username(), "row": request.user.pk})


urlpatterns = [path("orders/", orders)]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


if __name__ == "__main__":
    call_command("migrate", run_syncdb=True, verbosity=0)
    with make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application(), server_class=Server) as server:
        print(f"The service is ready: http://127.0.0.1:{server.server_port}/orders/", flush=True)
        server.serve_forever()
