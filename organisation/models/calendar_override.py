from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organisation.models.district import District
from organisation.querysets import CalendarOverrideQuerySet


class CalendarOverride(models.Model):
    """A day that differs from the official calendar, in one district or (null) in the whole city.

    Closures for a typhoon (停班) are declared by district and for whole or half days. One override is in force for a
    day and a district; a declaration that is changed or withdrawn keeps its row with ``revoked_at``.
    """

    class Kind(models.TextChoices):
        CLOSED = "closed", _("全日停止上班")
        OPEN = "open", _("照常上班")
        MORNING_CLOSED = "morning_closed", _("上午停止上班")
        AFTERNOON_CLOSED = "afternoon_closed", _("下午停止上班")

    date = models.DateField()
    district = models.ForeignKey(District, on_delete=models.PROTECT, null=True, blank=True, related_name="overrides")
    kind = models.CharField(max_length=16, choices=Kind)
    reason = models.CharField(max_length=200)
    source = models.CharField(max_length=300)
    from_pack = models.BooleanField(default=False)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    declared_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarOverrideQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("行事曆例外")
        ordering = ["date", "district", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["closed", "open", "morning_closed", "afternoon_closed"]),
                name="calendaroverride_kind_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(source=""), name="calendaroverride_says_why_and_who_says"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=models.F("declared_at")),
                name="calendaroverride_in_order",
            ),
            models.UniqueConstraint(
                fields=["date", "district"],
                condition=Q(revoked_at__isnull=True),
                nulls_distinct=False,
                name="calendaroverride_one_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.district_id or ''} {self.get_kind_display()}"
