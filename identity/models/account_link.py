"""One person's two accounts: the one of their office and the one that they have as a citizen."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation import clock
from identity.querysets import AccountLinkQuerySet


class AccountLink(models.Model):
    """That two accounts are one person's, as the person showed from both. Each keeps sessions and data of its own.

    Rows stay when a link ends; both accounts' events say when and by whom.
    """

    office = models.ForeignKey("identity.User", models.PROTECT, related_name="+", verbose_name=_("公務帳號"))
    citizen = models.ForeignKey("identity.User", models.PROTECT, related_name="+", verbose_name=_("市民帳號"))
    linked_at = models.DateTimeField(_("連結時間"), default=clock.now, editable=False)
    ended_at = models.DateTimeField(_("解除時間"), null=True, blank=True)

    objects = AccountLinkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("帳號連結")
        constraints = [
            models.CheckConstraint(condition=~Q(office=F("citizen")), name="account_link_of_two"),
            models.UniqueConstraint(
                fields=["office"], condition=Q(ended_at__isnull=True), name="account_link_once_for_the_office"
            ),
            models.UniqueConstraint(
                fields=["citizen"], condition=Q(ended_at__isnull=True), name="account_link_once_for_the_citizen"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office_id} {self.citizen_id}"


class LinkOffer(models.Model):
    """A code that one account shows and the other is to enter, once and soon. Its digest alone is kept."""

    user = models.OneToOneField("identity.User", models.CASCADE, related_name="+")
    code = models.CharField(max_length=32, unique=True)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = _("帳號連結碼")

    def __str__(self) -> str:
        return str(self.user_id)
