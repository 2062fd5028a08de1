"""Live systems are looked at: what does not answer twice is told, and that it answers again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.models import Message
from singlesignon.actions import register
from singlesignon.actions.health import look, look_at_all
from singlesignon.models import RelyingSystem, SystemHealth
from singlesignon.rules import turn_of


class Page(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.server.asked.append(self.command)
        self.send_response(self.server.answers.get(self.command, 200))
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, *_args: object) -> None:
        """Silence."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    found = HTTPServer(("127.0.0.1", 0), Page)
    found.answers, found.asked = {}, []
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    yield found
    found.shutdown()
    found.server_close()
    thread.join()


@given(st.lists(st.booleans()))
def test_every_fall_is_told_once_and_every_rise_after_it(looks: list[bool]) -> None:
    failures, told = 0, []
    for failed in looks:
        if turn := turn_of(failures, failed):
            told.append(turn)
        failures = failures + 1 if failed else 0
    assert told == ["down", "up"] * (len(told) // 2) + ["down"] * (len(told) % 2)
    assert bool(told and told[-1] == "down") == (failures >= 2)


def test_what_counts_as_an_answer(server: HTTPServer, settings) -> None:
    address = f"http://127.0.0.1:{server.server_port}/"
    for status, said in ((200, ""), (302, ""), (403, ""), (404, "HTTP 404"), (503, "HTTP 503")):
        server.answers = {"HEAD": status, "GET": status}
        assert look(address) == said
    server.answers = {"HEAD": 405, "GET": 200}
    assert look(address) == ""
    assert look("http://127.0.0.1:1/") == "ConnectionError"
    settings.OUTBOUND_NETWORKS = []
    server.asked.clear()
    assert look(address) == "Inward" and not server.asked


def test_two_failures_in_a_row_are_told_and_so_is_that_it_answers_again(
    city, relying, reviewer, manager, client, server: HTTPServer
) -> None:
    system = relying(homepage=f"http://127.0.0.1:{server.server_port}/").system
    stopped = relying(homepage="http://127.0.0.1:1/").system
    register.perform(reviewer, stopped, "suspend", "改版")
    relying()  # at a name of the demo's, which nobody can have
    look_at_all()
    assert not Message.objects.exists() and SystemHealth.objects.get().error == ""
    server.answers = {"HEAD": 503, "GET": 503}
    assert look_at_all() == 1
    assert not Message.objects.exists()
    for _hour in range(3):
        look_at_all()
    told = set(Message.objects.values_list("notice", flat=True))
    assert told == {"singlesignon.down"}
    client.force_login(manager)
    assert "沒有正常回應（HTTP 503）" in client.get(f"/relying-systems/{system.pk}/").content.decode()
    server.answers = {}
    assert look_at_all() == 0
    look_at_all()
    events = system.events.filter(verb__in=("down", "up")).order_by("pk").values_list("verb", "text")
    assert list(events) == [("down", "HTTP 503"), ("up", "")]
    assert Message.objects.filter(notice="singlesignon.up").exists()
    assert RelyingSystem.objects.get(pk=system.pk).state == "live", "a system that fails is not suspended by itself"
