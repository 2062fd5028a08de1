"""What the models say of a report, in words, and with what an officer can do about it. Without a model: nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from cases.classifiers import AGENCY, KIND, agency_in_words, kind_in_words
from cases.models import Case
from cases.permissions import allows
from cases.registry import kinds
from classification.queries import Guess, suggestion
from foundation.clock import today
from organisation import directory
from organisation.models import Unit
from organisation.pack import pack


@dataclass(frozen=True)
class Suggested:
    """A label that a model is confident enough about: its code, its name, how probable it is (0 to 1)."""

    code: str
    name: str
    probability: float

    @property
    def confidence(self) -> str:
        """The probability as a citizen reads it."""
        return _("很可能") if self.is_strong else _("可能")

    @property
    def is_strong(self) -> bool:
        """Whether the city's rule calls this very likely."""
        try:
            return self.probability >= float(pack().rule("suggestion_strong", today()).value)
        except LookupError:
            return False


def suggested_kind(text: str) -> Suggested | None:
    """The kind that a text is about, or None where the model is not sure enough."""
    return _named(suggestion(KIND, text), kind_in_words)


def suggested_agency(text: str) -> Suggested | None:
    """The agency that a text belongs to, or None where the model is not sure enough."""
    return _named(suggestion(AGENCY, text), agency_in_words)


def _named(guess: Guess | None, words) -> Suggested | None:
    return Suggested(guess.label, words(guess.label), guess.probability) if guess else None


def desk_in(agency: str, text: str, district: str | None = None) -> Unit | None:
    """The unit of an agency that takes in such a report: by the likely kind's routing, else the agency's first unit."""
    kind = suggested_kind(text)
    if kind and kind.code in kinds():
        unit = directory.units().get(kinds()[kind.code].unit_for(district))
        if unit and unit.agency.code == agency:
            return unit
    return next((unit for unit in directory.units().values() if unit.agency.code == agency and not unit.is_crew), None)


def elsewhere(case: Case, user) -> dict | None:
    """Panel of the case page: another agency that the case seems to belong to, for whoever may transfer it there."""
    transition = case.kind.lifecycle.transition("transfer", case.state)
    if transition is None or not allows(user, case, transition):
        return None
    agency = suggested_agency(case.description)
    if agency is None or agency.code == case.unit.agency.code:
        return None
    unit = desk_in(agency.code, case.description, case.district_id)
    if unit is None:
        return None
    with override(settings.LANGUAGE_CODE):  # what goes on the record is Chinese
        reason = _("依案件內容屬%(agency)s權責，改請該機關辦理。") % {"agency": agency_in_words(agency.code)}
    return {"template": "cases/parts/elsewhere.html", "agency": agency, "unit": unit, "reason": reason}
