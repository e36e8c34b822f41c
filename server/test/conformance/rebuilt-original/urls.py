"""The paths, with patterns for names and addresses that match what the original's matched."""
from django.urls import path, re_path
from rest_framework.response import Response
from rest_framework.views import APIView

from codes import EmailCodeView
from oauth.views import QQAuthURLLoginView, QQAuthView
from users.log_in import ObtainJSONWebToken
from users.views import CountView, UserView

USERNAME = r"(?P<value>\w{5,20})"
# The tutorial writes more than one dot; the original, as recorded, took one.
EMAIL = r"[A-Za-z0-9\u4e00-\u9fa5]+@[a-zA-Z0-9_-]+\.[a-zA-Z0-9_-]+"


class TestView(APIView):
    def get(self, request):
        return Response({"message": "接收OK"})


urlpatterns = [
    path("test/", TestView.as_view()),
    path("users/", UserView.as_view()),
    path("users/authorizations/", ObtainJSONWebToken.as_view()),
    re_path(rf"^users/usernames/{USERNAME}/count/$", CountView.as_view(field="username")),
    re_path(rf"^users/emails/(?P<value>{EMAIL})/count/$", CountView.as_view(field="email")),
    re_path(rf"^verifications/email_codes/(?P<email>{EMAIL})/$", EmailCodeView.as_view()),
    path("oauth/qq/authorization/", QQAuthURLLoginView.as_view()),
    path("oauth/qq/user/", QQAuthView.as_view()),
]
