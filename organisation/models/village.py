from django.db import models
from django.utils.translation import gettext_lazy as _

from organisation.models.district import District
from organisation.models.named import Named
from organisation.querysets import DirectoryQuerySet


class Village(Named):
    """A village of a district (里), the smallest division. ``lon`` and ``lat`` (WGS 84) lie inside it."""

    code = models.CharField(max_length=11, primary_key=True)
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="villages")
    lon = models.FloatField()
    lat = models.FloatField()
    active = models.BooleanField(default=True)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("里")
        ordering = ["code"]
