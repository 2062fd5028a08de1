"""An act that needs approval before it is carried out: who put it forward, in which words, and who signed.

An answer to a citizen is one, an extension another: anything that a lifecycle has a verb for can be.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.clock import today
from organisation.pack import pack
from organisation.permissions import grants_of


def single_handed() -> list[str]:
    """Codes of the units in which whoever drafts may sign as well, by a rule of the city; none without such a rule."""
    try:
        return list(pack().rule("single_handed_units", today()).value)
    except LookupError:
        return []


class ProposalQuerySet(models.QuerySet):
    """Proposals; who may see a case may see what is proposed in it."""

    def open(self) -> ProposalQuerySet:
        """Neither carried out nor laid down."""
        return self.filter(settled_at__isnull=True)

    def of(self, case, verb: str = "") -> ProposalQuerySet:
        """What is proposed, or was, in a case that the reader may see; the newest first."""
        return (self.filter(case=case, verb=verb) if verb else self.filter(case=case)).order_by("-pk")

    def in_short(self) -> ProposalQuerySet:
        """Those open, with their newest words (``text``, ``amount`` of an extension, ``number``) and their signatures;
        two statements at most."""
        newest = Version.objects.filter(proposal=models.OuterRef("pk")).order_by("-number")
        return (
            self.open()
            .select_related("by")
            .annotate(
                text=models.Subquery(newest.values("inputs__text")[:1]),
                amount=models.Subquery(newest.values("inputs__amount")[:1]),
                number=models.Subquery(newest.values("number")[:1]),
            )
            .prefetch_related(models.Prefetch("endorsements", Endorsement.objects.in_order()))
        )

    def told(self) -> ProposalQuerySet:
        """With its versions and signatures, and who gave them; three statements."""
        return self.select_related("by").prefetch_related(
            models.Prefetch("versions", Version.objects.select_related("by").order_by("number")),
            models.Prefetch("endorsements", Endorsement.objects.in_order()),
        )


class Proposal(models.Model):
    """One act put forward. A case has at most one open proposal for each verb."""

    class State(models.TextChoices):
        DRAFT = "draft", _("擬稿中")
        HANDED_IN = "handed_in", _("陳核中")
        APPROVED = "approved", _("已核定")
        DROPPED = "dropped", _("已作廢")

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="proposals")
    verb = models.CharField(max_length=20)
    state = models.CharField(_("狀態"), max_length=10, choices=State, default=State.DRAFT)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("擬稿人"))
    begun_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("簽辦")
        verbose_name_plural = _("簽辦")
        constraints = [
            models.UniqueConstraint(
                name="proposal_one_open_a_verb", fields=["case", "verb"], condition=Q(settled_at__isnull=True)
            ),
            models.CheckConstraint(
                name="proposal_settled_whole",
                condition=Q(settled_at__isnull=True, state__in=["draft", "handed_in"])
                | Q(settled_at__isnull=False, state__in=["approved", "dropped"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.verb}"

    @property
    def newest(self) -> Version:
        """The words that it has now. Costs nothing for a proposal that came by ``told``."""
        return list(self.versions.all())[-1]

    @property
    def round(self) -> int:
        """How often it has been handed in."""
        return max((sign.round for sign in self.endorsements.all()), default=0)

    @property
    def signs(self) -> list[Endorsement]:
        """The signatures, given and awaited, since it was last handed in."""
        return [sign for sign in self.endorsements.all() if sign.round == self.round]


class Version(models.Model):
    """The words of a proposal as one person left them. Append-only: what was signed stays readable."""

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveSmallIntegerField()
    inputs = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    # Written by whoever signed, over what was handed in; all others are drafts.
    signing = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("版本")
        verbose_name_plural = _("版本")
        constraints = [models.UniqueConstraint(name="version_number_once", fields=["proposal", "number"])]

    def __str__(self) -> str:
        return f"{self.proposal_id}.{self.number}"

    @property
    def text(self) -> str:
        """Its words."""
        return self.inputs.get("text", "")


class EndorsementQuerySet(models.QuerySet):
    """Signatures."""

    def visible_to(self, user, permission: str = "cases:approve") -> EndorsementQuerySet:
        """Those that a person's roles let them give: a head for the unit, for one of the agency only its head."""
        scope = grants_of(user).scope(permission)
        if not scope:
            return self.none()
        if scope.city:
            return self
        reach = Q(unit__agency_id__in=scope.agencies)
        reach |= Q(unit_id__in=scope.units, level=Endorsement.Level.UNIT)
        return self.filter(reach)

    def awaited(self) -> EndorsementQuerySet:
        """Whose turn it is now."""
        return self.filter(decision="", asked_at__isnull=False)

    def awaiting(self, user) -> EndorsementQuerySet:
        """Those whose turn it is, which this person may give now: not under a draft of their own (`is_own`)."""
        mine = self.visible_to(user)
        if mine.query.is_empty():  # each page of the desk asks, and most officers sign nothing
            return mine
        own = Version.objects.filter(proposal=models.OuterRef("proposal"), by=user.pk, signing=False)
        return mine.awaited().filter(~models.Exists(own) | Q(unit__code__in=single_handed()))

    def in_order(self) -> EndorsementQuerySet:
        """As the chain has them, with who gave them."""
        return self.select_related("by", "acting_for", "unit__agency").order_by("round", "order")

    def for_list(self) -> EndorsementQuerySet:
        """With what a line shows, the most urgent case on top; one statement."""
        return self.select_related(
            "proposal__by", "proposal__case__unit__agency", "proposal__case__district", "unit__agency"
        ).order_by("proposal__case__due_at", "pk")


class Endorsement(models.Model):
    """One signature of the chain, awaited or given. Handing in anew begins a new round."""

    class Level(models.TextChoices):
        UNIT = "unit", _("單位主管")
        AGENCY = "agency", _("機關首長")

    class Decision(models.TextChoices):
        APPROVED = "approved", _("核定")
        RETURNED = "returned", _("退回修正")
        DROPPED = "dropped", _("未再陳核")

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="endorsements", db_index=False)
    round = models.PositiveSmallIntegerField()
    order = models.PositiveSmallIntegerField()
    unit = models.ForeignKey("organisation.Unit", models.PROTECT, related_name="+")
    level = models.CharField(max_length=6, choices=Level)
    countersign = models.BooleanField(_("會辦"), default=False)
    asked_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    acting_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(null=True)
    version = models.PositiveSmallIntegerField(null=True)
    words = models.TextField(blank=True)

    objects = EndorsementQuerySet.as_manager()

    class Meta:
        verbose_name = _("核章")
        verbose_name_plural = _("核章")
        constraints = [
            models.UniqueConstraint(name="endorsement_place_once", fields=["proposal", "round", "order"]),
            # Two approvers at once: the chain has one turn at a time, whatever a program does.
            models.UniqueConstraint(
                name="endorsement_one_turn", fields=["proposal"], condition=Q(decision="", asked_at__isnull=False)
            ),
            models.CheckConstraint(
                name="endorsement_decided_whole",
                condition=Q(decision="", at__isnull=True, by__isnull=True)
                | Q(decision="dropped", at__isnull=False)
                | Q(decision__in=["approved", "returned"], at__isnull=False, by__isnull=False, version__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="endorsement_awaited", fields=["unit"], condition=Q(decision="", asked_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.order}"

    def is_own(self, user) -> bool:
        """Whether this person, or whoever they sign for as a deputy, drafted what is to be signed and so may not sign
        it: four eyes, except in a unit that by the rules of the city has no second person. Costs no query for a
        proposal that came by ``told``."""
        signing = {user.pk, grants_of(user).acting_for("cases:approve", self.unit_id, self.unit.agency_id)}
        drafted = any(v.by_id in signing and not v.signing for v in self.proposal.versions.all())
        return drafted and self.unit.code not in single_handed()
