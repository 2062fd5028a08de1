"""A list that somebody looks at often, under a name."""

from urllib.parse import parse_qsl

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organisation.permissions import grants_of


class SavedViewQuerySet(models.QuerySet):
    """Saved views."""

    def visible_to(self, user) -> "SavedViewQuerySet":
        """One's own, and those shared in one's units."""
        return self.filter(Q(owner_id=user.pk) | Q(unit_id__in=grants_of(user).scope("cases:read").units))


class SavedView(models.Model):
    """A name for a filter of the queue; with a unit it is shared with the unit."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    unit = models.ForeignKey("organisation.Unit", models.CASCADE, null=True, blank=True, related_name="+")
    name = models.CharField(_("名稱"), max_length=40)
    query = models.CharField(max_length=500)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("檢視")
        verbose_name_plural = _("檢視")
        constraints = [models.UniqueConstraint(name="saved_view_name_once", fields=["owner", "name"])]

    def __str__(self) -> str:
        return self.name

    def shows(self, query: str) -> bool:
        """Whether the address of a list asks for the same as this view, in whatever order."""
        return sorted(parse_qsl(self.query)) == sorted(parse_qsl(query))
