"""Who wants to hear what happens in a part of the city."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from foundation import clock
from foundation.encryption import EncryptedTextField, digests


class SubscriptionQuerySet(models.QuerySet):
    """Subscriptions."""

    def of_address(self, email: str) -> Self:
        """Those of one address, under every key of the ring."""
        return self.filter(email_digest__in=digests(email))

    def with_area(self) -> Self:
        return self.select_related("district")

    def unconfirmed_before(self, moment: datetime) -> Self:
        return self.filter(confirmed_at=None, created_at__lt=moment)

    def with_news(self, frequency: str, on: date) -> Self:
        """Confirmed ones for which something waits; a daily one that had its letter today waits for tomorrow."""
        waiting = self.filter(Exists(News.objects.filter(subscription=OuterRef("pk"))), frequency=frequency)
        if frequency == Subscription.Frequency.DAILY:
            waiting = waiting.filter(Q(sent_on=None) | Q(sent_on__lt=on))
        return waiting.filter(confirmed_at__isnull=False).order_by("pk")


class Subscription(models.Model):
    """An area, kinds, and where to write: a district, a box, or a circle (whose box is kept with it, for the index)."""

    class Frequency(models.TextChoices):
        AT_ONCE = "at_once", _("有消息就寄")
        DAILY = "daily", _("每天早上彙整一封")

    email = EncryptedTextField(_("電子郵件"), digest_in="email_digest")
    email_digest = models.CharField(max_length=32, db_index=True)
    language = models.CharField(max_length=10, default="zh-hant")
    kinds = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    district = models.ForeignKey("organisation.District", models.PROTECT, null=True, blank=True, related_name="+")
    west = models.FloatField(null=True)
    south = models.FloatField(null=True)
    east = models.FloatField(null=True)
    north = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    metres = models.PositiveIntegerField(null=True)
    frequency = models.CharField(max_length=8, choices=Frequency, default=Frequency.DAILY)
    created_at = models.DateTimeField(default=clock.now)
    confirmed_at = models.DateTimeField(null=True)
    sent_on = models.DateField(null=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("訂閱")
        verbose_name_plural = _("訂閱")
        constraints = [
            models.CheckConstraint(name="subscription_can_be_told", condition=~Q(email="") & ~Q(email_digest="")),
            models.CheckConstraint(
                name="subscription_frequency_known", condition=Q(frequency__in=["at_once", "daily"])
            ),
            models.CheckConstraint(
                name="subscription_one_area",
                condition=Q(district__isnull=False, west=None, south=None, east=None, north=None)
                | Q(district=None, west__isnull=False, south__isnull=False, east__isnull=False, north__isnull=False,
                    west__lt=F("east"), south__lt=F("north")),
            ),
            models.CheckConstraint(
                name="subscription_circle_whole",
                condition=Q(lon=None, lat=None, metres=None)
                | Q(lon__isnull=False, lat__isnull=False, metres__gt=0, west__isnull=False),
            ),
        ]  # fmt: skip
        # And by the boxes, in migration 0002: a GiST index that the matching of news goes by.
        indexes = [models.Index(name="subscription_unsure", fields=["created_at"], condition=Q(confirmed_at=None))]

    def __str__(self) -> str:
        return f"subscription {self.pk}"


class News(models.Model):
    """Something that a subscription is to be told of; gone with the letter."""

    class What(models.TextChoices):
        NEW = "new", _("新通報")
        DONE = "done", _("已完成")

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="news", db_index=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+", db_index=False)
    what = models.CharField(max_length=4, choices=What)
    found_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("待寄消息")
        verbose_name_plural = _("待寄消息")
        constraints = [
            models.UniqueConstraint(name="news_once", fields=["subscription", "case", "what"]),
            models.CheckConstraint(name="news_known", condition=Q(what__in=["new", "done"])),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.case_id}"


class Reading(models.Model):
    """How far the timelines have been read for news: one row. ``seen`` was the last entry at the run before.

    Entries get their numbers before they are committed, so a run reads only up to what the run before it saw: by then
    every transaction with a lower number has ended, and none is passed over.
    """

    read = models.BigIntegerField(default=0)
    seen = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("讀取進度")
        verbose_name_plural = _("讀取進度")
        constraints = [models.CheckConstraint(name="reading_is_one_row", condition=Q(pk=1))]

    def __str__(self) -> str:
        return f"{self.read} of {self.seen}"
