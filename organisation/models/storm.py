from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisation.querysets import StormQuerySet


class Storm(models.Model):
    """A time in which far more reports come in than usual, and what can wait is put off so that intake goes on.

    Declared by a person, or without one (``began_by`` null) by the house itself. One goes on at a time.
    """

    began_at = models.DateTimeField()
    began_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200)
    # When it ends at the latest, so that nobody has to remember to switch it off.
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = StormQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("尖峰模式")
        ordering = ["-began_at"]
        constraints = [
            models.UniqueConstraint(
                name="storm_one_at_a_time",
                fields=["ended_at"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="storm_in_order", condition=Q(until__gt=F("began_at"))),
            models.CheckConstraint(name="storm_says_why", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.began_at:%F %T} {self.reason}"

    @property
    def why(self) -> str:
        """The reason; what the house gives as one is in the reader's language."""
        return gettext(self.reason)
