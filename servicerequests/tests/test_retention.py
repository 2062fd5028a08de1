"""What petitioners wrote goes when its term is over, and no figure, no number and nothing that the city wrote."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from cases.actions.performing import TOPIC, perform
from cases.models import Case, CaseEvent, Redaction
from cases.querysets import FORGOTTEN
from foundation.clock import now
from retention import actions
from search.models import Entry

pytestmark = pytest.mark.django_db
DESK, HOLDING = "epb-inspection", "servicerequests.petition_words"


def closed(report, staff, kind="noise", years=11) -> Case:
    officer = staff("case_officer", DESK if kind == "noise" else "pwb-roads")
    case = report(kind, description="隔壁王大明每晚唱歌", place_note="王家二樓", email="a@example.com")
    perform(officer, case.pk, "answer", text="已請改善。", outcome="answered")
    perform(officer, case.pk, "close")
    ago = now() - timedelta(days=366 * years)
    moments = ("received_at", "promised_at", "due_at", "done_at", "closed_at")
    Case.objects.filter(pk=case.pk).update(**dict.fromkeys(moments, ago), rating_note="王大明還在唱")
    facts = {"case": case, "to_state": "closed", "at": ago}
    CaseEvent.objects.create(verb="supply", actor_label="民眾", text="王大明又唱了", **facts)
    CaseEvent.objects.create(verb="comment", actor_label="噪音科", text="已電話聯繫。", **facts)
    Redaction.objects.create(case=case, text="隔壁○○○每晚唱歌", by=officer)
    return case


def run() -> tuple[int, int]:
    done = next(report for report in actions.run() if report.holding == HOLDING)
    return done.looked, done.done


def test_what_a_petitioner_wrote_is_replaced_once_and_the_rest_stays(report, staff, client):
    old, young, hole = closed(report, staff), closed(report, staff, years=9), closed(report, staff, "pothole")
    words = {e.verb: e.text for e in old.events.all()}
    assert run() == (1, 1)
    after = Case.objects.for_list().get(pk=old.pk)
    assert after.description == f"噪音{FORGOTTEN}" and not after.place_note + after.rating_note
    assert (after.outcome, after.state, after.number) == (old.outcome or "answered", "closed", old.number)
    assert {e.verb: e.text for e in old.events.all()} == words | {"supply": ""}
    assert not Redaction.objects.filter(case=old).exists()
    for kept in (young, hole):
        assert "王大明" in Case.objects.get(pk=kept.pk).description and kept.redactions.exists()
    assert FORGOTTEN in client.get(f"/track/{old.number}/{old.secret}/").text or not after.secret
    assert Entry.objects.filter(kind=TOPIC, object_id=old.pk).count() == 1
    assert all(text.find("保存期限") < 0 for text, _kind, _agency in Case.objects.settled_texts(10))
    again = next(each for each in actions.forecast() if each.holding.code == HOLDING)
    assert again.looked == 0


def test_the_database_lets_old_words_be_emptied_and_nothing_else(report, staff):
    case = closed(report, staff)
    old, young = case.events.filter(verb="supply"), case.events.filter(verb="file")
    for refused in (
        lambda: old.update(text="改寫"),
        lambda: old.update(text="", actor_label=""),
        lambda: old.delete(),
        lambda: young.update(text=""),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            refused()
    assert old.update(text="") == 1
    CaseEvent.objects.create(case=case, verb="rate", actor_label="民眾", text="王", to_state="closed", at=now())
    assert run() == (0, 0), "what the citizen said is guarded still, so the case waits"
