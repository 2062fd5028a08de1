"""The timeline: what happened to a case, in order, for good."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.registry import Kind


class CaseEventQuerySet(models.QuerySet):
    """Events of cases; who may see a case may see its events."""

    def of(self, case) -> "CaseEventQuerySet":
        """The events of a case that the reader may see."""
        return self.filter(case=case)

    def public(self) -> "CaseEventQuerySet":
        """What the citizen may read."""
        return self.filter(is_public=True)

    def told(self) -> "CaseEventQuerySet":
        """In the order of happening, with who did it."""
        return self.select_related("actor", "acting_for").order_by("at", "pk")


class CaseEvent(models.Model):
    """One entry of a case's timeline. Append-only: the database refuses UPDATE and DELETE (migration 0002), but that
    its words be emptied when they are five years old (migration 0015)."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="events", db_index=False)
    at = models.DateTimeField(_("時間"))
    verb = models.CharField(max_length=20)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    # Whose right it was, where the actor had it as that person's deputy only (``Grants.acting_for``).
    acting_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # Whom the public reads as the doer: a unit's name, never a person's.
    actor_label = models.CharField(max_length=80, blank=True)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12, blank=True)
    is_public = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    objects = CaseEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("案件歷程")
        verbose_name_plural = _("案件歷程")
        indexes = [models.Index(name="case_event_timeline", fields=["case", "at"])]

    def __str__(self) -> str:
        return f"{self.case_id} {self.verb}"

    @property
    def label(self) -> str:
        """The verb in words, as the case's lifecycle tells it."""
        return told(self.case.kind, self.verb)


# Entries that no person's verb makes.
ENGINE_EVENTS = {
    "file": _("受理"),
    "import": _("匯入"),
    "remind": _("期限將至，已提醒承辦"),
    "escalate": _("已逾期限，已通報主管"),
    "deadline": _("期限重新計算"),
    "merged": _("另一件併入本案"),
    "unmerged": _("併入的一件恢復單獨辦理"),
    "joined_done": _("併入的案件已處理"),
    "part": _("由另一件拆出"),
    "hand_in": _("陳核"),
    "approve": _("已核定"),
    "send_back": _("已退回修正"),
    "contribute": _("會辦單位回復"),
    "attach": _("補充附件"),
    "supply": _("民眾補充說明"),
    "rate": _("民眾評價"),
    "redact": _("個人資料已遮蔽，可以公開"),
    "unredact": _("收回遮蔽，暫不公開"),
    "hold": _("暫停依期限刪除資料"),
    "release": _("恢復依期限刪除資料"),
}


def told(kind: Kind, verb: str) -> str:
    """A verb of the timeline in words, as a kind's lifecycle tells it."""
    transition = kind.lifecycle.transitions.get(verb)
    return str(transition.told if transition else ENGINE_EVENTS.get(verb, verb))
