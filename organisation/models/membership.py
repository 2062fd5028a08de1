from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from organisation.models.agency import Agency
from organisation.models.post import Post
from organisation.models.unit import Unit
from organisation.querysets import MembershipQuerySet


class Membership(models.Model):
    """A person's role in a unit, in an agency as a whole, or in the city as a whole (org:Membership of W3C ORG).

    ``role`` is a code of ``identity.permissions.ROLES``. Where the role's permissions reach depends on their scope:
    unit-scoped ones to ``unit`` and the units below it, agency-scoped ones to the agency, city-scoped ones everywhere.
    A membership with neither unit nor agency belongs to the city as a whole. ``until`` is the last day; null: open.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=32)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("任職")
        ordering = ["user", "since", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="membership_in_order"
            ),
            models.CheckConstraint(
                # The unit says which agency it is.
                condition=Q(unit__isnull=True) | Q(agency__isnull=True),
                name="membership_in_a_unit_or_in_an_agency",
            ),
            models.CheckConstraint(
                condition=Q(post__isnull=True) | Q(unit__isnull=False), name="membership_post_has_unit"
            ),
            models.UniqueConstraint(
                fields=["user", "role", "unit", "agency", "since"], nulls_distinct=False, name="membership_is_said_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.unit_id or self.agency_id or 'city'}"
