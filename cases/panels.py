"""Parts of the case page that an engine adds: what is put forward for approval, and what others were asked for."""

from __future__ import annotations

from decimal import Decimal

from cases.models import Case, Contribution, Proposal, Version
from cases.models.clock import amount_in_words
from cases.permissions import may
from cases.rules import changes


def versions_told(proposal: Proposal | None) -> list[tuple[Version, list[tuple[str, str]]]]:
    """The versions of a proposal, the newest first, each with what it changed in the one before."""
    versions = list(proposal.versions.all()) if proposal else []
    before = [""] + [version.text for version in versions]
    return [
        (version, changes(earlier, version.text) if earlier else [("same", version.text)])
        for version, earlier in zip(versions, before, strict=False)
    ][::-1]


def approvals(case: Case, user) -> dict | None:
    """What is drafted or handed in, and the way to the draft where the kind wants one; two statements at most."""
    proposals = list(Proposal.objects.of(case).in_short()) if "proposals" in case.extras else []
    may_draft = bool(
        case.kind.approval.answer
        and case.kind.lifecycle.transition("answer", case.state)
        and may(user, case, "cases:draft")
    )
    if not proposals and not may_draft:
        return None
    begun = any(p.verb == "answer" for p in proposals)
    unit = case.kind.extension.unit if case.kind.extension else ""
    told = [
        (p, case.kind.lifecycle.transitions[p.verb].label, amount_in_words(Decimal(p.amount), unit) if p.amount else "")
        for p in proposals
    ]
    return {
        "template": "cases/parts/approvals.html", "case": case, "proposals": told,
        "may_draft": may_draft, "begun": begun,
    }  # fmt: skip


def contributions(case: Case, user) -> dict | None:
    """Whom the unit in charge asked, and what they gave; one statement."""
    asked = list(Contribution.objects.of(case)) if "contributions" in case.extras else []
    return {"template": "cases/parts/contributions.html", "asked": asked} if asked else None
