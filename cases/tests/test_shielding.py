"""Who complains of an agency stays unknown to it, in every way that a case shows its reporter."""

import pytest
from django.core.exceptions import PermissionDenied

from cases.actions.filing import Filing, Reporter, file_case
from cases.actions.performing import perform
from cases.models import Case, Contact
from cases.permissions import may_see_contact
from identity.models import Disclosure
from organisation import directory

pytestmark = pytest.mark.django_db

NOISE, SERVICE = "epb-inspection", "rdec-service"


@pytest.fixture
def complaint(report, staff) -> Case:
    """A petition against the environmental agency that has arrived at it."""
    case = report("petition", email="secret@example.com", user=staff("citizen", name="王陳情"))
    perform(staff("call_agent", "rdec-1999"), case.pk, "shield", unit=directory.unit(NOISE))
    perform(staff("case_officer", SERVICE), case.pk, "transfer", unit=directory.unit(NOISE), text="請查復")
    return Case.objects.for_list().get(pk=case.pk)


def test_the_agency_complained_of_does_not_see_who_complains(complaint, staff, sign_in, report):
    report("noise", email="secret@example.com")
    perform(complaint.contact.reporter, complaint.pk, "comment", by_citizen=True, text="補充")
    for person in (staff("case_officer", NOISE), staff("unit_head", NOISE)):
        client = sign_in(person)
        page = client.get(f"/desk/cases/{complaint.number}/")
        assert "已對該機關保密" in page.text
        assert "王陳情" not in page.text and "同一位民眾的其他案件" not in page.text
        assert client.post(f"/desk/cases/{complaint.number}/contact/").status_code == 403
    assert not Disclosure.objects.exists()
    outside = staff("call_agent", "rdec-1999")
    assert may_see_contact(outside, complaint, complaint.contact)
    shown = sign_in(outside).post(f"/desk/cases/{complaint.number}/contact/")
    assert "secret@example.com" in shown.text and Disclosure.objects.count() == 1


def test_a_colleague_of_another_unit_of_that_agency_and_a_second_role_do_not_help(complaint, staff):
    agent = staff("call_agent", "rdec-1999")
    from organisation.models import Membership

    Membership.objects.create(
        user=agent, role="case_officer", unit=directory.unit("epb-sanitation"), since="2020-01-01"
    )
    assert not may_see_contact(agent, complaint, complaint.contact)


def test_the_agencys_other_cases_do_not_give_the_writer_away(complaint, report, staff, sign_in):
    """The same citizen's report about noise is not hidden; that they also complain must not stand beside it."""
    noise = report("noise", email="secret@example.com", lon=120.35, lat=22.65)
    listed = sign_in(staff("case_officer", NOISE)).get(f"/desk/cases/{noise.number}/related/")
    assert complaint.number not in listed.text
    perform(staff("controller"), complaint.pk, "release", text="須會同現勘")
    listed = sign_in(staff("case_officer", NOISE)).get(f"/desk/cases/{noise.number}/related/")
    assert complaint.number in listed.text


def test_the_agency_cannot_lift_its_own_shield_by_setting_another(complaint, staff):
    with pytest.raises(PermissionDenied):
        perform(staff("unit_head", NOISE), complaint.pk, "shield", unit=directory.unit("police-traffic"))
    assert Contact.objects.get(case=complaint).shielded_from.code == directory.unit(NOISE).agency.code
    perform(staff("call_agent", "rdec-1999"), complaint.pk, "shield", unit=directory.unit("police-traffic"))
    assert Contact.objects.get(case=complaint).shielded_from.code == directory.unit("police-traffic").agency.code


def test_nobody_is_offered_to_hide_what_they_may_not_or_what_is_not_there(complaint, report, staff, sign_in):
    officer = sign_in(staff("case_officer", NOISE))
    assert "/shield/" not in officer.get(f"/desk/cases/{complaint.number}/").text
    nameless = report("noise", email="")
    assert "/shield/" not in officer.get(f"/desk/cases/{nameless.number}/").text
    known = report("noise", email="someone@example.com")
    assert "/shield/" in officer.get(f"/desk/cases/{known.number}/").text


def test_only_the_controller_may_let_them_know(complaint, staff, sign_in):
    officer, controller = staff("case_officer", NOISE), staff("controller")
    for someone in (officer, staff("unit_head", NOISE), staff("call_agent", "rdec-1999")):
        with pytest.raises(PermissionDenied):
            perform(someone, complaint.pk, "release", text="我想知道")
    client = sign_in(controller)
    refused = client.post(
        f"/desk/cases/{complaint.number}/release/", {"version": Case.objects.get(pk=complaint.pk).version, "text": ""}
    )
    assert refused.status_code == 422
    perform(controller, complaint.pk, "release", text="須會同陳情人現勘")
    assert may_see_contact(officer, complaint, Contact.objects.get(case=complaint))
    shown = sign_in(officer).post(f"/desk/cases/{complaint.number}/contact/")
    assert "secret@example.com" in shown.text and Disclosure.objects.count() == 1  # known, and logged as ever
    with pytest.raises(PermissionDenied):
        perform(controller, complaint.pk, "release", text="again")
    perform(staff("call_agent", "rdec-1999"), complaint.pk, "shield", unit=directory.unit(NOISE))
    assert not may_see_contact(officer, complaint, Contact.objects.get(case=complaint))


def test_a_complaint_is_filed_shielded_and_what_is_split_off_stays_so(city, staff):
    filed = file_case(
        Filing("petition", fields={"subject": "稽查員收賄"}, description="請查",
               reporter=Reporter(email="s@example.com", against=directory.unit(NOISE).agency))
    )  # fmt: skip
    contact = Contact.objects.get(case_id=filed.pk)
    assert contact.shielded_from.code == directory.unit(NOISE).agency.code
    perform(staff("case_officer", SERVICE), filed.pk, "split", kind_code="petition", description="另一事")
    assert Contact.objects.get(case__split_from=filed.pk).shielded_from == contact.shielded_from
