"""Files of a case: photos and documents, private by default."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cases.models.redaction import Redaction
from cases.registry import kinds
from foundation import files
from organisation.permissions import grants_of


class AttachmentQuerySet(models.QuerySet):
    """Attachments."""

    def visible_to(self, user) -> "AttachmentQuerySet":
        """The files of the cases that a person may see."""
        from cases.models.case import Case

        if grants_of(user).scope("cases:read").city:
            return self.filter(case__isnull=False)
        return self.filter(case__in=Case.objects.visible_to(user))

    def of(self, case) -> "AttachmentQuerySet":
        """The files of a case that the reader may see, in the order in which they came."""
        return self.filter(case=case).order_by("uploaded_at", "pk")

    def awaiting(self) -> "AttachmentQuerySet":
        """Pictures whose copies were put off, the oldest first."""
        return self.exclude(awaits="").order_by("pk")

    def of_public(self) -> "AttachmentQuerySet":
        """The files that the reporter, and with a public kind everybody, may see: images stripped of position."""
        return self.filter(case__isnull=False, is_public=True)

    def published(self) -> "AttachmentQuerySet":
        """The photos that anybody may see: as the kind's ``photos_public`` says, those that an officer looked through,
        all of them, or none."""
        when = {code: kind.photos_public for code, kind in kinds().items() if not kind.sensitive}
        always = [code for code, said in when.items() if said == "always"]
        reviewed = [code for code, said in when.items() if said == "reviewed"]
        looked_through = Exists(Redaction.objects.in_force().filter(attachment=OuterRef("pk")))
        return self.of_public().filter(Q(case__kind_code__in=always) | Q(looked_through, case__kind_code__in=reviewed))

    def first_of_reports(self, cases) -> list[tuple[int, object]]:
        """Of each of these cases (by primary key) the first photo that came with the report, as (case, token)."""
        photos = self.published().filter(case_id__in=cases, phase="report").order_by("case_id", "uploaded_at", "pk")
        return list(photos.distinct("case_id").values_list("case_id", "token"))

    def for_reporter(self, case) -> "AttachmentQuerySet":
        """The pictures of a case that its reporter may see, with those that will be when their copies are made."""
        return self.of(case).filter(Q(is_public=True) | Q(awaits="public"))

    def for_consulted(self, case_id: int) -> "AttachmentQuerySet":
        """The pictures of a case, stripped, that a unit sees which is asked for its part: those of the report, and what
        is public. Not documents, which may say who reported it, and not what the unit in charge keeps for itself."""
        pictures = self.filter(case_id=case_id).exclude(shown="").order_by("uploaded_at", "pk")
        return pictures.filter(Q(is_public=True) | Q(phase="report"))

    def drafts(self, tokens) -> "AttachmentQuerySet":
        """Uploaded but not yet filed, by the unguessable tokens that their uploader holds."""
        return self.filter(case__isnull=True, token__in=tokens)


class Attachment(models.Model):
    """One file. ``original`` is kept as evidence and never shown to the public; ``shown`` is the stripped copy, with
    what an officer covered (`cases.models.redaction`). ``original`` is empty once it was destroyed by rule.

    In a storm the copies are made later: until then ``awaits`` says for whom, and nothing of the picture is public.
    """

    class Awaits(models.TextChoices):
        NOTHING = "", "—"
        PUBLIC = "public", _("公開用")
        DESK = "desk", _("承辦用")

    class Phase(models.TextChoices):
        REPORT = "report", _("通報時")
        BEFORE = "before", _("施作前")
        AFTER = "after", _("施作後")
        OTHER = "other", _("其他")

    token = models.UUIDField(unique=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, null=True, blank=True, related_name="attachments")
    phase = models.CharField(max_length=8, choices=Phase, default=Phase.REPORT)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    original = models.CharField(max_length=200, blank=True)
    shown = models.CharField(max_length=200, blank=True)
    thumbnail = models.CharField(max_length=200, blank=True)
    is_public = models.BooleanField(default=False)
    awaits = models.CharField(max_length=6, choices=Awaits, blank=True, default="", db_default="")
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("附件")
        verbose_name_plural = _("附件")
        constraints = [
            models.CheckConstraint(
                name="attachment_phase_known", condition=Q(phase__in=["report", "before", "after", "other"])
            ),
            # The public is never given an original, which may carry the reporter's position.
            models.CheckConstraint(
                name="attachment_awaits_copies",
                condition=Q(awaits="") | Q(awaits__in=["public", "desk"], shown="", is_public=False),
            ),
            models.CheckConstraint(name="attachment_public_is_stripped", condition=Q(is_public=False) | ~Q(shown="")),
        ]
        indexes = [
            models.Index(name="attachment_awaits", fields=["id"], condition=~Q(awaits="")),
            models.Index(name="attachment_draft", fields=["uploaded_at"], condition=Q(case__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.name

    def remove_files(self) -> None:
        """Delete the files of a draft that was never filed."""
        for path in filter(None, (self.original, self.shown, self.thumbnail)):
            files.delete(path)

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")
