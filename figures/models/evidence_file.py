"""A file that proves what was entered."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from figures.models.manual_entry import ManualEntry


class EvidenceFile(models.Model):
    """A PDF, a picture or a table kept with an entry. Append-only; the database refuses changes, and the path holds the
    hash of the content. Not public: it may name people. ``permissions.visible_evidence`` says who sees it, and
    each look is in the log of disclosures.
    """

    entry = models.ForeignKey(ManualEntry, models.PROTECT, related_name="files")
    path = models.CharField(max_length=200, unique=True)
    name = models.CharField(_("檔名"), max_length=200)
    content_type = models.CharField(max_length=100)

    class Meta:
        verbose_name = verbose_name_plural = _("佐證檔案")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
