"""What a report is about, learned from closed cases: its kind, and the agency that settled it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.registry import kinds
from classification.registry import Classifier, Example, register
from organisation import directory
from organisation.pack import pack

MOST_CASES = 20_000  # the newest ones: what people write, and who answers, changes over the years
KIND, AGENCY = "cases.kind", "cases.agency"


def kind_examples() -> list[Example]:
    """Closed cases with the kind that they were filed as; the pack's examples and the kinds' own words beside them."""
    given = [Example(row.text, row.kind, False) for row in pack().examples if row.kind]
    own = [Example(text, code, True) for text, code, _agency in Case.objects.settled_texts(MOST_CASES)]
    return [*own, *given, *(Example(text, code, False) for text, code, _agency in _words())]


def agency_examples() -> list[Example]:
    """Closed cases with the agency whose unit closed them, whoever had them first; the pack's examples beside them."""
    given = [Example(row.text, row.agency, False) for row in pack().examples if row.agency]
    own = [Example(text, agency, True) for text, _kind, agency in Case.objects.settled_texts(MOST_CASES)]
    return [*own, *given, *(Example(text, agency, False) for text, _kind, agency in _words())]


def _words() -> list[tuple[str, str, str]]:
    """What the pack's kinds say of themselves, with kind and agency; not the last one, for whatever fits nowhere."""
    agency_of = {unit.code: unit.agency for unit in pack().units}
    return [
        (text, kind.code, agency_of[kind.default_unit])
        for kind in list(kinds().values())[:-1]
        for text in (*kind.words, kind.label_zh, kind.label_en, kind.hint_zh, kind.hint_en)
        if text
    ]


def kind_in_words(code: str) -> str:
    """The label of a kind; the code of one that the pack does not know any more."""
    known = kinds().get(code)
    return known.label if known else code


def agency_in_words(code: str) -> str:
    """The name of an agency; the code of one that there is not any more."""
    try:
        return str(directory.agency(code))
    except KeyError:
        return code


register(
    Classifier(
        code=KIND,
        label=_("通報的種類"),
        definition=_(
            "由民眾寫的內容判斷是哪一種案件，供通報時引導。學自已結案件的內容與種類；只留下至少兩件案件都有的字串，不留任何一件的內容。"
        ),
        examples=kind_examples,
        words=kind_in_words,
        threshold="suggestion_threshold",
    )
)
register(
    Classifier(
        code=AGENCY,
        label=_("權責機關"),
        definition=_(
            "由案件內容判斷屬於哪個機關，供話務與承辦人員參考。學自已結案件的內容與結案時的主責機關；只留下至少兩件案件都有的字串，不留任何一件的內容。"
        ),
        examples=agency_examples,
        words=agency_in_words,
        threshold="suggestion_threshold",
    )
)
