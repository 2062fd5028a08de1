from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organisation.models.named import Named
from organisation.querysets import DirectoryQuerySet


class Agency(Named):
    """An agency of the city (機關): a bureau, a department, a commission or a district office.

    ``code`` is the pack's own short name for it; ``organ_code`` is the code of the central personnel administration
    (機關代碼) and ``oid`` its object identifier, each blank where it is not known.
    """

    code = models.CharField(max_length=40, unique=True)
    organ_code = models.CharField(max_length=10, blank=True)
    oid = models.CharField(max_length=80, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("機關")
        ordering = ["order", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$"), name="agency_code_is_a_slug"),
            models.UniqueConstraint(
                fields=["organ_code"], condition=~Q(organ_code=""), name="agency_organ_code_belongs_to_one"
            ),
            models.UniqueConstraint(fields=["oid"], condition=~Q(oid=""), name="agency_oid_belongs_to_one"),
        ]
