"""What the watch found unusual, and who looked at it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation import clock
from singlesignon.models.relying_system import RelyingSystem
from singlesignon.querysets import AnomalyQuerySet


class Anomaly(models.Model):
    """Something about sign-ins that is worth a look. ``facts`` are what it was found by (places, times, numbers);
    ``key`` names the very thing, so that it is found once. Looked at once, with a note, by somebody."""

    class Kind(models.TextChoices):
        TRAVEL = "travel", _("不可能的移動")
        COUNTRY = "country", _("沒來過的國家")
        PERSON = "person", _("同一帳號多次失敗")
        NETWORK = "network", _("同一來源多次失敗")
        SYSTEM = "system", _("同一系統多次未完成")

    kind = models.CharField(_("種類"), max_length=10, choices=Kind)
    key = models.CharField(max_length=120, unique=True)
    at = models.DateTimeField(_("發生時間"))
    found_at = models.DateTimeField(_("發現時間"), default=clock.now)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    system = models.ForeignKey(RelyingSystem, models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=dict)
    looked_at = models.DateTimeField(_("查看時間"), null=True)
    looked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.TextField(_("處理情形"), blank=True)

    objects = AnomalyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("異常登入")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(looked_at__isnull=True, looked_by__isnull=True, note="")
                | (Q(looked_at__isnull=False, looked_by__isnull=False) & ~Q(note="")),
                name="anomaly_looked_at_by_somebody_with_a_note",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["travel", "country", "person", "network", "system"]), name="anomaly_kind_known"
            ),
        ]
        indexes = [models.Index(fields=["-at"], condition=Q(looked_at__isnull=True), name="anomaly_waiting")]

    def __str__(self) -> str:
        return self.key


class Watch(models.Model):
    """Up to when the log was watched, and when the security officers were last told. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    until = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("異常偵測進度")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="watch_is_one")]

    def __str__(self) -> str:
        return f"{self.until:%Y-%m-%d %H:%M}"
