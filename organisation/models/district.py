from django.db import models
from django.utils.translation import gettext_lazy as _

from organisation.models.named import Named
from organisation.querysets import DirectoryQuerySet


class District(Named):
    """A district of the city (區). ``lon`` and ``lat`` (WGS 84) lie inside it.

    The key is the official code of eight digits, so that a point or a name found in the pack gives the foreign key
    without asking the database.
    """

    code = models.CharField(max_length=8, primary_key=True)
    zip3 = models.CharField(max_length=3, blank=True)
    lon = models.FloatField()
    lat = models.FloatField()
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("行政區")
        ordering = ["order", "code"]
