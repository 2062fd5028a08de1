"""The marks that say on which days records have changed."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Touched(models.Model):
    """Records of a group have changed on a day, and the figures do not know yet.

    Without a unique key, on purpose: two writers who mark the same day must not wait for each other. ``actions.drain``
    takes many marks at once; what takes long it leaves behind as ``slow`` marks, which are taken less often.
    """

    group = models.CharField(max_length=40)
    day = models.DateField()
    at = models.DateTimeField(db_default=Now())
    slow = models.BooleanField(db_default=False)

    class Meta:
        verbose_name = _("待更新日")
        verbose_name_plural = _("待更新日")

    def __str__(self) -> str:
        return f"{self.group} {self.day}"
