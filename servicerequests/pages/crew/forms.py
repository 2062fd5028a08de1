"""What a crew's phone sends: a form a report."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models.case import Outcome
from foundation.clock import today
from foundation.files import IMAGE, check_upload
from foundation.forms import CityForm, FilesField, IdempotencyKeyField
from servicerequests.models import Job
from servicerequests.registry import Material, materials

PHOTOS: dict = {"max_files": 6, "check": lambda file: check_upload(file, allowed=IMAGE), "accept": "image/*"}
USED = "used_"  # before the codes of materials, so that they never meet another field


class VerbForm(CityForm):
    """What every report from the field carries: a key that makes a repeat harmless, and when it happened.

    The phone fills in the time when it keeps a report for want of a net. ``seen`` is the last entry of the timeline
    that the page knew of, ``person`` who was signed in when the report was written: a phone may change hands.
    """

    idempotency_key = IdempotencyKeyField(required=False)
    happened_at = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput(attrs={"data-now": ""}))
    seen = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    person = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, job: Job, **kwargs: Any) -> None:
        self.job = job
        super().__init__(*args, **kwargs)

    def clean_happened_at(self) -> datetime | None:
        try:
            moment = parse_datetime(self.cleaned_data["happened_at"] or "")
        except ValueError:
            return None
        return moment if moment and moment.tzinfo else None

    @property
    def said(self) -> dict[str, Any]:
        """What the verb itself wants to know."""
        return {name: self.cleaned_data[name] for name in ("text", "outcome") if name in self.cleaned_data}

    @property
    def materials(self) -> list[forms.BoundField]:
        """The fields of materials, which the page shows in a part of their own; most reports have none."""
        return [self[name] for name in self.fields if name.startswith(USED)]


class PhotoForm(VerbForm):
    """Photos of the place before the work."""

    photos = FilesField(label=gettext_lazy("施作前照片"), **PHOTOS)


class DoneForm(VerbForm):
    """What was done and with what, with photos after it. The pack says which materials a kind asks for."""

    photos = FilesField(
        label=gettext_lazy("完工後照片"),
        help_text=gettext_lazy("緊急案件回報「已修復或排除」時，一定要附。"),
        required=False,
        **PHOTOS,
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("結果"),
        choices=[
            (Outcome.FIXED, gettext_lazy("已修復或排除")),
            (Outcome.NOT_FOUND, gettext_lazy("現場未發現所述情形")),
        ],
        initial=Outcome.FIXED,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=gettext_lazy("處理情形"),
        help_text=gettext_lazy("一兩句就好，民眾會看到。"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = {USED + one.code: _amount_of(one) for one in materials(self.job.case.kind_code, today())}
        self.say_plainly(asked)
        self.fields |= asked

    @property
    def said(self) -> dict[str, Any]:
        used: dict[str, Decimal] = {
            name.removeprefix(USED): amount
            for name, amount in self.cleaned_data.items()
            if name.startswith(USED) and amount
        }
        return super().said | {"materials": used}


def _amount_of(material: Material) -> forms.DecimalField:
    return forms.DecimalField(
        label=_("%(material)s（%(unit)s）") % {"material": material.label, "unit": material.unit},
        min_value=0,
        max_value=material.most,
        decimal_places=material.decimals,
        required=False,
        widget=forms.NumberInput(
            attrs={"inputmode": "decimal" if material.decimals else "numeric", "step": material.step}
        ),
    )


class HandOverForm(VerbForm):
    """Why the crew cannot do it."""

    text = forms.CharField(
        label=gettext_lazy("為什麼轉出"),
        help_text=gettext_lazy("例如：不是本隊的設施、需要機具、位置不符。承辦單位會重新派工。"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class NoteForm(VerbForm):
    """What was seen or done and can no longer be reported, for the unit to read."""

    text = forms.CharField(
        label=gettext_lazy("留給承辦單位的紀錄"),
        help_text=gettext_lazy("案件的狀態不會改變；民眾看不到。"),
        max_length=1500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    photos = FilesField(label=gettext_lazy("照片"), required=False, **PHOTOS)


FORMS = {
    "accept": VerbForm, "arrive": VerbForm, "photos": PhotoForm, "finish": DoneForm, "hand_over": HandOverForm,
    "note": NoteForm,
}  # fmt: skip


def put_errors(form: forms.Form, problem: ValidationError) -> None:
    """Objections of the engine at the fields that they name, the others on top."""
    for name, errors in getattr(problem, "message_dict", {None: problem.messages}).items():
        form.add_error(name if name in form.fields else None, errors)
