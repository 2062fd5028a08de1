"""Web push against a real push service on loopback, which checks who signs and decrypts as the browser does."""

import base64
import stat
import subprocess
import sys
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection

from foundation import clock, jobs
from messages import actions, devices
from messages.actions import send
from messages.channels import push
from messages.channels.base import Outgoing
from messages.models import Device, Message, State, Watch
from messages.tests.conftest import RECEIVED
from messages.tests.test_sms import history, outcome

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("awake")]
ABOUT = ("test.thing", 7)
WAITS = push.Push.waits


@pytest.fixture
def device(push_service):
    """``device()``: a browser that asked for news."""

    def device(name: str = "", language: str = "zh-hant", about=ABOUT) -> Device:
        asked = push_service.subscribe(name)
        return devices.watch(asked["endpoint"], **asked["keys"], language=language, topic=about[0], topic_id=about[1])

    return device


def pushed(to: Device | str) -> Message:
    token = str(to.token) if isinstance(to, Device) else to
    sent = send(RECEIVED.code, token, "zh-hant", RECEIVED.example, *ABOUT, channel="push")
    return Message.objects.get(token=sent.token)


def test_a_push_arrives_and_only_the_browser_can_read_it(push_service, device, settings):
    settings.PUBLIC_URL = "https://city.example"
    settings.DEFAULT_FROM_EMAIL = "no-reply@city.example"
    message = pushed(device())
    assert jobs.perform_waiting() == 1
    assert outcome(message) == (State.SENT, 1, "") and message.reference == "/messages/1"
    (got,) = push_service.pushes
    assert got.shown == {
        "title": "D111-0000001 已受理",
        "body": "D111-0000001 已受理",
        "url": "https://city.example/t/1/",
        "tag": message.token.hex,
        "lang": "zh-hant",
    }
    assert (got.ttl, got.urgency) == (24 * 3600, "normal")
    assert (got.claims["aud"], got.claims["sub"]) == (push_service.url, "mailto:no-reply@city.example")
    assert "已受理".encode() not in got.encrypted and b"city.example" not in got.encrypted
    assert message.masked_recipient == "這支裝置"


def test_the_reporters_notice_may_wake_people_by_rule(push_service, device, monkeypatch):
    monkeypatch.setattr(actions, "_quiet", lambda: SimpleNamespace(channels=(), exempt={RECEIVED.code}))
    pushed(device())
    jobs.perform_waiting()
    assert push_service.pushes[0].urgency == "high"


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_over_ends(push_service, device, status):
    gone, stays = device(), device()
    push_service.over[urlsplit(gone.endpoint).path] = status
    message = pushed(gone)
    jobs.perform_waiting()
    state, attempts, error = outcome(message)
    assert (state, attempts) == (State.FAILED, 1) and error.startswith(str(status))
    assert list(Device.objects.all()) == [stays]
    assert not Watch.objects.exclude(device=stays).exists()
    later = pushed(str(gone.token))
    jobs.perform_waiting()
    assert outcome(later) == (State.FAILED, 1, "no such subscription any more")


@pytest.mark.parametrize("hindrance", ["429", "500", "403", "down"])
def test_what_fails_for_the_moment_is_tried_again(push_service, device, settings, hindrance):
    asked = device()
    message = pushed(asked)
    port = urlsplit(push_service.url).port
    if hindrance == "down":
        settings.PUSH_SERVICES = ["http://127.0.0.1:9"]
        endpoint = asked.endpoint
        Device.objects.filter(pk=asked.pk).update(endpoint=endpoint.replace(str(port), "9"))
    else:
        push_service.fails, push_service.retry_after = int(hindrance), "120" if hindrance == "429" else ""
    with time_machine.travel(clock.now(), tick=False) as now:
        jobs.perform_waiting()
        state, attempts, error = outcome(message)
        assert (state, attempts) == (State.QUEUED, 1) and error
        assert message.due_at - clock.now() == (timedelta(minutes=2) if hindrance == "429" else WAITS[0])
        push_service.fails = 0
        if hindrance == "down":
            settings.PUSH_SERVICES = [push_service.url]
            Device.objects.filter(pk=asked.pk).update(endpoint=endpoint)
        now.shift(timedelta(minutes=2))
        jobs.perform_waiting()
    assert outcome(message) == (State.SENT, 2, "") and len(push_service.pushes) == 1


def test_after_all_waits_it_has_failed(push_service, device):
    push_service.fails = 503
    message = pushed(device())
    with time_machine.travel(clock.now(), tick=False) as now:
        for wait in WAITS:
            jobs.perform_waiting()
            now.shift(wait)
        jobs.perform_waiting()
    assert outcome(message)[:2] == (State.FAILED, len(WAITS) + 1)
    assert [state for state, _reason in history(message)] == ["queued"] * len(WAITS) + ["failed"]


def test_a_message_that_is_too_large_has_failed(push_service, device):
    push_service.fails = 413
    message = pushed(device())
    jobs.perform_waiting()
    assert outcome(message)[0] == State.FAILED


def test_the_longest_words_fit(push_service, device):
    words = "長" * 5000 + "\nhttps://city.example/t/1/"
    long = Outgoing("a" * 32, str(device().token), "主旨" * 100, "", "zh-hant", short=words)
    push.Push().deliver(long)
    assert push_service.pushes[0].shown["url"] == "https://city.example/t/1/"


def test_a_service_that_is_struck_off_the_list_is_not_called(push_service, device, settings):
    message = pushed(device())
    settings.PUSH_SERVICES = ["push.example"]
    jobs.perform_waiting()
    assert outcome(message)[0] == State.FAILED and not push_service.pushes


def test_without_services_it_is_kept(push_service, device, settings):
    asked = device()
    settings.PUSH_SERVICES = []
    assert outcome(pushed(asked)) == (State.KEPT, 0, "")


# -- Devices -----------


def test_a_device_is_registered_once_and_its_keys_are_renewed(push_service, device):
    first = device("phone")
    again = device("phone", language="en", about=("test.thing", 8))
    assert first.pk == again.pk and again.language == "en" and again.p256dh != first.p256dh
    assert Watch.objects.count() == 2
    pushed(again)
    jobs.perform_waiting()
    assert len(push_service.pushes) == 1


def test_what_only_the_browser_knows_is_encrypted(push_service, device):
    asked = device()
    with connection.cursor() as cursor:
        cursor.execute("SELECT endpoint, p256dh, auth FROM citymessages_device")
        stored = cursor.fetchone()
    assert not {asked.endpoint, asked.p256dh, asked.auth} & set(stored)


def test_who_wants_no_more_is_forgotten(push_service, device):
    one, other = device("one"), device("other")
    device("one", about=("test.thing", 8))
    devices.unwatch(one.endpoint, *ABOUT)
    assert list(Device.objects.about(*ABOUT)) == [other] and Device.objects.count() == 2
    devices.unwatch(one.endpoint, "test.thing", 8)
    assert list(Device.objects.all()) == [other]
    devices.unwatch("https://nobody.example/", *ABOUT)
    assert Device.objects.count() == 1


def test_a_device_does_not_gather_records_without_end(push_service, device, monkeypatch):
    monkeypatch.setattr(devices, "WATCHES_MOST", 3)
    for number in range(5):
        device("phone", about=("test.thing", number))
    assert list(Watch.objects.order_by("topic_id").values_list("topic_id", flat=True)) == [2, 3, 4]


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"endpoint": "https://10.0.0.1/push/1"}, "endpoint"),
        ({"endpoint": "http://169.254.169.254/latest"}, "endpoint"),
        ({"endpoint": ""}, "endpoint"),
        ({"auth": "AAAA"}, "auth"),
        ({"auth": "密"}, "auth"),
        ({"p256dh": "AAAA"}, "p256dh"),
        ({"p256dh": base64.urlsafe_b64encode(b"\x04" + b"\x01" * 64).decode()}, "p256dh"),  # not on the curve
        ({"p256dh": ""}, "p256dh"),
    ],
)
def test_what_is_no_subscription_is_refused(push_service, change, wrong):
    asked = push_service.subscribe()
    said = {"endpoint": asked["endpoint"], **asked["keys"], **change}
    with pytest.raises(devices.NotADevice, match=wrong):
        devices.watch(**said, language="en", topic="test.thing", topic_id=7)
    assert not Device.objects.exists()


# -- The key -----------


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path):
    made = push.kept_key(tmp_path)
    assert push.kept_key(tmp_path) == made and "BEGIN PRIVATE KEY" in made
    assert stat.S_IMODE((tmp_path / "vapid.pem").stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["vapid.pem"]


def test_processes_that_start_together_have_one_key(tmp_path):
    program = (
        "import sys, pathlib; from messages.channels.push import kept_key as k; print(k(pathlib.Path(sys.argv[1])))"
    )
    setup = f"import django; django.setup(); {program}"
    started = [
        subprocess.Popen([sys.executable, "-c", setup, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _each in range(3)
    ]
    assert len({process.communicate(timeout=60)[0] for process in started}) == 1


def test_a_key_may_come_from_the_environment(push_service, settings):
    raw = base64.urlsafe_b64encode(b"\x07" * 32).decode().rstrip("=")
    settings.VAPID_KEY = raw
    push._key.cache_clear()
    push.public_key.cache_clear()
    assert push.public_key() != push_service.public_key and len(push.public_key()) == 87
