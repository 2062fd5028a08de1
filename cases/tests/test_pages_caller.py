"""Who is on the line: a citizen's earlier cases by telephone number or e-mail, each look-up in the log."""

import pytest

from cases.models import Contact
from foundation.encryption import digest
from identity.models import Disclosure
from organisation import directory

pytestmark = pytest.mark.django_db

ROADS, NOISE = "pwb-roads", "epb-inspection"


@pytest.fixture
def called(report):
    """Two cases of one citizen and one of another's."""
    cases = [report(), report("noise"), report()]
    for case, phone in zip(cases, ("0912345678", "0912345678", "0987654321"), strict=True):
        Contact.objects.filter(case=case).delete()
        Contact.objects.create(case=case, phone=phone, phone_digest=digest(phone))
    return cases


def numbers(client, known_as: str) -> set[str]:
    return {case.number for case in client.post("/desk/caller/", {"known_as": known_as}).context["found"]}


def test_a_caller_is_found_by_the_number_however_written_and_the_log_says_so(called, staff, sign_in):
    road, noise, _other = called
    agent = sign_in(staff("call_agent"))
    assert numbers(agent, "0912-345-678") == numbers(agent, "+886 912 345 678") == {road.number, noise.number}
    assert Disclosure.objects.filter(subject="case", subject_id=road.number, fields=["phone"]).count() == 2
    assert numbers(agent, "0911111111") == set() and Disclosure.objects.count() == 4


def test_only_what_the_reader_may_know_of_is_found(called, staff, sign_in):
    road, _noise, _other = called
    assert numbers(sign_in(staff("case_officer", ROADS)), "0912345678") == {road.number}
    Contact.objects.filter(case=road).update(shielded_from=directory.unit(ROADS).agency)
    assert numbers(sign_in(staff("case_officer", ROADS)), "0912345678") == set()
    assert sign_in(staff("controller")).get("/desk/caller/").status_code == 403


def test_a_name_or_half_a_number_is_refused(city, staff, sign_in):
    answer = sign_in(staff("call_agent")).post("/desk/caller/", {"known_as": "王小明"})
    assert answer.status_code == 422 and "完整的電話號碼" in answer.content.decode()
    assert "王小明" in answer.content.decode()
