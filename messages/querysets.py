"""Choosing messages."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models

from identity.grants import grants_for


class MessageQuerySet(models.QuerySet):
    """Messages, chosen by who asks and what is to be done with them."""

    def visible_to(self, user) -> Self:
        """All of them for who may read messages; in the demo, where all persons are made up, for everybody."""
        return self if settings.DEMO or grants_for(user).has("city:messages:read") else self.none()

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def locked(self) -> Self:
        """Locked until the transaction ends; a message that somebody else holds is passed over."""
        return self.select_for_update(skip_locked=True)

    def queued(self) -> Self:
        return self.filter(state="queued")

    def stuck(self, before: datetime) -> Self:
        """Queued, and should have been tried before this moment: the job got lost, or its worker did."""
        return self.queued().filter(due_at__lt=before).order_by("due_at")

    def kept_since(self, moment: datetime) -> Self:
        """Kept for want of a mail server since this moment, the oldest first."""
        return self.filter(state="kept", created_at__gte=moment).order_by("pk")

    def about(self, topic: str, topic_id: int) -> Self:
        """The messages about one record."""
        return self.filter(topic=topic, topic_id=topic_id)
