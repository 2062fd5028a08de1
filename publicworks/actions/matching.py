"""Which work a report is about: what the citizen chose, and how an officer corrects it."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.approving import lay_down
from cases.actions.filing import index_case
from cases.actions.performing import Said
from cases.fields import Reference, Referred, add_reference
from cases.models import Case
from foundation.clock import today
from organisation.pack import pack
from publicworks.models import CitizenReport, Work

FIELD = "work"  # the field of a kind that names the work
SHOWN = 12


def nearby_metres() -> int:
    """How far around a report works are looked for: a rule of the city."""
    return int(pack().rule("works_nearby_metres", today()).value)


def works_near(lon: float, lat: float) -> list[tuple[int, Work]]:
    """All works within the distance of the rule, as (metres, work), the nearest first; one statement."""
    most = nearby_metres()
    found = [(work.metres_from(lon, lat), work) for work in Work.objects.near(lon, lat, most).for_list()]
    near = sorted((pair for pair in found if pair[0] <= most), key=lambda pair: (pair[0], pair[1].pk))
    return [(round(metres), work) for metres, work in near]


def referred(work: Work, metres: int | None = None) -> Referred:
    """A work as the flow of a report shows it."""
    note = " · ".join(filter(None, (work.agency_in_charge, work.get_state_display())))
    return Referred(
        key=work.tender_number,
        label=work.name,
        note=note,
        unit=work.unit.code if work.unit else "",
        url=work.get_absolute_url(),
        address=work.address,
        lon=work.lon,
        lat=work.lat,
        metres=metres,
    )


def by_number(number: str) -> Work | None:
    """The work of a tender number."""
    return Work.objects.for_list().filter(tender_number=number).first()


def _get(key: str) -> Referred | None:
    work = by_number(key)
    return referred(work) if work else None


def _near(lon: float, lat: float) -> list[Referred]:
    return [referred(work, metres) for metres, work in works_near(lon, lat)[:SHOWN]]


def begin(case: Case) -> None:
    """A report has come in: tie it to the work that the citizen chose, if any."""
    if number := case.fields.get(FIELD):
        work = Work.objects.get(tender_number=number)
        CitizenReport.objects.create(case=case, work=work, in_construction=work.in_construction)


def match(case: Case, actor, work: str, text: str = "") -> Said:
    """An officer says which work the case is about, by its tender number; an empty one: no work of the register.

    The unit that has the work built becomes responsible for the case, unless the controller has ruled who is. A report
    that an inspection was asked for keeps its work: the request names it.
    """
    report = CitizenReport.objects.of(case).first()
    if report and report.inspection_asked_at:
        raise ValidationError({"work": _("本案已申請查核，不能再改對應的工程。")})
    number = work.strip()
    if not number:
        CitizenReport.objects.of(case).delete()
        case.fields = {name: value for name, value in case.fields.items() if name != FIELD}
        index_case(case)
        return Said(text, {"work": ""})
    found = by_number(number)
    if found is None:
        raise ValidationError({"work": _("工程清冊沒有「%(number)s」這個標案案號。") % {"number": number}})
    CitizenReport.objects.update_or_create(
        case=case, defaults={"work": found, "in_construction": found.in_construction}
    )
    case.fields = case.fields | {FIELD: found.tender_number}
    index_case(case)
    said = Said(text, {"number": found.tender_number, "work": found.name})
    if found.unit and found.unit_id != case.unit_id and not case.ruled:
        said.data |= {"from": case.unit.name, "to": found.unit.name}
        case.unit, case.officer = found.unit, None
        case.transfers += 1
        lay_down(case)
        # Whoever takes it over begins where the queue begins; a case that waits or is done goes on from there.
        said.target = "received" if case.state == "assigned" else None
    return said


WORKS = add_reference(Reference("works", gettext_lazy("是附近的哪一項工程？"), _near, _get))
