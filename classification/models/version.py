"""A trained model: its weights, what it learned from and how good it was."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from classification.querysets import VersionQuerySet


class Version(models.Model):
    """One training. ``weights`` are the bytes of ``classification.linear``; very old versions have lost theirs."""

    classifier = models.CharField(max_length=40)
    number = models.PositiveIntegerField(_("版本"))
    trained_at = models.DateTimeField(_("訓練時間"))
    own = models.PositiveIntegerField(_("本市案件"))
    given = models.PositiveIntegerField(_("範例"))
    # SHA-256 over what there was to learn from: the same again needs no training.
    data_digest = models.CharField(max_length=64)
    # What rules.measure said of the texts that were held out.
    measured = models.JSONField()
    weights = models.BinaryField(null=True)
    weights_digest = models.CharField(max_length=64)
    # Why it was not put in force by itself; empty for one that was.
    refused = models.CharField(max_length=20, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("模型版本")
        ordering = ["classifier", "-number"]
        constraints = [
            models.UniqueConstraint(name="model_version_number_once", fields=["classifier", "number"]),
            models.CheckConstraint(name="model_version_from_one", condition=Q(number__gte=1)),
            models.CheckConstraint(name="model_version_learned", condition=Q(own__gt=0) | Q(given__gt=0)),
            models.CheckConstraint(name="model_version_refusal", condition=Q(refused__in=["", "worse", "pinned"])),
        ]

    def __str__(self) -> str:
        return f"{self.classifier} {self.number}"

    @property
    def texts(self) -> int:
        """How many texts there were, the held-out ones included."""
        return self.own + self.given
