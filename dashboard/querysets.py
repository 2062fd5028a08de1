"""Named questions to the boards."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from organisation.permissions import grants_of


class BoardQuerySet(models.QuerySet):
    def visible_to(self, user) -> BoardQuerySet:
        """The boards that a person may open: public ones, those of their agency, and with the right to read all
        figures every one. What is not published is only for who edits boards."""
        grants = grants_of(user)
        seen = self if grants.has("city:boards:change") else self.filter(is_published=True)
        if grants.has("city:figures:read"):
            return seen
        agencies = {reach.agency_id for reach in grants.reaches if reach.agency_id is not None}
        return seen.filter(Q(audience="public") | Q(audience="agency", agency__in=agencies))

    def public(self) -> BoardQuerySet:
        """What everybody may see."""
        return self.filter(is_published=True, audience="public")

    def by_key(self, key: str) -> BoardQuerySet:
        """The published board that a screen on a wall shows."""
        return self.filter(is_published=True, screen_key=key)

    def changeable_by(self, user) -> BoardQuerySet:
        """The boards that a person may change."""
        return self if grants_of(user).has("city:boards:change") else self.none()


class ChartQuerySet(models.QuerySet):
    def of(self, boards: BoardQuerySet) -> ChartQuerySet:
        """The charts of some boards in order, each with its board and agencies."""
        return self.filter(board__in=boards).select_related("board__agency", "agency")
