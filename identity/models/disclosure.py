"""The log of disclosures: who looked at whose personal data, when and what for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import clock
from identity.querysets import DisclosureQuerySet


class Disclosure(models.Model):
    """One disclosure of personal data to one person. Append-only, by a trigger in the database too (migration 0002).

    It names the fields that were shown, never their content: the log must not become a second store of personal data.
    """

    at = models.DateTimeField(_("時間"), default=clock.now, editable=False)
    actor = models.ForeignKey(
        "identity.User", models.PROTECT, related_name="disclosures", db_index=False, verbose_name=_("查閱人")
    )
    # As it was then: memberships change, the record does not.
    capacity = models.CharField(_("職務"), max_length=300, blank=True)
    subject = models.CharField(_("資料種類"), max_length=40)
    subject_id = models.CharField(_("資料編號"), max_length=64)
    fields = ArrayField(models.CharField(max_length=40), verbose_name=_("欄位"))
    purpose = models.CharField(_("目的"), max_length=300)
    # As the rate limit counts: for IPv6 the /64. Empty where no browser was involved.
    client = models.CharField(_("來源位址"), max_length=50, blank=True)

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        verbose_name = _("個資查閱紀錄")
        verbose_name_plural = _("個資查閱紀錄")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="disclosure_at"),
            models.Index(fields=["actor", "-at"], name="disclosure_actor"),
            models.Index(fields=["subject", "subject_id"], name="disclosure_subject"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(fields__len__gt=0), name="disclosure_names_fields"),
            models.CheckConstraint(condition=~models.Q(purpose=""), name="disclosure_has_purpose"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_id} {self.subject} {self.subject_id}"
