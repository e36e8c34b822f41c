"""A service of the shop in Django REST framework: PORT=3000 SECRET_KEY=… python3 service.py"""
import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.management.utils import get_random_secret_key
from django.urls import path

jwks = os.environ.get("ACCOUNTS_JWKS")

settings.configure(
    # Django's own, for its signatures; it is not the accounts' key.
    SECRET_KEY=get_random_secret_key(),
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["accounts_auth.AccountsAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "UNAUTHENTICATED_USER": None,
    },
    ACCOUNTS_JWKS=jwks,
    ACCOUNTS_SECRET_KEY=None if jwks else os.environ["SECRET_KEY"],
    ACCOUNTS_ALGORITHM=os.environ.get("TOKEN_ALGORITHM"),
    ACCOUNTS_ISSUER=os.environ.get("TOKEN_ISSUER"),
    ACCOUNTS_AUDIENCE=os.environ.get("TOKEN_AUDIENCE"),
    ACCOUNTS_JWKS_COOLDOWN=float(os.environ.get("JWKS_COOLDOWN", "30")),
)

import django  # noqa: E402

django.setup()

from rest_framework.decorators import api_view, authentication_classes, permission_classes  # noqa: E402
from rest_framework.response import Response  # noqa: E402


@api_view(["GET"])
@authentication_classes([])
@permission_classes([])
def goods(request):
    return Response({"goods": ["tea", "cups"]})


@api_view(["GET"])
def orders(request):
    return Response({"orders": [], "of": request.user.username})


urlpatterns = [path("goods/", goods), path("orders/", orders)]

if __name__ == "__main__":
    address = f"127.0.0.1:{os.environ.get('PORT', '3000')}"
    execute_from_command_line([sys.argv[0], "runserver", "--noreload", address])
