"""What the checks found, for those who answer for the figures."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from figures import actions
from figures.models import Finding
from figures.pages.common import owner_label
from figures.permissions import answered_for
from figures.registry import Figure, registry
from identity.doors import SignedInRequest, door


@door("agency:figures:enter")
def quality(request: SignedInRequest) -> HttpResponse:
    """``/figures/quality/``: findings of the reader's agency, by kind; posting runs the checks now."""
    if request.method == "POST":
        actions.check()
    mine = {figure.code: figure for figure in answered_for(request.user)}
    kinds: dict[str, list[dict[str, Any]]] = {kind: [] for kind in Finding.Kind.values}
    for finding in Finding.objects.still_there():
        if line := _line(finding, mine):
            kinds[finding.kind].append(line)
    found = [(Finding.Kind(kind).label, lines) for kind, lines in kinds.items() if lines]
    return render(request, "figures/quality.html", {"kinds": found, "count": sum(len(lines) for _kind, lines in found)})


def _line(finding: Finding, mine: dict[str, Figure]) -> dict[str, Any] | None:
    """A finding in words, with what it is about; None if that is not the reader's, or not declared any more."""
    line: dict[str, Any] = {"finding": finding, "words": _words(finding)}
    if finding.kind == Finding.Kind.SUM:
        share_set = next((each for each in registry.share_sets() if each.code == finding.subject), None)
        if share_set is None or not set(share_set.parts) & set(mine):
            return None
        return line | {"share_set": share_set, "owner": owner_label(registry.figure(share_set.parts[0]))}
    figure = mine.get(finding.subject)
    return line | {"figure": figure, "owner": owner_label(figure)} if figure else None


def _words(finding: Finding) -> str:
    least, most = finding.detail.get("least"), finding.detail.get("most")
    span = {"value": finding.detail.get("value", ""), "least": least or "－", "most": most or "－"}
    words = {
        Finding.Kind.RANGE: _("%(value)s，合理範圍是 %(least)s 到 %(most)s。"),
        Finding.Kind.JUMP: _("%(value)s，依以往的數字應在 %(least)s 到 %(most)s 之間。"),
        Finding.Kind.SUM: _("各部分合計 %(sum)s，應為 %(whole)s。"),
        Finding.Kind.LATE: _("期間終了已超過 31 日。"),
        Finding.Kind.CONFLICT: _("以前填報 %(entered)s，現在從紀錄算出 %(value)s。"),
    }[Finding.Kind(finding.kind)]
    return words % ({"sum": "", "whole": "", "entered": ""} | finding.detail | span)
