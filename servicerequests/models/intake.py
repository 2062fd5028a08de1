"""How long intake took, by the server's own measure."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Intake(models.Model):
    """A histogram (`servicerequests.rules.BOUNDS`) of one web process over some seconds, summed up by whoever reads.

    From the moment at which the view begins to the answer; what a request waits before that a web server does not say.
    """

    at = models.DateTimeField(db_index=True)
    counts = ArrayField(models.PositiveIntegerField())

    class Meta:
        verbose_name = verbose_name_plural = _("受理耗時")

    def __str__(self) -> str:
        return f"{self.at:%F %T}"
