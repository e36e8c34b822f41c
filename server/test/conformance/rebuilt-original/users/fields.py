"""What sign-up and binding check alike."""
import re

from rest_framework import serializers

import codes


def code_field():
    return serializers.CharField(min_length=6, max_length=6, write_only=True)


class AddressChecks:
    # For an address left blank: the model allows that, this doesn't.
    def validate_email(self, email):
        if not re.match(r"\w+@\w+.\w+", email):
            raise serializers.ValidationError("邮箱格式不正确")
        return email


def check_code(attrs):
    # The address need not have been sent: KeyError, and so a 500, as in the tutorial.
    if codes.kept(attrs["email"]) != attrs["email_code"].lower():
        raise serializers.ValidationError("短信验证码错误")
