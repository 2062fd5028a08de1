"""A person with an account: citizen or staff."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from foundation import clock
from identity.querysets import UserManager

USERNAME_PATTERN = r"^[a-z0-9][a-z0-9.@_+-]{1,63}$"


class Language(models.TextChoices):
    """Languages that the pages and messages come in. The names stand in their own language."""

    TRADITIONAL_CHINESE = "zh-hant", "正體中文"
    ENGLISH = "en", "English"


class User(AbstractBaseUser):
    """A person with an account. What the person may do lies in memberships (organisation), never here.

    There are no staff or superuser flags and no Django groups: one grammar of permissions, in ``identity.permissions``.
    A passkey or a sign-in through an outside provider becomes a table of its own that points here; the password may be
    unusable then.
    """

    username = models.CharField(
        _("帳號"), max_length=64, unique=True, error_messages={"unique": _("這個帳號已經有人使用。")}
    )
    name = models.CharField(_("姓名"), max_length=100)
    email = models.EmailField(_("電子郵件"), blank=True)
    email_verified_at = models.DateTimeField(_("電子郵件驗證時間"), null=True, editable=False)
    # E.164, and only one that was shown to be theirs.
    phone = models.CharField(_("手機號碼"), max_length=20, blank=True)
    phone_verified_at = models.DateTimeField(_("手機號碼驗證時間"), null=True, editable=False)
    language = models.CharField(_("語言"), max_length=10, choices=Language, default=Language.TRADITIONAL_CHINESE)
    always_second = models.BooleanField(_("登入時一律要第二道驗證"), default=False)
    is_active = models.BooleanField(_("啟用中"), default=True)
    is_demo = models.BooleanField(_("示範帳號"), default=False)
    created_at = models.DateTimeField(_("建立時間"), default=clock.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("使用者")
        verbose_name_plural = _("使用者")
        ordering = ["username"]
        constraints = [
            # Lower case only, so that the unique index is the whole of "no two that differ in capitals".
            models.CheckConstraint(
                condition=models.Q(username__regex=USERNAME_PATTERN),
                name="user_username_canonical",
                violation_error_message=_("請用小寫英文字母、數字與 . @ _ + -，以字母或數字開頭，2 至 64 個字。"),
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=[value for value, _label in Language.choices]),
                name="user_language_known",
            ),
            # Who shows that an address is theirs can sign in by it, so it is one person's.
            models.UniqueConstraint(
                Lower("email"),
                condition=models.Q(email_verified_at__isnull=False) & ~models.Q(email=""),
                name="user_verified_email_once",
            ),
            models.UniqueConstraint(fields=["phone"], condition=~models.Q(phone=""), name="user_phone_once"),
            models.CheckConstraint(
                condition=models.Q(phone="", phone_verified_at=None)
                | models.Q(phone__regex=r"^\+[1-9][0-9]{7,14}$", phone_verified_at__isnull=False),
                name="user_phone_is_verified",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def email_verified(self) -> bool:
        """Whether the person has shown that this address is theirs."""
        return self.email_verified_at is not None

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """The one spelling of a username: compatible width, no spaces around, lower case."""
        return super().normalize_username(username).strip().lower()

    def get_full_name(self) -> str:
        return self.name
