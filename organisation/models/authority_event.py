from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import clock
from organisation.models.membership import Membership
from organisation.querysets import AuthorityEventQuerySet


class AuthorityEvent(models.Model):
    """Something was done to what a person may do: when, by whom, what and why. Append-only (migration 0005).

    ``actor`` null is the operator's command line; ``acting_for`` is the person whose right the actor used as a deputy.
    ``what`` is the role and the place in the words of that day, in the language of the city.
    """

    class Verb(models.TextChoices):
        APPOINTED = "appointed", _("任職")
        DISMISSED = "dismissed", _("設定結束日")
        PROPOSED = "proposed", _("提名")
        CONFIRMED = "confirmed", _("同意提名")
        REFUSED = "refused", _("不同意提名")
        DEPUTY_NAMED = "deputy_named", _("指定代理")
        DEPUTY_ENDED = "deputy_ended", _("結束代理")

    at = models.DateTimeField(default=clock.now, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="authority_events", db_index=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    acting_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    verb = models.CharField(max_length=12, choices=Verb)
    what = models.CharField(max_length=200)
    reason = models.CharField(max_length=200, blank=True)
    membership = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="events")

    objects = AuthorityEventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("職權異動紀錄")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["user", "-at"], name="authority_event_user")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.user_id} {self.verb}"
