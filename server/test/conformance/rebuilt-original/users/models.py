from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    # The tutorial's is unique and never null, so that its second sign-up failed. Nothing after that could be recorded.
    mobile = models.CharField(max_length=11, unique=True, null=True)

    class Meta:
        db_table = "tb_users"
