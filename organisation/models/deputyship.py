from datetime import datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from foundation.clock import now
from organisation.models.four_eyes import FourEyes, four_eyes
from organisation.models.membership import Membership
from organisation.querysets import DeputyshipQuerySet
from organisation.rules import acts


class Deputyship(FourEyes):
    """Somebody acts for another in one membership of theirs, from a moment to a moment (職務代理).

    It points at the membership and copies nothing of it: when that ends the deputyship gives nothing, and what the
    absent person holds as somebody's deputy is no membership and passes to nobody. That ``absent`` is who holds the
    membership is a composite foreign key (migration 0005). ``strong`` ones wait until a second person has confirmed.
    """

    class Cause(models.TextChoices):
        TRAVEL = "travel", _("公差")
        LEAVE = "leave", _("請假")
        TRAINING = "training", _("受訓")
        OTHER = "other", _("其他")

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="deputyships")
    absent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="deputyships_given")
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="deputyships_held")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cause = models.CharField(max_length=8, choices=Cause)
    strong = models.BooleanField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = DeputyshipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("職務代理")
        ordering = ["-begins_at", "-id"]
        constraints = [
            *four_eyes("deputyship", "deputy"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="deputyship_in_order"),
            models.CheckConstraint(condition=~Q(absent=F("deputy")), name="deputyship_is_of_another"),
            models.CheckConstraint(condition=Q(strong=True) | Q(decision=""), name="deputyship_decided_is_strong"),
            ExclusionConstraint(
                # One deputy at a time, so that the record can say who it was. A range of one number: no extension.
                name="deputyship_one_at_a_time",
                expressions=[
                    (
                        Func(F("membership"), F("membership"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(F("begins_at"), Coalesce("ended_at", "ends_at"), function="tstzrange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=~Q(decision="refused") & (Q(ended_at__isnull=True) | Q(ended_at__gt=F("begins_at"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy_id} for {self.absent_id} {self.begins_at:%Y-%m-%d}"

    @property
    def waits(self) -> bool:
        """Whether a second person has still to decide about it."""
        return self.strong and not self.decision and self.ended_at is None

    @property
    def last_moment(self) -> datetime:
        """Until when it held or will."""
        return min(self.ended_at, self.ends_at) if self.ended_at else self.ends_at

    @property
    def is_acting(self) -> bool:
        """Whether the deputy acts at this moment."""
        agreed = not self.strong or self.decision == self.Decision.CONFIRMED
        return agreed and acts(self.begins_at, self.ends_at, self.ended_at, now())

    @property
    def is_to_come(self) -> bool:
        """Whether it has not begun, and nobody has ended it."""
        return self.begins_at > now() and self.ended_at is None

    @property
    def may_be_ended(self) -> bool:
        """Whether there is something left of it to end."""
        return self.ended_at is None and self.ends_at > now() and self.decision != self.Decision.REFUSED
