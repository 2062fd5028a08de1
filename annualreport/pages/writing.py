"""For who writes and agrees: a section's text with its preview and figures, its versions, its verbs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_POST, require_safe

from annualreport.actions import checking
from annualreport.actions.changes import Answer, Change, changes_of
from annualreport.actions.compiling import Conflict, assign, newest, perform, write
from annualreport.actions.documents import document, part_of
from annualreport.actions.rendering import Renderer
from annualreport.markup import FORMS
from annualreport.models import Event, Section, Version
from annualreport.pages.overview import COMPILE, unit_choices
from annualreport.permissions import ELSEWHERE, may, verbs_for
from annualreport.rules import differences
from annualreport.states import LIFE, SIGNING, WRITABLE
from figures.registry import registry
from foundation.forms import CityForm, DateBox, Select
from foundation.ratelimit import client_user, limit
from identity.doors import SignedInRequest, door
from organisation import directory

LONGEST = 40_000
SHOWN = 40  # figures of the picker


SOURCE = {"class": "source", "spellcheck": "false"}


class TextForm(CityForm):
    """A section's text in both languages, and the version that the writer began from."""

    text_zh = forms.CharField(label=gettext_lazy("內容"), max_length=LONGEST,
                              widget=forms.Textarea(attrs=SOURCE | {"rows": 14}))  # fmt: skip
    text_en = forms.CharField(label=gettext_lazy("英文內容"), required=False, max_length=LONGEST,
                              widget=forms.Textarea(attrs=SOURCE | {"rows": 8, "lang": "en"}))  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput)


def section_of(request: SignedInRequest, pk: int) -> Section:
    """A section that the reader may see. 404 otherwise."""
    return get_object_or_404(Section.objects.visible_to(request.user).for_list(), pk=pk)


def shown(section: Section, text: str, *, english: bool) -> dict[str, Any]:
    """A text as it will be printed, with what is wrong with it and the numbers that were typed by hand."""
    with override("en" if english else "zh-hant"):
        made = document(section.report.kind, section.report.of_period, [part_of(section, text)])
        renderer = Renderer(top=3 - section.code.count("."))
        blocks = made["sections"][0]["blocks"]
        html = [renderer.block(block) for block in blocks]
    return {"blocks": html, "problems": checking.in_words(made["problems"]), "typed": checking.typed_in(text)}


@door("unit:annualreport:read")
def section(request: SignedInRequest, pk: int) -> HttpResponse:
    """``/desk/reports/sections/7/``: the text, its preview, what happened; POST saves a version, and hands it in if the
    second button was pressed.

    Who began from an older version sees what changed meanwhile; their own words stay in the box.
    """
    found = section_of(request, pk)
    last = newest(found)
    may_write = found.state in WRITABLE and may(request.user, found, "annualreport:write")
    initial = {"text_zh": last.text_zh, "text_en": last.text_en, "seen": last.number}
    form, conflict = TextForm(request.POST or None, initial=initial), None
    if request.method == "POST" and form.is_valid():
        if not may_write:
            raise PermissionDenied("annualreport:write")
        facts = form.cleaned_data
        try:
            saved = write(request.user, found.pk, facts["seen"], facts["text_zh"], facts["text_en"])
        except Conflict as error:
            form.add_error(None, str(error))
            conflict = differences(last.text_zh, facts["text_zh"])
            form.data = form.data.copy()
            form.data["seen"] = str(last.number)
        else:
            messages.success(request, _("已儲存第 %(number)d 版。") % {"number": saved.number})
            if not request.POST.get("submit") or _handed_in(request, found.pk, form):
                return redirect(found)
            form.data = form.data.copy()
            form.data["seen"] = str(saved.number)
    text = form.data.get("text_zh", "") if form.is_bound else last.text_zh
    changes = changes_of(found, last)
    context = {
        "section": found,
        "clock": found.clock(),
        "last": last,
        "form": form if may_write else None,
        "conflict": conflict,
        "preview": shown(found, text, english=False),
        "english": None if may_write else shown(found, last.text_en, english=True),
        "verbs": [
            each
            for each in verbs_for(request.user, found)
            if not (may_write and each.verb == "submit") and not (each.verb == "confirm" and not changes)
        ],
        "may_assign": may(request.user, found, "annualreport:compile") and found.state in WRITABLE,
        "changes": changes,
        "events": Event.objects.of(found)[:30],
        "figures": picked(""),
        "number_forms": FORMS,
    }
    return render(request, "annualreport/section.html", context, status=422 if form.errors else 200)


def _told(section: Section, verb: str) -> str:
    """What was done with a section, in a sentence."""
    return _("「%(section)s」%(told)s。") % {"section": section, "told": LIFE.transitions[verb].told}


def _handed_in(request: SignedInRequest, pk: int, form: TextForm) -> bool:
    """Hand a section in that has just been saved; what keeps it from that is told in the form."""
    try:
        done = perform(request.user, pk, "submit")
    except (Conflict, ValidationError) as error:
        for line in error.messages if isinstance(error, ValidationError) else [str(error)]:
            form.add_error("text_zh", line)
        return False
    messages.success(request, _told(done, "submit"))
    return True


@door("unit:annualreport:read")
@require_POST
@limit("report-preview", per_minute=120, key=client_user)
def preview(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the text in the box will look like; nothing is kept."""
    found = section_of(request, pk)
    text = request.POST.get("text_zh", "")[:LONGEST]
    return render(request, "annualreport/parts/preview.html", {"preview": shown(found, text, english=False)})


def picked(asked: str) -> dict[str, Any]:
    """The figures whose name, code or definition has all the words asked for."""
    words = asked.lower().split()
    found = [
        figure
        for figure in registry.figures()
        if all(word in f"{figure.code} {figure.label} {figure.definition}".lower() for word in words)
    ]
    lines = [
        {
            "figure": figure,
            "dimensions": [dimension.code for dimension in registry.dimensions_of(figure)],
            "monthly": "month" in registry.grains_of(figure),
        }
        for figure in found[:SHOWN]
    ]
    return {"lines": lines, "more": max(len(found) - SHOWN, 0), "q": asked}


@door("unit:annualreport:read")
@require_safe
def figures(request: SignedInRequest) -> HttpResponse:
    """``/desk/reports/figures/?q=派工``: figures to be put into a text; as a part of the page for htmx."""
    template = "annualreport/parts/figures.html" if request.htmx else "annualreport/figures.html"
    return render(request, template, {"figures": picked(request.GET.get("q", "")[:60])})


@door("unit:annualreport:read")
@require_safe
def versions(request: SignedInRequest, pk: int) -> HttpResponse:
    """``/desk/reports/sections/7/versions/?number=3``: what a version changed against the one before."""
    found = section_of(request, pk)
    listed = list(Version.objects.of(found))
    asked = request.GET.get("number", "")
    number = int(asked) if asked.isdecimal() and len(asked) < 6 else listed[0].number
    by_number = {version.number: version for version in listed}
    if number not in by_number:
        raise Http404(asked)
    chosen, before = by_number[number], by_number.get(number - 1)
    context = {
        "section": found,
        "versions": listed,
        "chosen": chosen,
        "changes": differences(before.text_zh if before else "", chosen.text_zh),
        "changes_en": differences(before.text_en if before else "", chosen.text_en),
    }
    return render(request, "annualreport/versions.html", context)


class VerbForm(CityForm):
    """What a verb needs to know: a reason or a comment; the version of the section that was looked at."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(label="", required=False, widget=forms.Textarea, max_length=4000)

    def ask_about(self, changes: list[Change]) -> None:
        """Ask why the section may be signed although these numbers changed: one reason for all, or one for each."""
        self.changes = changes
        if not changes:
            return
        if len(changes) > 1:
            self.fields["common"] = forms.CharField(
                label=_("共同的原因"), required=False, max_length=500,
                help_text=_("下面各項沒有另外填寫的，都用這個原因。"),
            )  # fmt: skip
        for number, change in enumerate(changes):
            self.fields[f"reason-{number}"] = forms.CharField(
                label=change.words, required=len(changes) == 1, max_length=500
            )
            self.fields[f"seen-{number}"] = forms.CharField(
                required=False, widget=forms.HiddenInput, initial=f"{change.value.key} {change.value.text}"
            )
        self.say_plainly(self.fields)

    def asked(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields of each change: the reason, and the value that is shown."""
        return [(self[f"reason-{number}"], self[f"seen-{number}"]) for number, _change in enumerate(self.changes)]

    def answers(self) -> dict[str, Answer]:
        """What was answered, by the keys of the changes. The value that was seen travels with the answer."""
        facts, found = self.cleaned_data, {}
        for number, _change in enumerate(self.changes):
            key, _blank, seen = facts[f"seen-{number}"].rpartition(" ")
            found[key] = Answer(seen, facts[f"reason-{number}"] or facts.get("common", ""))
        return found

    def refuse(self, error: ValidationError) -> None:
        """Put what is wrong to the fields it is about; show the values as they are now."""
        self.data = self.data.copy()
        names = {change.value.key: f"reason-{number}" for number, change in enumerate(self.changes)}
        by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for key, told in by_field.items():
            for line in told:
                self.add_error(names.get(key), line)
        for number, change in enumerate(self.changes):
            self.data[f"seen-{number}"] = f"{change.value.key} {change.value.text}"


@door("unit:annualreport:read")
def verb(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """``/desk/reports/sections/7/return/``: carry out a verb; one that needs a reason asks for it here."""
    found = section_of(request, pk)
    transition = LIFE.transitions.get(verb)
    if transition is None or verb in ELSEWHERE:
        raise Http404(verb)
    if not may(request.user, found, transition.permission):
        raise PermissionDenied(transition.permission)
    form = VerbForm(request.POST or None, initial={"version": found.version})
    if transition.inputs:
        form.fields["text"].label = transition.inputs[0].label
        form.fields["text"].required = True
        form.fields["text"].error_messages["required"] = _("請填寫「%(label)s」。") % {
            "label": transition.inputs[0].label
        }
    else:
        del form.fields["text"]
    form.ask_about(changes_of(found, newest(found)) if verb in SIGNING else [])
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            done = perform(request.user, found.pk, verb, facts["version"], facts.get("text", ""), form.answers())
        except (Conflict, ValidationError) as error:
            form.refuse(error if isinstance(error, ValidationError) else ValidationError(str(error)))
            form.data["version"] = str(section_of(request, pk).version)
        else:
            messages.success(request, _told(done, verb))
            return redirect(done)
    back = LIFE.transition("return" if found.state == "agreed" else "reopen", found.state)
    may_go_back = back and may(request.user, found, back.permission)
    context = {"section": found, "transition": transition, "form": form, "back": back if may_go_back else None}
    return render(request, "annualreport/verb.html", context, status=422 if form.errors else 200)


class AssignmentForm(CityForm):
    """Who writes a section by when, and what it is called."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    title_zh = forms.CharField(label=gettext_lazy("標題"), max_length=120)
    title_en = forms.CharField(label=gettext_lazy("英文標題"), max_length=240)
    unit = forms.ChoiceField(label=gettext_lazy("撰寫單位"), widget=Select)
    author = forms.ChoiceField(
        label=gettext_lazy("撰稿人"), required=False, widget=Select,
        help_text=gettext_lazy("空著就由單位主管分派，提醒也寄給主管。"),
    )  # fmt: skip
    due_on = forms.DateField(label=gettext_lazy("期限"), widget=DateBox)

    def __init__(self, *args: Any, section: Section, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = unit_choices()
        people = [(str(key), name) for key, name in directory.officers_of([section.unit_id])]
        self.fields["author"].choices = [("", "—"), *people]


@door(COMPILE)
def assignment(request: SignedInRequest, pk: int) -> HttpResponse:
    """``/desk/reports/sections/7/assignment/``: who writes it by when. A new unit comes without its author."""
    found = section_of(request, pk)
    initial = {
        "version": found.version, "title_zh": found.title_zh, "title_en": found.title_en, "unit": found.unit.code,
        "author": found.author_id, "due_on": found.due_on,
    }  # fmt: skip
    form = AssignmentForm(request.POST or None, initial=initial, section=found)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        unit = directory.unit(facts["unit"])
        chosen = facts["author"] if unit.pk == found.unit_id else ""
        author = int(chosen) if chosen else None
        try:
            done = assign(request.user, found.pk, facts["version"], unit=unit, author=author, due=facts["due_on"],
                          title_zh=facts["title_zh"], title_en=facts["title_en"])  # fmt: skip
        except Conflict as error:
            form.add_error(None, str(error))
            form.data = form.data.copy()
            form.data["version"] = str(section_of(request, pk).version)
        except ValidationError as error:
            for name, told in error.message_dict.items():
                form.add_error(name, told)
        else:
            messages.success(request, _("已指派「%(section)s」。") % {"section": done})
            return redirect(done.report)
    context = {"section": found, "form": form}
    return render(request, "annualreport/assignment.html", context, status=422 if form.errors else 200)
