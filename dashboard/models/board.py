"""A page of charts about one topic."""

from __future__ import annotations

import secrets

from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dashboard.models.texts import Titled
from dashboard.querysets import BoardQuerySet
from organisation.models import Agency


class Audience(models.TextChoices):
    """For whom a board is; a board for the public shows only what is public."""

    PUBLIC = "public", _("公開")
    AGENCY = "agency", _("機關內部")
    CONTROL = "control", _("應變中心大螢幕")


def new_key() -> str:
    """An address that cannot be guessed: 128 bits."""
    return secrets.token_urlsafe(16)


class Board(Titled):
    """What is shown together, in order, under the same filters.

    A control room looks at a board by ``screen_key``, so that a screen on a wall needs no account; a new key ends the
    old address. ``frame_sites`` are the sites, one a line, that may show the board in a frame; empty: none.
    ``pack_digest`` is what the pack's own text of the board was when it was loaded.
    """

    slug = models.CharField(
        _("網址名稱"),
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9]+(-[a-z0-9]+)*\Z", _("「網址名稱」只能用小寫英文字母、數字與連字號，例如 road-repair。")
            )
        ],
    )
    audience = models.CharField(_("給誰看"), max_length=10, choices=Audience, default=Audience.PUBLIC)
    lead = models.CharField(_("說明"), max_length=300, blank=True)
    lead_en = models.CharField(_("英文說明"), max_length=600, blank=True)
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("業務機關")
    )
    category = models.CharField(_("分類"), max_length=40, blank=True)
    order = models.PositiveSmallIntegerField(_("次序"), default=100)
    is_published = models.BooleanField(_("上架"), default=True)
    frame_sites = models.TextField(_("可以嵌入的網站"), blank=True)
    screen_key = models.CharField(max_length=30, unique=True, default=new_key)
    pack_digest = models.CharField(max_length=64, blank=True)

    objects = BoardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("儀表板")
        ordering = ["order", "slug"]
        constraints = [
            models.CheckConstraint(name="board_audience_known", condition=models.Q(audience__in=Audience.values)),
            models.CheckConstraint(
                name="board_of_an_agency_names_it",
                condition=~models.Q(audience="agency") | models.Q(agency__isnull=False),
            ),
        ]

    @property
    def is_public(self) -> bool:
        return self.audience == Audience.PUBLIC

    @property
    def sites(self) -> list[str]:
        """The sites that may show it in a frame, as origins."""
        return self.frame_sites.split()

    @property
    def said(self) -> str:
        """What it is about, in the language of the page."""
        return self.in_language("lead")

    def get_absolute_url(self) -> str:
        return reverse("board", args=[self.slug])
