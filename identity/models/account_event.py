"""What was done to an account, by whom."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import clock
from identity.querysets import AccountEventQuerySet


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
        JOINED = "joined", _("加入單位")
        LEFT = "left", _("離開單位")
        LINKED = "linked", _("連結本人的另一個帳號")
        UNLINKED = "unlinked", _("解除帳號連結")

    at = models.DateTimeField(_("時間"), default=clock.now, editable=False)
    user = models.ForeignKey(
        "identity.User", models.PROTECT, related_name="events", db_index=False, verbose_name=_("帳號")
    )
    actor = models.ForeignKey(
        "identity.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("經手人")
    )
    # Whose right it was, where the actor had it as a deputy only.
    acting_for = models.ForeignKey(
        "identity.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("代理"),
    )
    # The program by which it was done: "scim och_1a2b3c4d" for a key (its owner is the actor), "import staff" for the
    # operator's command line, which has no account. Empty: a person did it on a page.
    source = models.CharField(_("經手程式"), max_length=40, blank=True)
    verb = models.CharField(_("事項"), max_length=20, choices=Verb)
    detail = models.CharField(_("說明"), max_length=300, blank=True)

    objects = AccountEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("帳號異動紀錄")
        verbose_name_plural = _("帳號異動紀錄")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["user", "-at"], name="account_event_user"),
            models.Index(fields=["-at", "-id"], name="account_event_by_program", condition=~models.Q(source="")),
        ]
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
                        " joined left linked unlinked"
                    ).split()
                ),
                name="account_event_verb_known",
            ),
            models.CheckConstraint(
                condition=models.Q(actor__isnull=False) | ~models.Q(source=""), name="account_event_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.user_id} {self.verb}"
