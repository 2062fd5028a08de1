"""A report as it was published, and to whom it was sent."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annualreport.models.report import Report
from annualreport.querysets import DispatchQuerySet, PublicationQuerySet
from foundation import clock


class Publication(models.Model):
    """A published version: the whole document in each language, words and numbers as they were that day. Append-only.

    ``documents`` maps languages to what `annualreport.actions.documents` makes; ``note`` says what a later version
    changes.
    """

    report = models.ForeignKey(Report, models.PROTECT, related_name="publications")
    number = models.PositiveIntegerField(_("版次"))
    at = models.DateTimeField(_("公布時間"), default=clock.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("公布人員"))
    note = models.TextField(_("與前一版的差異"), blank=True)
    documents = models.JSONField()

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("公布版本")
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="publication_number_once"),
            models.CheckConstraint(
                name="publication_says_what_changed", condition=models.Q(number=1) | ~models.Q(note="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.number}"


class Way(models.TextChoices):
    """How a report reached somebody."""

    LETTER = "letter", _("公文")
    POST = "post", _("郵寄")
    MAIL = "mail", _("電子郵件")
    HAND = "hand", _("親送")


class Dispatch(models.Model):
    """That a published version was sent to somebody: noted by hand, or by mail with a file (``form``). Append-only."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="dispatches")
    recipient = models.CharField(_("受文者"), max_length=160)
    way = models.CharField(_("方式"), max_length=8, choices=Way)
    form = models.CharField(_("格式"), max_length=5, blank=True)
    reference = models.CharField(_("文號或備註"), max_length=200, blank=True)
    on = models.DateField(_("發送日期"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = DispatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("分送紀錄")

    def __str__(self) -> str:
        return f"{self.recipient} {self.on}"
