"""By which way a reporter hears: what they chose on the report's page, and the devices that asked for pushes."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from cases.actions import following
from cases.actions.filing import Reporter
from cases.models import Case, Contact
from cases.registry import kinds
from foundation import clock, jobs
from messages import letters
from messages.models import Device, Message, Watch
from messages.registry import notice
from messages.testing import smtp_server
from messages.testing_phones import awake, push_service, sms_gateway
from messages.texting import fitted, length
from servicerequests.tests.office import act, done, link

__all__ = ["awake", "push_service", "sms_gateway", "smtp_server"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("awake")]
MAIL, MOBILE = "ming@example.com", "0912-345-678"


def closed(case: Case) -> Case:
    """The case after the work on it is done and put away."""
    return act(done(case), "close")


def ways(case: Case) -> list[tuple[str, str]]:
    """Channel and recipient of the messages about a case."""
    return [(each.channel, each.recipient) for each in Message.objects.about("cases.case", case.pk).order_by("pk")]


def reported(walker, **contact) -> Case:
    """A report that was filed through the pages."""
    walker.report(kinds()["pothole"], contact)
    assert "已收到您的通報" in walker.page, walker.page
    return Case.objects.get()


def test_who_wants_text_messages_gets_them_and_no_mail(walker, sms_gateway, smtp_server):
    case = reported(walker, email=MAIL, phone=MOBILE, wants_sms="on")
    assert "會傳簡訊給您" in walker.page
    jobs.perform_waiting()
    assert ways(case) == [("sms", "+886912345678")] and not smtp_server.mails
    (text,) = sms_gateway.texts
    assert str(case.number) in text.text and text.text.endswith(link(case)) and "已受理" in text.text
    assert length(text.text).parts <= 2


def test_what_the_gateway_refuses_goes_by_mail(walker, sms_gateway, smtp_server):
    sms_gateway.refuses.add("+886912345678")
    case = reported(walker, email=MAIL, phone=MOBILE, wants_sms="on")
    jobs.perform_waiting()
    assert ways(case) == [("sms", "+886912345678"), ("mail", MAIL)] and len(smtp_server.mails) == 1


def test_who_does_not_ask_for_text_messages_gets_none(walker, sms_gateway, smtp_server):
    case = reported(walker, email=MAIL, phone=MOBILE)
    jobs.perform_waiting()
    assert ways(case) == [("mail", MAIL)] and not sms_gateway.texts
    assert "會寄電子郵件給您" in walker.page


@pytest.mark.parametrize("phone", ["", "07-337-3333", "0912345678#12"])
def test_text_messages_need_a_mobile_and_nothing_typed_is_lost(walker, sms_gateway, phone):
    walker.what(kinds()["pothole"]).where()
    walker.send()
    walker.send(email=MAIL, phone=phone, wants_sms="on")
    assert walker.status == 422 and "要收簡訊，請填行動電話號碼" in walker.page
    form = walker.form("wants_sms")
    assert (form.values["wants_sms"], form.values["phone"], form.values["email"]) == ("on", phone, MAIL)
    walker.send(phone=MOBILE)
    assert "用簡訊通知" in walker.page  # among the answers to check


def test_without_a_gateway_it_is_not_offered(walker):
    walker.what(kinds()["pothole"]).where()
    walker.send()
    assert "用簡訊通知我" not in walker.page


def test_without_a_gateway_who_chose_text_messages_gets_mail(filed, smtp_server):
    case = filed()
    Contact.objects.filter(case=case).update(phone=MOBILE, wants_sms=True)
    Message.objects.all().delete()
    done(case)
    assert ways(case) == [("mail", "a@example.com")]


def test_every_notice_to_a_reporter_fits_a_text_message(city):
    for family in {kind.family.code: kind.family for kind in kinds().values()}.values():
        for code in family.notices.values():
            for language in ("zh-hant", "en"):
                what = notice(code)
                subject = letters.write(what, language, what.example).subject
                short = letters.write_short(what, language, what.example, subject)
                assert what.example["number"] in short and fitted(short, 3) == short, (code, language)
                assert letters.address_in(short).endswith(f"/track/{what.example['number']}/{what.example['code']}/")


# -- Devices -----------


def subscribe(client, case: Case, asked: dict, method: str = "post", status: int = 204):
    body = asked if method == "post" else {"endpoint": asked["endpoint"]}
    address = f"{link(case)}push/"
    answer = getattr(client, method)(address, json.dumps(body), content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer


def test_a_device_hears_what_happens_until_it_wants_no_more(filed, client, push_service, smtp_server):
    case, asked = filed(), push_service.subscribe()
    subscribe(client, case, asked)
    subscribe(client, case, asked)
    jobs.perform_waiting()
    done(case)
    jobs.perform_waiting()
    (got,) = push_service.pushes
    assert str(case.number) in got.shown["title"] and got.shown["url"].endswith(link(case))
    assert len(smtp_server.mails) == 2  # received and done: the mail goes on
    subscribe(client, case, asked, "delete")
    assert not Device.objects.exists()
    subscribe(client, case, asked, "delete")


def test_a_device_hears_of_an_anonymous_report_in_its_language(filed, client, push_service):
    case = filed(reporter=Reporter())
    client.cookies["django_language"] = "en"
    subscribe(client, case, push_service.subscribe())
    done(case)
    jobs.perform_waiting()
    assert (
        push_service.pushes[0].shown["title"].startswith("Work done") and push_service.pushes[0].shown["lang"] == "en"
    )
    assert [channel for channel, _to in ways(case)] == ["push"]


def test_only_who_has_the_code_may_listen(filed, client, push_service):
    case = filed()
    asked = json.dumps(push_service.subscribe())
    for address in (f"/track/{case.number}/AAAABBBB/push/", "/track/D111-9999999/AAAABBBB/push/"):
        assert client.post(address, asked, content_type="application/json").status_code == 404
    assert not Device.objects.exists() and not Watch.objects.exists()


def test_a_foreign_page_cannot_subscribe_for_somebody(filed, push_service):
    case = filed()
    subscribe(Client(enforce_csrf_checks=True), case, push_service.subscribe(), status=403)


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ("{", "JSON"),
        ("[]", "endpoint"),
        ("{}", "endpoint"),
        ('{"endpoint": 7}', "endpoint"),
        ('{"endpoint": "https://10.0.0.1/x", "keys": {"p256dh": "AA", "auth": "AA"}}', "endpoint"),
        ('{"endpoint": "https://push.example/x"}', "p256dh"),
        ('{"endpoint": "https://push.example/x", "keys": {"p256dh": "密", "auth": "AA"}}', "p256dh"),
        ('{"endpoint": "https://push.example/x", "keys": {"p256dh": "AA", "auth": "AA"}}', "auth"),
    ],
)
def test_what_is_no_subscription_is_refused_by_name(filed, client, settings, body, wrong):
    settings.PUSH_SERVICES = ["push.example"]
    answer = client.post(f"{link(filed())}push/", body, content_type="application/json")
    assert (answer.status_code, answer.json()) == (400, {"error": wrong})
    assert not Device.objects.exists()


def test_the_page_offers_it_while_something_can_still_happen(filed, client, push_service, settings):
    case = filed()
    assert push_service.public_key in client.get(link(case)).content.decode()
    assert push_service.public_key in client.get("/app/notices/").content.decode()
    settings.PUSH_SERVICES = []
    assert "data-push" not in client.get(link(case)).content.decode()
    settings.PUSH_SERVICES = ["push.example"]
    closed(case)
    assert "data-push=" not in client.get(link(case)).content.decode()


def test_devices_are_forgotten_when_a_case_has_long_been_closed(filed, client, push_service):
    both, now = push_service.subscribe(), clock.now()
    with time_machine.travel(now - timedelta(days=31), tick=False):
        old = closed(filed())
    with time_machine.travel(now - timedelta(days=29), tick=False):
        fresh = closed(filed())
    subscribe(client, old, both)
    subscribe(client, old, push_service.subscribe())
    subscribe(client, fresh, both)
    assert following.forget_devices() == 2 and following.forget_devices() == 0
    assert list(Watch.objects.values_list("topic_id", flat=True)) == [fresh.pk] and Device.objects.count() == 1
