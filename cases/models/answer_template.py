"""Beginnings of answers, kept by the editors: never sent as they are, always the start of somebody's draft."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models.case import Outcome
from cases.rules import unknown_places

ENDINGS = ("fixed", "answered", "not_found", "not_ours", "declined")  # the outcomes that an officer answers with


class AnswerTemplateQuerySet(models.QuerySet):
    """Templates of answers; nothing in them is personal."""

    def for_kind(self, kind_code: str) -> AnswerTemplateQuerySet:
        """Those that fit a kind: its own first, then those for every kind."""
        return self.filter(Q(kind_code=kind_code) | Q(kind_code="")).order_by("-kind_code", "outcome", "title")

    def listed(self) -> AnswerTemplateQuerySet:
        """All, for their editors; one statement."""
        return self.select_related("changed_by").order_by("kind_code", "outcome", "title")


class AnswerTemplate(models.Model):
    """The beginning of an answer for a kind (or every kind) and an outcome, with places such as ``{案號}``."""

    title = models.CharField(gettext_lazy("名稱"), max_length=60)
    kind_code = models.CharField(gettext_lazy("種類"), max_length=40, blank=True)
    outcome = models.CharField(gettext_lazy("處理結果"), max_length=10, choices=Outcome)
    body = models.TextField(gettext_lazy("內容"), max_length=4000)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    objects = AnswerTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("答復範本")
        verbose_name_plural = gettext_lazy("答復範本")
        constraints = [
            models.UniqueConstraint(
                name="answer_template_title_once",
                fields=["kind_code", "title"],
                violation_error_message=gettext_lazy("這個種類已有同名的範本，請換一個名稱。"),
            ),
            models.CheckConstraint(name="answer_template_outcome", condition=Q(outcome__in=ENDINGS)),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Refuse a place that nobody fills, by its name."""
        if unknown := unknown_places(self.body):
            raise ValidationError(
                {"body": _("沒有這些欄位：%(names)s。") % {"names": "、".join(f"{{{name}}}" for name in unknown)}}
            )
