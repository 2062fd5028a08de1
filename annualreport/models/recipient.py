"""Who gets every report of a kind: agencies, the council, libraries."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annualreport.querysets import RecipientQuerySet
from annualreport.registry import Kind, kind
from identity.models import Language


class Sort(models.TextChoices):
    """What sort of body a recipient is."""

    AGENCY = "agency", _("機關")
    COUNCIL = "council", _("議會")
    LIBRARY = "library", _("圖書館")
    OTHER = "other", _("其他")


class Form(models.TextChoices):
    """What a recipient is sent: paper by hand, a file by mail."""

    PAPER = "paper", _("紙本")
    PDF = "pdf", "PDF"
    ODT = "odt", "ODT"
    DOCX = "docx", "DOCX"


class Recipient(models.Model):
    """A standing recipient of a kind of report. A list that is kept up; what was sent to whom is `Dispatch`.

    ``mail`` is the address of an office, as it stands on its letters, and no person's.
    """

    kind_code = models.CharField(_("報告種類"), max_length=20)
    name = models.CharField(_("受文者"), max_length=120)
    sort = models.CharField(_("受文者類別"), max_length=8, choices=Sort, default=Sort.AGENCY)
    form = models.CharField(_("格式"), max_length=5, choices=Form, default=Form.PAPER)
    mail = models.EmailField(_("電子郵件"), blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    copies = models.PositiveSmallIntegerField(_("份數"), default=1)
    language = models.CharField(_("語言"), max_length=10, choices=Language, default="zh-hant")

    objects = RecipientQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("固定受文者")
        constraints = [
            models.UniqueConstraint(fields=["kind_code", "name"], name="recipient_once_a_kind"),
            models.CheckConstraint(name="recipient_form_known", condition=Q(form__in=Form.values)),
            models.CheckConstraint(name="recipient_sort_known", condition=Q(sort__in=Sort.values)),
            models.CheckConstraint(name="recipient_language_known", condition=Q(language__in=Language.values)),
            models.CheckConstraint(name="recipient_copies", condition=Q(copies__gte=1)),
            models.CheckConstraint(name="recipient_file_needs_mail", condition=Q(form="paper") | ~Q(mail="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> Kind:
        return kind(self.kind_code)
