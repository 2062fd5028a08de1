"""What a crew used on a job."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.language import in_language


class MaterialUseQuerySet(models.QuerySet):
    """Materials used on jobs; who may see a job may see what was used on it."""

    def of(self, case) -> "MaterialUseQuerySet":
        """What was used on a case, trip by trip."""
        return self.filter(job__case=case).select_related("job__crew").order_by("job__ended_at", "pk")

    def on(self, job) -> "MaterialUseQuerySet":
        """What was used on one trip, in the order of the list."""
        return self.filter(job=job).order_by("pk")

    def visible_to(self, user, permission: str = "workload:read") -> "MaterialUseQuerySet":
        """What was used on the cases that a permission of the reader reaches."""
        from cases.models import Case

        return self.filter(job__case__in=Case.objects.visible_to(user, permission))


class MaterialUse(models.Model):
    """An amount of one material on one job. ``material`` is a code of the rule ``materials`` in the city pack; words
    and unit are kept as they were on that day, for a list that changes later must not rewrite what was used."""

    job = models.ForeignKey("servicerequests.Job", models.PROTECT, related_name="materials")
    material = models.CharField(max_length=40)
    label_zh = models.CharField(max_length=80)
    label_en = models.CharField(max_length=80)
    unit_zh = models.CharField(max_length=20)
    unit_en = models.CharField(max_length=20)
    amount = models.DecimalField(_("數量"), max_digits=9, decimal_places=3)

    objects = MaterialUseQuerySet.as_manager()

    class Meta:
        verbose_name = _("使用材料")
        verbose_name_plural = _("使用材料")
        constraints = [
            models.UniqueConstraint(name="material_once_a_job", fields=["job", "material"]),
            models.CheckConstraint(name="material_amount_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} {self.material} {self.amount}"

    @property
    def label(self) -> str:
        return in_language(self.label_zh, self.label_en)

    @property
    def unit(self) -> str:
        return in_language(self.unit_zh, self.unit_en)

    @property
    def amount_in_words(self) -> str:
        """``2.5 公升``: without zeros at the end."""
        return f"{self.amount.normalize():f} {self.unit}"
