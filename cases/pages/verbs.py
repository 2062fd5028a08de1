"""One page for every verb: the form comes from the inputs that the lifecycle declares."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.performing import Conflict, perform
from cases.models import Case, Contribution
from cases.models.answer_template import ENDINGS
from cases.models.case import Outcome
from cases.models.clock import amount_in_words
from cases.pages.case import case_or_404, context_of
from cases.pages.queue import rail
from cases.permissions import allows
from cases.registry import kinds
from cases.states import Input, Transition
from foundation.clock import today
from foundation.files import check_upload
from foundation.forms import CityForm, DateBox, FilesField
from identity.doors import door
from identity.models import User
from organisation import directory
from organisation.models import Membership, Unit


class VerbForm(CityForm):
    """The form of one verb for one case. ``version`` is what the officer was looking at."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, transition: Transition, case: Case, user, **kwargs) -> None:
        self.case, self.user = case, user
        self.base_fields = self.base_fields | {wanted.name: self._field(wanted) for wanted in transition.inputs}
        super().__init__(*args, **kwargs)

    def _field(self, wanted: Input) -> forms.Field:
        common = {"label": wanted.label, "help_text": wanted.hint, "required": wanted.required}
        match wanted.type:
            case "text":
                return forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 4}), **common)
            case "unit":
                return forms.ChoiceField(choices=units_by_agency(crews=False), **common)
            case "crew":
                return forms.ChoiceField(choices=units_by_agency(crews=True, first=self.case.unit.agency_id), **common)
            case "officer":
                return forms.ChoiceField(
                    choices=[("", _("請選擇")), *directory.officers_of([self.case.unit_id])], **common
                )
            case "kind":
                return forms.ChoiceField(
                    choices=[("", _("請選擇")), *((k.code, k.label) for k in kinds().values())], **common
                )
            case "part":
                parts = [(number, f"{number} {part.kind.label} · {part.unit}") for number, part in self.parts.items()]
                first = [("", _("請選擇"))] if len(parts) > 1 else []
                return forms.ChoiceField(choices=[*first, *parts], **common)
            case "date":
                return forms.DateField(widget=DateBox(), **common)
            case "flag":
                return forms.BooleanField(**common)
            case "files":
                return FilesField(max_files=5, check=check_upload, **common)
            case "outcome":
                choices = [(code, Outcome(code).label) for code in ENDINGS]
                return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
            case "amount":
                rule = self.case.kind.extension
                most = amount_in_words(rule.max_amount, rule.unit)
                common["help_text"] = _("單位與期限相同，最多 %(most)s。") % {"most": most}
                return forms.DecimalField(min_value=0, max_digits=5, decimal_places=1, **common)
            case _:
                return forms.CharField(max_length=40, **common)

    def clean(self) -> dict:
        """Turn keys into the records that performers want; what does not exist for this person is refused by name."""
        data = self.cleaned_data
        for name, find, message in (
            ("unit", _unit_by_code, gettext_lazy("請從名單中選擇單位。")),
            ("crew", _unit_by_code, gettext_lazy("請從名單中選擇外勤隊。")),
            ("officer", _officer_by_key, gettext_lazy("請從名單中選擇承辦人。")),
            ("part", self.parts.__getitem__, gettext_lazy("請從名單中選擇案件。")),
            ("into", self._case_by_number, gettext_lazy("找不到這個案件編號，或不在您可辦理的範圍。")),
        ):
            if data.get(name):
                try:
                    data[name] = find(data[name])
                except (LookupError, Case.DoesNotExist):
                    self.add_error(name, message)
        return data

    @cached_property
    def parts(self) -> dict[str, Case]:
        """What was split off and can be taken back, by number."""
        found = Case.objects.untouched_parts_of(self.case).for_list().order_by("pk")
        return {str(part.number): part for part in found}

    def _case_by_number(self, number: str) -> Case:
        return Case.objects.visible_to(self.user).get(number=number.strip().upper())

    def inputs(self) -> dict:
        """What the performer gets."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


def _unit_by_code(code: str) -> Unit:
    return directory.unit(code)


def _officer_by_key(key: str) -> User:
    held = Membership.objects.in_force(today()).filter(user_id=key).select_related("user").first()
    if held is None:
        raise LookupError(key)
    return held.user


def units_by_agency(*, crews: bool, first: int | None = None) -> list:
    """Units grouped by agency, the agency ``first`` on top."""
    groups: dict[str, list] = {}
    units = [unit for unit in directory.units().values() if unit.is_crew == crews]
    for unit in sorted(units, key=lambda unit: (unit.agency_id != first, unit.agency.order, unit.order)):
        groups.setdefault(str(unit.agency), []).append((unit.code, str(unit)))
    return [("", _("請選擇")), *groups.items()]


@door("unit:cases:read")
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """``/desk/cases/D111-0099781/transfer/``: GET asks, POST does. A verb without questions needs only the POST."""
    case = case_or_404(request, number)
    transition = case.kind.lifecycle.transitions.get(verb)
    if transition is None:
        raise Http404
    if case.kind.lifecycle.transition(verb, case.state) and not allows(request.user, case, transition):
        raise PermissionDenied(transition.permission)
    form = VerbForm(
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        initial={
            "version": case.version,
            "outcome": Outcome.FIXED if case.kind.family.series == "D" else Outcome.ANSWERED,
            "into": request.GET.get("into", "")[:40],  # from a list that offers what may be the same
        },
        transition=transition,
        case=case,
        user=request.user,
    )
    if request.method == "POST" and form.is_valid():
        try:
            perform(request.user, case.pk, verb, version=form.cleaned_data["version"], **form.inputs())
        except Conflict as conflict:
            form = _asked_again(form, case, str(conflict))
        except ValidationError as error:
            for field, errors in getattr(error, "message_dict", {None: error.messages}).items():
                form.add_error(field if field in form.fields else None, errors)
        else:
            messages.success(request, _("%(number)s：%(what)s。") % {"number": case.number, "what": transition.told})
            # Whoever passes a case on to others may have no business with it any more.
            still_seen = Case.objects.visible_to(request.user).filter(pk=case.pk).exists()
            return redirect("case", number=case.number) if still_seen else redirect("queue")
    status = 409 if getattr(form, "conflict", False) else 422 if form.is_bound and form.errors else 200
    return render(
        request,
        "cases/verb.html",
        rail(request)
        | context_of(request, case)
        | {"form": form, "transition": transition, "not_yet": _laid_down(case, verb)},
        status=status,
    )


def _laid_down(case: Case, verb: str) -> list[Contribution]:
    """What other units were asked for and have not given, where the verb would end it."""
    if "contributions" not in case.extras or not hasattr(case.kind.family.performers[verb], "lays_down"):
        return []
    return list(Contribution.objects.of(case).open())


def _asked_again(form: VerbForm, case: Case, message: str) -> VerbForm:
    """The same form with what was typed, now for the newest version of the case, and why it was not carried out."""
    case.refresh_from_db()
    form.data = form.data.copy()
    form.data["version"] = str(case.version)
    form.add_error(None, message)
    form.conflict = True
    return form
