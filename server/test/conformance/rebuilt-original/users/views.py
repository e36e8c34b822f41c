"""Sign-up, and whether a user name or an address is taken."""
from rest_framework import serializers
from rest_framework.generics import CreateAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from tokens import token_for

from .fields import AddressChecks, check_code, code_field
from .models import User


class UserSerializer(AddressChecks, serializers.ModelSerializer):
    password2 = serializers.CharField(min_length=8, max_length=20, write_only=True)
    email_code = code_field()
    allow = serializers.CharField(write_only=True)
    token = serializers.CharField(read_only=True)

    class Meta:
        model = User
        fields = ("id", "username", "email", "password", "password2", "email_code", "allow", "token")
        extra_kwargs = {
            "username": {"min_length": 5, "max_length": 20},
            "password": {"min_length": 8, "max_length": 20, "write_only": True},
        }

    def validate_allow(self, allow):
        if allow != "true":
            raise serializers.ValidationError("未同意协议")
        return allow

    def validate(self, attrs):
        if attrs["password"] != attrs["password2"]:
            raise serializers.ValidationError("两次密码不一致")
        check_code(attrs)
        return attrs

    def create(self, validated_data):
        kept = {name: validated_data[name] for name in ("username", "email", "password")}
        user = User.objects.create_user(**kept)
        user.token = token_for(user)
        return user


class UserView(CreateAPIView):
    queryset = User.objects.all()
    serializer_class = UserSerializer


# Without a docstring: OPTIONS would quote it.
class CountView(APIView):
    field = None

    def get(self, request, value):
        # The tutorial answers with the query set itself, which no JSON can hold; what it means is the number.
        return Response({self.field: value, "count": User.objects.filter(**{self.field: value}).count()})
