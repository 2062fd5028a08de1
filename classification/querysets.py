"""Which versions of a model: by who may see them, by classifier, by what is in force."""

from __future__ import annotations

from django.db import models

from organisation.permissions import grants_of

READ = "city:models:read"


class VersionQuerySet(models.QuerySet):
    """Versions of models."""

    def visible_to(self, user) -> VersionQuerySet:
        """All of them to whoever may read the model cards, none to anybody else; never with their weights."""
        return self.light() if grants_of(user).has(READ) else self.none()

    def light(self) -> VersionQuerySet:
        """Without their weights, which are megabytes."""
        return self.defer("weights")

    def of(self, code: str) -> VersionQuerySet:
        """Those of one classifier, the newest first."""
        return self.filter(classifier=code).order_by("-number")


class InForceQuerySet(models.QuerySet):
    """Lines of the log."""

    def of(self, code: str) -> InForceQuerySet:
        """Those of one classifier, the newest first, with their versions but without weights."""
        return self.filter(classifier=code).select_related("version", "by").defer("version__weights").order_by("-pk")

    def now(self) -> InForceQuerySet:
        """The newest line of each classifier."""
        return self.order_by("classifier", "-pk").distinct("classifier")
