"""What was done to an account, by whom."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import clock


class AccountEvent(models.Model):
    """One thing done to an account. Append-only, by a trigger in the database too (migration 0002).

    Who can issue a link that sets a password can enter as that person: so it is written down.
    """

    class Verb(models.TextChoices):
        CREATED = "created", _("建立帳號")
        CHANGED = "changed", _("修改資料")
        PASSWORD_CHANGED = "password_changed", _("變更密碼")
        LINK_ISSUED = "link_issued", _("產生設定密碼的連結")
        DEACTIVATED = "deactivated", _("停用")
        ACTIVATED = "activated", _("恢復使用")
        FACTOR_ADDED = "factor_added", _("新增驗證方式")
        FACTOR_REMOVED = "factor_removed", _("移除驗證方式")
        RECOVERY_BEGUN = "recovery_begun", _("櫃台查驗身分")
        RECOVERY_CONFIRMED = "recovery_confirmed", _("櫃台覆核，交付復原連結")
        RECOVERY_STOPPED = "recovery_stopped", _("取消帳號復原")
        RECOVERED = "recovered", _("復原帳號")
        RESET_ASKED = "reset_asked", _("要求重設密碼")
        SESSIONS_ENDED = "sessions_ended", _("結束所有登入")
        PHONE_CONFIRMED = "phone_confirmed", _("手機號碼已確認")
        EMAIL_CONFIRMED = "email_confirmed", _("電子郵件已確認")
        EXPORTED = "exported", _("下載個人資料")
        ERASED = "erased", _("刪除帳號")
        KEY_ISSUED = "key_issued", _("核發 API 金鑰")
        KEY_CHANGED = "key_changed", _("修改 API 金鑰")
        KEY_WITHDRAWN = "key_withdrawn", _("停用 API 金鑰")
        CERTIFICATE_BOUND = "certificate_bound", _("綁定行動自然人憑證")
        CERTIFICATE_RENEWED = "certificate_renewed", _("換發行動自然人憑證")
        CERTIFICATE_REMOVED = "certificate_removed", _("解除行動自然人憑證")

    at = models.DateTimeField(_("時間"), default=clock.now, editable=False)
    user = models.ForeignKey(
        "identity.User", models.PROTECT, related_name="events", db_index=False, verbose_name=_("帳號")
    )
    actor = models.ForeignKey("identity.User", models.PROTECT, related_name="+", verbose_name=_("經手人"))
    verb = models.CharField(_("事項"), max_length=20, choices=Verb)
    detail = models.CharField(_("說明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("帳號異動紀錄")
        verbose_name_plural = _("帳號異動紀錄")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["user", "-at"], name="account_event_user")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    verb__in=(
                        "created changed password_changed link_issued deactivated activated"
                        " factor_added factor_removed email_confirmed exported erased"
                        " key_issued key_changed key_withdrawn"
                        " recovery_begun recovery_confirmed recovery_stopped recovered reset_asked"
                        " sessions_ended phone_confirmed"
                        " certificate_bound certificate_renewed certificate_removed"
                    ).split()
                ),
                name="account_event_verb_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.user_id} {self.verb}"
