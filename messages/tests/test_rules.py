import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from messages.rules import WAITS, MailServer, is_push_service, mail_server, masked, without_address
from messages.timing import wait_after


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://localhost", MailServer("localhost", 25, "", "", "none")),
        ("smtp://10.0.0.1:2525/", MailServer("10.0.0.1", 2525, "", "", "none")),
        ("starttls://me:p%40ss%3A@mail.example.tw", MailServer("mail.example.tw", 587, "me", "p@ss:", "starttls")),
        ("smtps://me@mail.example.tw:4465", MailServer("mail.example.tw", 4465, "me", "", "tls")),
    ],
)
def test_a_mail_url_is_read(url, server):
    assert mail_server(url) == server


@pytest.mark.parametrize(
    "url", ["", "mail.example.tw", "http://mail", "smtp://", "smtp://a:b/c@host", "smtp://h:port", "smtp://a:密碼@h"]
)
def test_a_wrong_mail_url_is_refused(url):
    with pytest.raises(ValueError):
        mail_server(url)


def test_waits_grow_and_end_after_three_days():
    waits = [wait_after(attempts, WAITS) for attempts in range(1, len(WAITS) + 1)]
    assert waits == sorted(waits)
    assert 3 <= sum(wait.total_seconds() for wait in waits) / 86400 < 4
    assert wait_after(len(WAITS) + 1, WAITS) is None


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("wang@example.com", "w***@example.com"),
        ("w@example.com", "w***@example.com"),
        ('"a@b"@example.com', '"***@example.com'),
        ("@example.com", "***"),
        ("nothing", "***"),
        ("", "***"),
    ],
)
def test_masked(address, shown):
    assert masked(address) == shown


def test_an_address_is_masked_wherever_a_server_repeats_it():
    said = "550 <Wang@Example.com>: no wang@example.com here"
    assert without_address(said, "wang@example.com") == "550 <w***@example.com>: no w***@example.com here"
    assert without_address("550 no", "") == "550 no"


@given(st.emails(), st.text(), st.text())
def test_no_address_is_left(address, before, after):
    assume(not address.startswith("*"))  # which is what the mask itself is made of
    assert address.casefold() not in without_address(f"{before} {address} {after}", address).casefold()


SERVICES = ["push.example", "http://127.0.0.1:9000"]


@pytest.mark.parametrize(
    ("endpoint", "known"),
    [
        ("https://push.example/v1/abc", True),
        ("https://eu.push.example:443/v1/abc", True),
        ("http://127.0.0.1:9000/v1/abc", True),
        ("http://push.example/v1/abc", False),
        ("https://push.example:8443/v1/abc", False),
        ("https://notpush.example/", False),
        ("https://push.example.attacker.tw/", False),
        ("https://push.example@10.0.0.1/", False),
        ("https://me:secret@push.example/", False),
        ("http://127.0.0.1:9001/", False),
        ("https://10.0.0.1/", False),
        ("https://[/", False),
        ("https://push.example:port/", False),
        ("", False),
    ],
)
def test_only_known_push_services_are_called(endpoint, known):
    assert is_push_service(endpoint, SERVICES) is known
