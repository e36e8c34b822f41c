"""Log-in by QQ, and the binding of an unbound openid to an account."""
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from tokens import token_for
from users.fields import AddressChecks, check_code, code_field
from users.models import User

from . import qq
from .models import OAuthUser

PASSWORD_LENGTH = "仅允许8-20个字符的密码"


class BindSerializer(AddressChecks, serializers.ModelSerializer):
    email_code = code_field()
    access_token = serializers.CharField(write_only=True)
    login_type = serializers.CharField(write_only=True)
    token = serializers.CharField(read_only=True)
    user_id = serializers.IntegerField(source="pk", read_only=True)

    class Meta:
        model = User
        fields = (
            *("password", "email", "email_code", "access_token", "login_type"),
            *("username", "token", "user_id"),
        )
        extra_kwargs = {
            "username": {"read_only": True},
            "password": {
                "write_only": True,
                "min_length": 8,
                "max_length": 20,
                "error_messages": {"min_length": PASSWORD_LENGTH, "max_length": PASSWORD_LENGTH},
            },
        }

    def validate(self, attrs):
        attrs["openid"] = qq.openid_in(attrs["access_token"])
        if attrs["openid"] is None:
            raise serializers.ValidationError("无效的access_token")
        check_code(attrs)
        attrs["user"] = User.objects.filter(email=attrs["email"]).first()
        if attrs["user"] is not None and not attrs["user"].check_password(attrs["password"]):
            raise serializers.ValidationError("密码错误")
        return attrs

    def create(self, validated_data):
        email = validated_data["email"]
        user = validated_data["user"] or User.objects.create_user(email, email, validated_data["password"])
        # Whether the openid is bound already isn't asked, so binding twice makes two rows.
        OAuthUser.objects.create(
            user=user, openid=validated_data["openid"], loginType=validated_data["login_type"]
        )
        user.token = token_for(user)
        return user


class QQAuthURLLoginView(APIView):
    def get(self, request):
        return Response({"login_url": qq.login_url(request.query_params.get("next") or "/")})


class QQAuthView(APIView):
    def get(self, request):
        code = request.query_params.get("code")
        if not code:
            return Response({"message": "缺少code值"}, status=400)
        openid = qq.openid_of(code, request.query_params.get("state") or "/")
        try:
            user = OAuthUser.objects.get(openid=openid, loginType="1").user
        except OAuthUser.DoesNotExist:
            return Response({"access_token": qq.ticket_for(openid)})
        return Response({"user_id": user.pk, "username": user.username, "token": token_for(user)})

    def post(self, request):
        serializer = BindSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)
