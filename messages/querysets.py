"""Choosing messages."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models

from foundation.encryption import digests
from identity.grants import grants_for


class MessageQuerySet(models.QuerySet):
    """Messages, chosen by who asks and what is to be done with them."""

    def visible_to(self, user) -> Self:
        """All of them for who may read messages; in the demo, where all persons are made up, for everybody."""
        return self if settings.DEMO or grants_for(user).has("city:messages:read") else self.none()

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def without_words(self) -> Self:
        """Without what a list does not show and would have to decrypt."""
        return self.defer("body", "short", "otherwise", "unsubscribe")

    def locked(self) -> Self:
        """Locked until the transaction ends; a message that somebody else holds is passed over."""
        return self.select_for_update(skip_locked=True)

    def queued(self) -> Self:
        return self.filter(state="queued")

    def stuck(self, before: datetime) -> Self:
        """Queued, and should have been tried before this moment: the job got lost, or its worker did."""
        return self.queued().filter(due_at__lt=before).order_by("due_at")

    def unanswered(self, before: datetime) -> Self:
        """Handed over, and the receipt should have come before this moment."""
        return self.filter(state="handed", due_at__lt=before).order_by("due_at")

    def by_channel_and_state(self, since: datetime) -> list[tuple[str, str, int]]:
        """How many of the messages since a moment went by which channel and are in which state; one statement."""
        counted = self.filter(created_at__gte=since).values("channel", "state").annotate(n=models.Count("pk"))
        return list(counted.order_by("channel", "state").values_list("channel", "state", "n"))

    def kept_since(self, moment: datetime) -> Self:
        """Kept for want of a mail server since this moment, the oldest first."""
        return self.filter(state="kept", created_at__gte=moment).order_by("pk")

    def about(self, topic: str, topic_id: int) -> Self:
        """The messages about one record."""
        return self.filter(topic=topic, topic_id=topic_id)


class DeviceQuerySet(models.QuerySet):
    """Devices that are pushed to."""

    def at(self, endpoint: str) -> Self:
        """The one of an endpoint, under every key of the ring."""
        return self.filter(endpoint_digest__in=digests(endpoint))

    def about(self, topic: str, topic_id: int) -> Self:
        """Those that want news of a record."""
        return self.filter(watches__topic=topic, watches__topic_id=topic_id).order_by("pk")


class InboundQuerySet(models.QuerySet):
    """What came in, chosen by who asks and what is to be done with it."""

    def visible_to(self, user) -> Self:
        """All of it for who works in the city's mailbox or audits it."""
        return self if grants_for(user).has("city:mailbox:read") else self.none()

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def for_list(self) -> Self:
        """Without what a list does not show and would have to decrypt."""
        return self.defer("raw", "text", "files", "sender_name")

    def waiting(self) -> Self:
        """What a person has to look at, the oldest first."""
        return self.filter(became="person").order_by("pk")

    def locked(self) -> Self:
        """Locked until the transaction ends."""
        return self.select_for_update()

    def awaiting(self, token) -> Self:
        """What a confirmation link leads to."""
        return self.filter(token=token)

    def sent_by(self, digests: list[str], since: datetime) -> Self:
        """What one sender has sent since a moment."""
        return self.filter(sender_digest__in=digests, taken_at__gte=since)

    def unread(self, before: datetime) -> Self:
        """Taken in before a moment and not read yet: the job got lost."""
        return self.filter(became="new", taken_at__lt=before)
