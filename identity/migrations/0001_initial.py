import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import foundation.clock


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
                        violation_error_message="請用小寫英文字母、數字與 . @ _ + -，以字母或數字開頭，2 至 64 個字。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["zh-hant", "en"])), name="user_language_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=foundation.clock.now, editable=False, verbose_name="時間")),
                (
                    "verb",
                    models.CharField(
                        choices=[
                            ("created", "建立帳號"),
                            ("changed", "修改資料"),
                            ("password_changed", "變更密碼"),
                            ("link_issued", "產生設定密碼的連結"),
                            ("deactivated", "停用"),
                            ("activated", "恢復使用"),
                        ],
                        max_length=20,
                        verbose_name="事項",
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=300, verbose_name="說明")),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="經手人",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="帳號",
                    ),
                ),
            ],
            options={
                "verbose_name": "帳號異動紀錄",
                "verbose_name_plural": "帳號異動紀錄",
                "ordering": ["-at", "-pk"],
                "indexes": [models.Index(fields=["user", "-at"], name="account_event_user")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "verb__in",
                                ["created", "changed", "password_changed", "link_issued", "deactivated", "activated"],
                            )
                        ),
                        name="account_event_verb_known",
                    )
                ],
            },
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
                ("client", models.CharField(blank=True, max_length=50, verbose_name="來源位址")),
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
                ("client", models.CharField(max_length=50, verbose_name="來源位址")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("failed", "帳號或密碼不符"), ("locked", "暫停登入中"), ("succeeded", "成功")],
                        default="failed",
                        max_length=10,
                        verbose_name="結果",
                    ),
                ),
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
                        condition=models.Q(("outcome", "failed")),
                        fields=["account", "at"],
                        name="signin_failed_account",
                    ),
                    models.Index(
                        condition=models.Q(("outcome", "failed")), fields=["client", "at"], name="signin_failed_client"
                    ),
                    models.Index(fields=["user", "-at"], name="signin_user"),
                    models.Index(fields=["at"], name="signin_at"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["failed", "locked", "succeeded"])),
                        name="signin_outcome_known",
                    )
                ],
            },
        ),
    ]
