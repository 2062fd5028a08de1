import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import foundation.clock
import identity.querysets


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "這個帳號已經有人使用。"},
                        max_length=64,
                        unique=True,
                        verbose_name="帳號",
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="姓名")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="電子郵件")),
                (
                    "language",
                    models.CharField(
                        choices=[("zh-hant", "正體中文"), ("en", "English")],
                        default="zh-hant",
                        max_length=10,
                        verbose_name="語言",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="啟用中")),
                ("is_demo", models.BooleanField(default=False, verbose_name="示範帳號")),
                (
                    "created_at",
                    models.DateTimeField(default=foundation.clock.now, editable=False, verbose_name="建立時間"),
                ),
            ],
            options={
                "verbose_name": "使用者",
                "verbose_name_plural": "使用者",
                "ordering": ["username"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("username__regex", "^[a-z0-9][a-z0-9.@_+-]{1,63}$")),
                        name="user_username_canonical",
                        violation_error_message="帳號請用小寫英文字母、數字與 . @ _ + -，以字母或數字開頭，2 至 64 個字。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["zh-hant", "en"])), name="user_language_known"
                    ),
                ],
            },
            managers=[
                ("objects", identity.querysets.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=foundation.clock.now, editable=False, verbose_name="時間")),
                ("capacity", models.CharField(blank=True, max_length=300, verbose_name="職務")),
                ("subject", models.CharField(max_length=40, verbose_name="資料種類")),
                ("subject_id", models.CharField(max_length=64, verbose_name="資料編號")),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), verbose_name="欄位"
                    ),
                ),
                ("purpose", models.CharField(max_length=300, verbose_name="目的")),
                ("ip", models.GenericIPAddressField(blank=True, null=True, verbose_name="來源位址")),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosures",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="查閱人",
                    ),
                ),
            ],
            options={
                "verbose_name": "個資查閱紀錄",
                "verbose_name_plural": "個資查閱紀錄",
                "ordering": ["-at", "-pk"],
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="disclosure_at"),
                    models.Index(fields=["actor", "-at"], name="disclosure_actor"),
                    models.Index(fields=["subject", "subject_id"], name="disclosure_subject"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("fields__len__gt", 0)), name="disclosure_names_fields"),
                    models.CheckConstraint(
                        condition=models.Q(("purpose", ""), _negated=True), name="disclosure_has_purpose"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SignInAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=foundation.clock.now, editable=False, verbose_name="時間")),
                ("account", models.CharField(max_length=32, verbose_name="帳號摘要")),
                ("ip", models.GenericIPAddressField(blank=True, null=True, verbose_name="來源位址")),
                ("succeeded", models.BooleanField(verbose_name="成功")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sign_ins",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="使用者",
                    ),
                ),
            ],
            options={
                "verbose_name": "登入紀錄",
                "verbose_name_plural": "登入紀錄",
                "ordering": ["-at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("succeeded", False)), fields=["account", "at"], name="signin_failed_account"
                    ),
                    models.Index(
                        condition=models.Q(("succeeded", False)), fields=["ip", "at"], name="signin_failed_ip"
                    ),
                    models.Index(fields=["user", "-at"], name="signin_user"),
                ],
            },
        ),
    ]
