"""What two people decide: one proposes, another confirms or refuses."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


def four_eyes(name: str, concerned: str) -> list[models.CheckConstraint]:
    """The constraints of a table of proposals: decided whole, and never by who proposed it or whom it concerns.

    ``name`` begins the constraints' names, ``concerned`` is the field of whoever gains by it. Nobody (null) is the
    operator at the machine's command line, who cannot stand on both sides.
    """
    decided_by_another = Q(decided_by__isnull=True) | (
        ~Q(decided_by=F(concerned)) & (Q(proposed_by__isnull=True) | ~Q(decided_by=F("proposed_by")))
    )
    return [
        models.CheckConstraint(
            condition=Q(decision="", decided_at__isnull=True, decided_by__isnull=True)
            | Q(decision__in=["confirmed", "refused"], decided_at__isnull=False),
            name=f"{name}_decided_whole",
        ),
        models.CheckConstraint(condition=decided_by_another, name=f"{name}_takes_two_people"),
        models.CheckConstraint(condition=~Q(decision="refused") | ~Q(words=""), name=f"{name}_refused_with_words"),
    ]


class FourEyes(models.Model):
    """Proposed by one person, decided by another. While nobody has decided it gives nothing."""

    class Decision(models.TextChoices):
        CONFIRMED = "confirmed", _("已同意")
        REFUSED = "refused", _("未同意")

    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    proposed_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    decision = models.CharField(max_length=9, choices=Decision, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    words = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True
