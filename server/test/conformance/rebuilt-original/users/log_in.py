"""Log-in: drf-jwt's view and serializer, and the tutorial's search by user name or address."""
from django.contrib.auth import authenticate
from django.contrib.auth.backends import ModelBackend
from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from tokens import DISABLED, token_for

from .models import User


class NameOrAddressBackend(ModelBackend):
    # A disabled account is found as well; who asks has to look.
    def authenticate(self, request, username=None, password=None, **kwargs):
        try:
            user = User.objects.get(Q(username=username) | Q(email=username))
        except (User.DoesNotExist, User.MultipleObjectsReturned):
            return None
        return user if user.check_password(password) else None


class LogInSerializer(serializers.Serializer):
    username = serializers.CharField()
    password = serializers.CharField(write_only=True, style={"input_type": "password"})

    def validate(self, attrs):
        user = authenticate(**attrs)
        if user is None:
            raise serializers.ValidationError(_("Unable to log in with provided credentials."))
        if not user.is_active:
            raise serializers.ValidationError(DISABLED)
        return {"user": user}


class ObtainJSONWebToken(APIView):
    # Nobody is asked who they are, so a bad token in the header does no harm here.
    authentication_classes = ()
    permission_classes = ()

    def get_serializer(self, *args, **kwargs):
        return LogInSerializer(*args, **kwargs)

    def post(self, request):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = serializer.validated_data["user"]
        return Response({"token": token_for(user), "user_id": user.pk, "username": user.username})
