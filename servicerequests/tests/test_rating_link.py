"""The link of the closing letter: it opens the rating, nothing else, and a low one with a reason re-opens it once."""

import re

import pytest
from django.test import Client

from cases.models import Case
from messages.models import Message
from servicerequests.actions.rating import rating_path
from servicerequests.tests.office import WORDS, act, done

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(filed):
    case = filed()
    done(case)
    act(case, "close")
    return Case.objects.get(pk=case.pk)


def letter(case: Case) -> str:
    body = Message.objects.filter(topic_id=case.pk, notice="servicerequests.closed").last().body
    return re.search(r"(/rate/\S+/)", body)[1]


def send(address: str, **typed):
    client = Client()
    version = re.search(r'name="version" value="(\d+)"', client.get(address).text)[1]
    return client.post(address, {"version": version, **typed})


def test_the_letters_link_opens_the_rating_and_nothing_else(closed):
    address = letter(closed)
    page = Client().get(address)
    assert page.status_code == 200 and closed.secret not in page.text and WORDS not in page.text
    assert page["Cache-Control"] == "private, no-store"
    assert Case.objects.get(pk=closed.pk).rating is None  # opening is not rating
    empty = send(address, note="忘了選")
    assert empty.status_code == 422 and "忘了選" in empty.text
    assert send(address, rating=5, note="").status_code == 302
    assert Case.objects.get(pk=closed.pk).rating == 5
    assert 'name="reopen"' not in Client().get(address).text


def test_a_link_that_nobody_signed_opens_nothing(closed):
    for seal in (str(closed.number), f"{closed.number}:forged", rating_path("D111-9999999").split("/")[2]):
        answer = Client().get(f"/rate/{seal}/")
        assert answer.status_code == 404 and closed.kind.label not in answer.text


def test_a_low_rating_with_a_reason_opens_the_case_once(closed):
    address = letter(closed)
    assert send(address, rating=1, note="  ").status_code == 302
    assert 'name="reopen"' not in Client().get(address).text  # no reason, no right
    refused = Client().post(address, {"version": closed.version + 1, "text": "再修", "reopen": 1})
    assert refused.status_code == 404
    assert send(address, rating=2, note="還是有洞").status_code == 302
    assert send(address, text="", reopen=1).status_code == 422
    assert send(address, text="洞還在", reopen=1).status_code == 302
    case = Case.objects.get(pk=closed.pk)
    assert (case.state, case.reopened, case.rating) == ("received", 1, None)
    assert "不在可以評分的階段" in Client().get(address).text
    done(case)
    act(case, "close")
    assert send(address, rating=1, note="又破了").status_code == 302
    assert 'name="reopen"' not in Client().get(address).text  # once by the rule
