"""A picture of figures, with its table and its sentence."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dashboard.models.board import Board
from dashboard.models.texts import Titled
from dashboard.querysets import ChartQuerySet
from dashboard.rules import KINDS
from organisation.models import Agency


class Kind(models.TextChoices):
    """Kinds of chart; which fit is said by ``rules.offered``."""

    NUMBER = "number", _("數字與趨勢")
    LINE = "line", _("折線圖")
    BAR = "bar", _("長條圖")
    STACKED = "stacked", _("堆疊長條圖")
    DONUT = "donut", _("環圈圖")
    TABLE = "table", _("表格")
    HEAT = "heat", _("星期與時段熱度圖")
    MAP = "map", _("行政區地圖")
    POINTS = "points", _("點位地圖")
    PROGRESS = "progress", _("目標達成")


assert tuple(Kind.values) == KINDS
ON_DISTRICTS = (Kind.MAP, Kind.POINTS)  # drawn on the districts' outlines


class Span(models.TextChoices):
    """Which time a chart is about: what the reader chose for the whole board, or a time of its own."""

    CHOSEN = "chosen", _("依儀表板所選期間")
    TODAY = "today", _("今天")
    DAYS30 = "days30", _("最近 30 天")
    MONTHS12 = "months12", _("最近 12 個月")
    YEARS5 = "years5", _("所選年度與前四年")


class Better(models.TextChoices):
    """Whether more of it is good news: colours a change, and a stock that should be nothing."""

    NEITHER = "", _("不分好壞")
    MORE = "more", _("越多越好")
    LESS = "less", _("越少越好")


class Chart(Titled):
    """Figures by their codes, broken down ``by`` nothing, time or a dimension, within given values of others.

    ``split`` shows each month of one figure by its parts. A chart may be of another agency or category than its board:
    by these it is found as a topic.
    """

    board = models.ForeignKey(Board, models.CASCADE, related_name="charts", verbose_name=_("儀表板"))
    order = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(_("圖表種類"), max_length=10, choices=Kind)
    figures = models.JSONField(_("指標"), default=list)
    by = models.CharField(max_length=40, blank=True)
    split = models.CharField(max_length=40, blank=True)
    span = models.CharField(_("期間"), max_length=10, choices=Span, default=Span.CHOSEN)
    within = models.JSONField(default=dict, blank=True)
    better = models.CharField(_("增加是好消息嗎"), max_length=4, choices=Better, blank=True)
    note = models.CharField(_("附註"), max_length=300, blank=True)
    note_en = models.CharField(_("英文附註"), max_length=600, blank=True)
    source = models.CharField(_("資料來源"), max_length=200, blank=True)
    source_en = models.CharField(_("英文資料來源"), max_length=400, blank=True)
    use_case = models.CharField(_("怎麼用"), max_length=300, blank=True)
    use_case_en = models.CharField(_("英文怎麼用"), max_length=600, blank=True)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("機關"))
    category = models.CharField(_("分類"), max_length=40, blank=True)

    objects = ChartQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("圖表")
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(name="chart_kind_known", condition=models.Q(kind__in=Kind.values)),
            models.CheckConstraint(name="chart_span_known", condition=models.Q(span__in=Span.values)),
        ]

    def get_absolute_url(self) -> str:
        return f"{self.board.get_absolute_url()}#chart-{self.pk}"

    @property
    def page_url(self) -> str:
        """The page of this chart alone."""
        return reverse("board-chart", args=[self.board.slug, self.pk])

    @property
    def is_wide(self) -> bool:
        """Whether it takes the whole width of a board."""
        return self.kind in (Kind.TABLE, Kind.HEAT)
