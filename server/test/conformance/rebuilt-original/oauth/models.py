from django.db import models


class OAuthUser(models.Model):
    create_time = models.DateTimeField(auto_now_add=True)
    update_time = models.DateTimeField(auto_now=True)
    user = models.ForeignKey("users.User", on_delete=models.CASCADE)
    openid = models.CharField(max_length=64, db_index=True)
    loginType = models.CharField(max_length=1, choices=(("1", "qq"), ("2", "weibo"), ("3", "github")))

    class Meta:
        db_table = "tb_oauth_user"
