"""Who changed what on a board."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dashboard.models.board import Board
from foundation.clock import now


class BoardChange(models.Model):
    """One change of a board or of a chart on it, with what stood before and after. Append-only; the database refuses
    changes. ``by`` None is the city pack."""

    class What(models.TextChoices):
        LOADED = "loaded", _("由城市包載入")
        MADE = "made", _("新增儀表板")
        CHANGED = "changed", _("修改儀表板")
        CHART_ADDED = "chart_added", _("新增圖表")
        CHART_CHANGED = "chart_changed", _("修改圖表")
        CHART_MOVED = "chart_moved", _("調整次序")
        CHART_REMOVED = "chart_removed", _("移除圖表")
        KEY = "key", _("更換大螢幕網址")

    board = models.ForeignKey(Board, models.PROTECT, related_name="changes")
    at = models.DateTimeField(_("時間"), default=now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    what = models.CharField(max_length=20, choices=What)
    chart_title = models.CharField(max_length=60, blank=True)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("儀表板異動")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.board.slug} {self.what} {self.at:%Y-%m-%d}"
