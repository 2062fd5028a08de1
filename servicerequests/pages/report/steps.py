"""The pages of the flow, in their order. A step knows its form, what else its page shows, and how to take an answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import get_language

from cases.suggestions import suggested_agency
from cases.wording import promise_in_words
from foundation.clock import today
from organisation.pack import pack
from servicerequests.pages.report import nearby, photos
from servicerequests.pages.report.draft import Draft
from servicerequests.pages.report.forms import ContactForm, PhotosForm, WhatForm, WhereForm, WhichForm
from servicerequests.pages.report.summary import summary
from servicerequests.permissions import files_for_others


class Step:
    """One page. ``number`` is what the reader sees of how far it goes; a page without one comes only when needed."""

    name = ""
    number: int | None = None
    settles: tuple[str, ...] = ()  # later steps whose answers depend on this one's

    def form(self, request: HttpRequest, draft: Draft, **bound: Any) -> forms.Form:
        """The page's form: bound to what was sent, or showing what was kept."""
        return forms.Form(**bound)

    def context(self, request: HttpRequest, draft: Draft) -> dict[str, Any]:
        """What the page shows beside its form."""
        return {}

    def needless(self, draft: Draft) -> bool:
        """Whether there is nothing to ask."""
        return False

    def take(self, request: HttpRequest, draft: Draft, form: forms.Form, go: str) -> bool:
        """Keep the answer in the draft; returns whether the flow may go on."""
        accepted = form.is_valid()
        answers = form.cleaned_data if accepted else {name: form.data.get(name, "") for name in form.fields}
        changed = answers != draft.answers.get(self.name)
        draft.keep(self.name, answers, accepted=accepted)
        if changed:
            draft.ask_again(*self.settles)
        return accepted


class What(Step):
    name, number = "what", 1

    def form(self, request: HttpRequest, draft: Draft, **bound: Any) -> WhatForm:
        return WhatForm(kind=draft.kind, initial=draft.answers.get(self.name), **bound)

    def context(self, request: HttpRequest, draft: Draft) -> dict[str, Any]:
        return {"emergency": pack().text("emergency") if draft.kind.urgent else ""}


class Where(Step):
    name, number, settles = "where", 2, ("which", "nearby")

    def form(self, request: HttpRequest, draft: Draft, **bound: Any) -> WhereForm:
        return WhereForm(kind=draft.kind, initial=draft.answers.get(self.name), **bound)

    def context(self, request: HttpRequest, draft: Draft) -> dict[str, Any]:
        # What the map begins with; what counts is the text box of the form.
        lon, lat = draft.point or ("", "")
        return {"lon": lon, "lat": lat}


class Which(Step):
    """Which record of another desk is it about? Asked of kinds that want to know, where there is one to choose."""

    name = "which"

    def form(self, request: HttpRequest, draft: Draft, **bound: Any) -> WhichForm:
        return WhichForm(choices=nearby.referred(draft), initial=draft.answers.get(self.name), **bound)

    def needless(self, draft: Draft) -> bool:
        return not nearby.referred(draft)


class Nearby(Step):
    """Has somebody reported it already? Asked only when there is something to show."""

    name = "nearby"

    def context(self, request: HttpRequest, draft: Draft) -> dict[str, Any]:
        return {"neighbours": nearby.neighbours(draft)}

    def needless(self, draft: Draft) -> bool:
        return not nearby.neighbours(draft)


class Photos(Step):
    name, number = "photos", 3

    def form(self, request: HttpRequest, draft: Draft, **bound: Any) -> PhotosForm:
        return PhotosForm(**bound)

    def context(self, request: HttpRequest, draft: Draft) -> dict[str, Any]:
        return photos.context(draft)

    def take(self, request: HttpRequest, draft: Draft, form: forms.Form, go: str) -> bool:
        return photos.take(request, draft, form, go)


class Contact(Step):
    name, number = "contact", 4

    def form(self, request: HttpRequest, draft: Draft, **bound: Any) -> ContactForm:
        user = request.user
        staff = files_for_others(user)
        own = user.is_authenticated and not staff
        known = {"name": user.name, "email": user.email, "language": user.language} if own else {}
        initial = draft.answers.get(self.name) or {"language": get_language(), **known}
        return ContactForm(kind=draft.kind, signed_in=own, staff=staff, initial=initial, **bound)

    def context(self, request: HttpRequest, draft: Draft) -> dict[str, Any]:
        return {"privacy": pack().text("privacy").strip()}


class Check(Step):
    """Everything at a glance, each with a way to change it. Sending is a door of its own."""

    name, number = "check", 5

    def context(self, request: HttpRequest, draft: Draft) -> dict[str, Any]:
        staff = files_for_others(request.user)
        words = draft.answers.get("what", {}).get("description", "")
        return {
            "rows": summary(draft),
            "photos": photos.kept(draft),
            "promise": promise_in_words(draft.kind, today()),
            "agency": suggested_agency(words) if staff and words else None,
        }


STEPS: dict[str, Step] = {
    step.name: step for step in (What(), Where(), Which(), Nearby(), Photos(), Contact(), Check())
}
TOTAL = max(step.number or 0 for step in STEPS.values())


def next_step(draft: Draft) -> Step:
    """The first page whose answers are missing; the check page when there is none."""
    for step in STEPS.values():
        if step.name == "check":
            break
        if step.name not in draft.passed:
            if not step.needless(draft):
                return step
            draft.keep(step.name, {}, accepted=True)
    return STEPS["check"]


def step_before(step: Step) -> Step | None:
    """The numbered page before this one."""
    earlier = list(STEPS.values())
    before = [each for each in earlier[: earlier.index(step)] if each.number]
    return before[-1] if before else None
