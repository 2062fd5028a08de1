"""Which version of a classifier answers, since when and by whose will."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from classification.models.version import Version
from classification.querysets import InForceQuerySet


class InForce(models.Model):
    """A line of an append-only log: the newest of a classifier says which version answers.

    ``pinned``: a person chose this version, and training does not replace it until a person lets go.
    """

    classifier = models.CharField(max_length=40)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="times_in_force")
    since = models.DateTimeField(_("啟用時間"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    pinned = models.BooleanField(default=False)
    reason = models.CharField(_("原因"), max_length=200, blank=True)

    objects = InForceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("啟用紀錄")
        ordering = ["classifier", "-pk"]
        indexes = [models.Index(name="model_in_force", fields=["classifier", "-id"])]

    def __str__(self) -> str:
        return f"{self.version} {self.since:%Y-%m-%d %H:%M}"
