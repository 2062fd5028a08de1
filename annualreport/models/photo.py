"""A photo that a section's text places by its name."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from annualreport.models.section import Section
from annualreport.querysets import PhotoQuerySet
from foundation import clock
from foundation.language import in_language


class Photo(models.Model):
    """A photo of a section: a new picture of what was uploaded, without position and camera, and what is said of it.

    ``path`` lies under MEDIA_ROOT. Once it ``is_published`` everybody may see it, and it stays: a publication shows it.
    """

    section = models.ForeignKey(Section, models.PROTECT, related_name="photos")
    name = models.CharField(_("名稱"), max_length=40)
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    path = models.CharField(max_length=200, editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    caption_zh = models.CharField(_("圖說"), max_length=200)
    caption_en = models.CharField(_("英文圖說"), max_length=400)
    alt_zh = models.CharField(_("替代文字"), max_length=300)
    alt_en = models.CharField(_("英文替代文字"), max_length=600)
    credit = models.CharField(_("攝影或來源"), max_length=120)
    is_published = models.BooleanField(default=False, editable=False)
    at = models.DateTimeField(default=clock.now, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("照片")
        constraints = [
            models.UniqueConstraint(fields=["section", "name"], name="photo_name_once_a_section"),
            models.CheckConstraint(name="photo_name_form", condition=Q(name__regex=r"^[a-z0-9][a-z0-9-]*$")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """Where its picture is."""
        return reverse("report-photo-file", args=[self.token])

    @property
    def caption(self) -> str:
        """In the reader's language."""
        return in_language(self.caption_zh, self.caption_en)

    @property
    def alt(self) -> str:
        """What it shows, for those who do not see it, in the reader's language."""
        return in_language(self.alt_zh, self.alt_en)
