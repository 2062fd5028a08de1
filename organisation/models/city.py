from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class City(models.Model):
    """Which city this database belongs to: one row, written when its pack is loaded.

    ``digest`` is the SHA-256 of the pack's data files: a changed pack is noticed, another city's pack is refused.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    pack = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = _("城市")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="city_is_one")]

    def __str__(self) -> str:
        return self.pack
