"""The city's own routing rules: a draft that a person works on, and the versions that were put in force."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from organisation.permissions import grants_of


class RoutingQuerySet(models.QuerySet):
    """Drafts and versions of routing rules."""

    def visible_to(self, user, permission: str = "city:routing:read") -> "RoutingQuerySet":
        """All of them to whoever may read the rules, none to anybody else."""
        return self.select_related("by") if grants_of(user).has(permission) else self.none()

    def standing(self) -> "RoutingQuerySet":
        """Versions that were not cancelled before they came into force."""
        return self.filter(cancellation=None)

    def with_cancellations(self) -> "RoutingQuerySet":
        """Versions with whether, why and by whom they were cancelled, in the same statement."""
        return self.select_related("by", "cancellation__by")

    def newest_first(self) -> "RoutingQuerySet":
        """By number, the newest first."""
        return self.order_by("-number")

    def timeline(self) -> list[tuple]:
        """When which of the newest versions came or comes into force, as (since, number), the last one first."""
        return list(self.standing().order_by("-since", "-number").values_list("since", "number")[:50])


class RoutingVersion(models.Model):
    """Rules on top of those of the city pack, in force from ``since`` until the next version's. Append-only."""

    number = models.PositiveIntegerField(unique=True)
    since = models.DateTimeField(_("生效時間"))
    # As cases.routing.Route.to_json; the whole set, not the difference to the version before.
    rules = models.JSONField()
    # What trying it out on last month's cases gave.
    trial = models.JSONField()
    reason = models.CharField(_("原因"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    objects = RoutingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("分案規則版本")
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(name="routing_version_from_one", condition=Q(number__gte=1)),
            models.CheckConstraint(name="routing_version_not_backdated", condition=Q(since__gte=F("decided_at"))),
            models.CheckConstraint(name="routing_version_says_why", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return str(self.number)


class RoutingCancellation(models.Model):
    """That a version which had not come into force yet never will. Append-only."""

    version = models.OneToOneField(RoutingVersion, models.PROTECT, related_name="cancellation")
    reason = models.CharField(_("原因"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = _("取消的分案規則版本")
        constraints = [models.CheckConstraint(name="routing_cancellation_says_why", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return str(self.version)


class RoutingDraft(models.Model):
    """A change that is being worked on. ``based_on`` is the number of the version it started from, 0 the pack alone."""

    based_on = models.PositiveIntegerField()
    rules = models.JSONField(default=list)
    # What trying it out gave, with the digest of the rules that were tried.
    trial = models.JSONField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    objects = RoutingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("分案規則草案")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return str(self.pk)
