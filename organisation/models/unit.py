from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from organisation.models.agency import Agency
from organisation.models.named import Named
from organisation.querysets import DirectoryQuerySet


class Unit(Named):
    """A unit within an agency (單位): a section, a brigade, a precinct, or a crew that goes out.

    Units form a tree within their agency: that a parent is of the same agency is a composite foreign key (migration
    0002).
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="units")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    code = models.CharField(max_length=40, unique=True)
    is_crew = models.BooleanField(default=False)
    # A crew of a firm that works for the city by contract: it sees what it was sent to do and nothing else.
    is_contractor = models.BooleanField(default=False)
    # Where a crew sets out from, in WGS 84.
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("單位")
        ordering = ["order", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$"), name="unit_code_is_a_slug"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="unit_is_not_its_own_parent"),
            models.CheckConstraint(
                condition=Q(is_contractor=False) | Q(is_crew=True), name="unit_contractor_is_a_crew"
            ),
        ]
