"""What was looked through and covered before it became public: regions of photos, spans of texts."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation import clock


class RedactionQuerySet(models.QuerySet):
    """Redactions."""

    def of(self, case) -> Self:
        """Those of a case that the reader may see, the newest first."""
        return self.filter(case=case).select_related("by").order_by("-pk")

    def in_force(self) -> Self:
        """Those that decide what the public sees now."""
        return self.filter(in_force=True)

    def public_texts(self, case) -> dict[int | None, str]:
        """The texts of a case that may be public, as the public reads them: by their event, None the description."""
        return dict(self.in_force().filter(case=case, attachment=None).values_list("event_id", "text"))


class Redaction(models.Model):
    """One review of one photo (``attachment``), of the text of one ``event``, or with neither of the description.

    ``marks`` are its regions or spans (`cases.redaction`), none where nothing had to be covered. The one in force
    decides what is public; without one the photo or text was not looked through. ``previous`` is what it replaced, so
    that it can be undone, and what was undone done again. Of a photo the attachment's ``shown`` and ``thumbnail`` are
    made anew from the original with each change: no file of the photo without its marks is left beside the original.
    """

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="redactions")
    attachment = models.ForeignKey("cases.Attachment", models.CASCADE, null=True, related_name="redactions")
    event = models.ForeignKey("cases.CaseEvent", models.PROTECT, null=True, related_name="+")
    marks = models.JSONField(_("遮蔽處"), default=list)
    text = models.TextField(_("公開的文字"), blank=True)
    previous = models.ForeignKey("self", models.CASCADE, null=True, related_name="+")
    in_force = models.BooleanField(_("生效中"), default=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("時間"), default=clock.now)

    objects = RedactionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("遮蔽")
        constraints = [
            models.CheckConstraint(
                name="redaction_of_one_thing", condition=Q(attachment__isnull=True) | Q(event__isnull=True)
            ),
            models.UniqueConstraint(
                name="redaction_photo_once", fields=["attachment"], condition=Q(in_force=True, attachment__isnull=False)
            ),
            models.UniqueConstraint(
                name="redaction_event_once", fields=["event"], condition=Q(in_force=True, event__isnull=False)
            ),
            models.UniqueConstraint(
                name="redaction_description_once",
                fields=["case"],
                condition=Q(in_force=True, attachment__isnull=True, event__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
