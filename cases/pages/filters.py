"""The filter of the queue: an address that can be kept, shared and saved as a view."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models.case import Channel
from cases.querysets import CaseQuerySet
from cases.registry import kinds
from cases.states import EVERY_STATE
from foundation.forms import DateBox, Select
from organisation import directory
from organisation.permissions import grants_of
from search.queries import matching

ANY = [("", _("不限"))]


def _officers(scope, data) -> list[tuple[int, str]]:
    """Whose cases may be asked for: the officers of the reader's units; one statement.

    Whoever sees the whole city would get thousands to choose from: they come here by a link that names one.
    """
    units = {unit.pk for unit in directory.units().values() if unit.agency_id in scope.agencies} | scope.units
    if not scope.city:
        return directory.officers_of(units)
    asked = data.get("officer", "")
    known = directory.officers_of(unit.pk for unit in directory.units().values()) if asked.isdecimal() else []
    return [(pk, name) for pk, name in known if str(pk) == asked]


class CaseFilter(forms.Form):
    """All fields may be empty; what cannot be read is named and left out, so a wrong address still shows a list."""

    q = forms.CharField(label=_("搜尋"), required=False, max_length=60)
    kind = forms.ChoiceField(label=_("種類"), required=False, widget=Select)
    district = forms.ChoiceField(label=_("行政區"), required=False, widget=Select)
    state = forms.ChoiceField(label=_("狀態"), required=False, widget=Select)
    officer = forms.ChoiceField(label=_("承辦人"), required=False, widget=Select)
    channel = forms.ChoiceField(label=_("管道"), required=False, choices=ANY + list(Channel.choices), widget=Select)
    since = forms.DateField(label=_("受理自"), required=False, widget=DateBox())
    until = forms.DateField(label=_("受理至"), required=False, widget=DateBox())

    def __init__(self, data, *, user) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.user = user
        self.fields["kind"].choices = ANY + [(kind.code, kind.label) for kind in kinds().values()]
        self.fields["district"].choices = ANY + [(d.code, str(d)) for d in directory.districts().values()]
        self.fields["state"].choices = [
            *ANY, ("open", _("辦理中")), *((s.code, s.label) for s in EVERY_STATE.values())
        ]  # fmt: skip
        self.fields["officer"].choices = [
            *ANY, ("none", _("尚未指定")), ("me", _("我")), *_officers(grants_of(user).scope("cases:read"), data)
        ]  # fmt: skip

    @property
    def is_used(self) -> bool:
        """Whether anything but the list itself was asked for."""
        return any(self.data.get(name) for name in self.fields)

    def apply(self, cases: CaseQuerySet) -> CaseQuerySet:
        """The cases that the filter lets through."""
        self.is_valid()
        given = {name: value for name, value in self.cleaned_data.items() if value}
        plain = {"kind": "kind_code", "district": "district_id", "channel": "channel",
                 "since": "received_on__gte", "until": "received_on__lte"}  # fmt: skip
        cases = cases.filter(**{plain[name]: value for name, value in given.items() if name in plain})
        match given.get("state"):
            case None:
                pass
            case "open":
                cases = cases.open()
            case state:
                cases = cases.filter(state=state)
        match given.get("officer"):
            case None:
                pass
            case "none":
                cases = cases.filter(officer=None)
            case "me":
                cases = cases.filter(officer_id=self.user.pk)
            case officer:
                cases = cases.filter(officer_id=officer)
        if text := given.get("q"):
            cases = cases.filter(matching("cases.case", text))
        return cases
