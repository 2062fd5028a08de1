"""A report is compiled: assigned, written by several hands, sent back, agreed, signed, published, sent out."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from annualreport.actions import checking
from annualreport.actions.changes import Answer, changes_of
from annualreport.actions.compiling import (
    Conflict,
    add_section,
    assign,
    newest,
    open_report,
    perform,
    write,
)
from annualreport.actions.publishing import dispatch, publish
from annualreport.actions.reading import edition
from annualreport.actions.telling import remind
from annualreport.models import Dispatch, Event, Publication, Report, Section, Version
from annualreport.permissions import verbs_for
from annualreport.registry import RESULTS, kind, kinds
from annualreport.states import LIFE
from cases.models import Case
from figures import actions as figures
from figures.registry import Period, registry
from foundation.clock import now, today
from messages.models import Message
from organisation import directory

pytestmark = pytest.mark.django_db

YEAR = Period.year(2022)
GOOD = "{period}電話總處理量 {contactcentre.calls} 通。"


def enter(value: int, reason: str = "") -> None:
    figures.enter(registry.figure("contactcentre.calls"), YEAR, Decimal(value), "月報", reason=reason)


def test_a_report_begins_with_the_packs_outline_and_texts(report_111, people):
    nodes = {node.code: node for node in kind(RESULTS).nodes}
    sections = {section.code: section for section in report_111.sections.for_list()}
    assert set(sections) == set(nodes)
    for code, section in sections.items():
        version = newest(section)
        assert (version.number, version.text_zh, version.by) == (1, nodes[code].text_zh, None)
        assert section.unit.code == nodes[code].unit
        assert section.state == ("assigned" if nodes[code].text_zh else "final")
        assert section.due_on >= today() + timedelta(days=14)
    with pytest.raises(ValidationError, match="已經開始"):
        open_report(people["controller"], kind(RESULTS), YEAR)
    for wrong in (Period.month(2022, 8), Period.year(today().year + 1)):
        with pytest.raises(ValidationError):
            open_report(people["controller"], kind(RESULTS), wrong)
    assert Report.objects.count() == 1


def test_every_state_can_be_left_and_every_verb_has_its_right():
    assert set(LIFE.states) == {state for t in LIFE.transitions.values() for state in t.sources}
    assert all(t.permission.startswith("annualreport:") for t in LIFE.transitions.values())


def test_a_section_goes_its_way_and_each_step_is_kept(calls, people):
    writer, head, controller = (people[name] for name in ("writer", "head", "controller"))
    write(writer, calls.pk, 1, GOOD, "{contactcentre.calls} calls.")
    assert perform(writer, calls.pk, "submit").state == "drafted"
    returned = perform(head, calls.pk, "return", text="請說明滿意度。")
    assert (returned.state, returned.done_on) == ("returned", None)
    write(writer, calls.pk, 2, GOOD + "滿意度 {contactcentre.satisfaction|%}。", "{contactcentre.calls} calls.")
    perform(writer, calls.pk, "submit")
    assert perform(head, calls.pk, "agree").state == "agreed"
    assert perform(controller, calls.pk, "finalize").state == "final"
    told = list(Event.objects.of(calls).values_list("verb", "to_state"))[::-1]
    assert told == [
        ("open", "assigned"), ("write", "assigned"), ("submit", "drafted"), ("return", "returned"),
        ("write", "returned"), ("submit", "drafted"), ("agree", "agreed"), ("finalize", "final"),
    ]  # fmt: skip
    assert [version.number for version in Version.objects.of(calls)] == [3, 2, 1]
    with pytest.raises(Conflict, match="定稿"):
        write(writer, calls.pk, 3, "改", "x")


def test_who_may_do_what(calls, people):
    def verbs(name: str) -> set[str]:
        return {transition.verb for transition in verbs_for(people[name], Section.objects.for_list().get(pk=calls.pk))}

    assert verbs("writer") == {"submit", "comment"} and verbs("stranger") == set()
    write(people["writer"], calls.pk, 1, GOOD, "x")
    perform(people["writer"], calls.pk, "submit")
    assert verbs("writer") == {"comment"} and verbs("head") == {"agree", "return", "comment"}
    for name, verb in (("writer", "agree"), ("writer", "return"), ("head", "reopen"), ("stranger", "comment")):
        with pytest.raises(PermissionDenied):
            perform(people[name], calls.pk, verb, text="x")
    with pytest.raises(PermissionDenied):
        write(people["stranger"], calls.pk, 2, "x", "x")
    assert calls.pk not in Section.objects.visible_to(people["stranger"]).values_list("pk", flat=True)
    assert calls.pk in Section.objects.visible_to(people["writer"]).values_list("pk", flat=True)
    assert Section.objects.visible_to(people["controller"]).count() == calls.report.sections.count()


def test_nobody_agrees_to_their_own_words(calls, people):
    head = people["head"]
    write(head, calls.pk, 1, GOOD, "x")
    perform(head, calls.pk, "submit")
    with pytest.raises(ValidationError, match="別人"):
        perform(head, calls.pk, "agree")
    assert perform(people["controller"], calls.pk, "agree").state == "agreed"


def test_of_two_who_write_at_once_the_second_is_told_and_nothing_is_lost(calls, people):
    write(people["writer"], calls.pk, 1, "第一人", "one")
    with pytest.raises(Conflict, match="陳撰稿剛剛存了第 2 版"):
        write(people["controller"], calls.pk, 1, "第二人", "two")
    assert Version.objects.of(calls).first().text_zh == "第一人"
    # The same words again are no new version, and a verb on an old sight of the section is refused.
    assert write(people["controller"], calls.pk, 1, "第一人\r\n", "one").number == 2
    with pytest.raises(Conflict):
        perform(people["writer"], calls.pk, "submit", version=1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("好。\n\n{no.such} 件", "第 3 行：沒有「no.such」"),
        ("{contactcentre.calls|寸}", "第 1 行：「{contactcentre.calls|寸}」看不懂"),
        ("{table servicerequests.requests by moon}", "第 1 行：不能依「moon」分列"),
    ],
)
def test_what_cannot_be_printed_cannot_be_handed_in(calls, people, text, told):
    write(people["writer"], calls.pk, 1, text, "x")
    with pytest.raises(ValidationError) as refused:
        perform(people["writer"], calls.pk, "submit")
    assert any(told in line for line in refused.value.messages)
    assert Section.objects.get(pk=calls.pk).state == "assigned"


def agreed(calls, people, text: str = GOOD) -> Section:
    write(people["writer"], calls.pk, 1, text, "x")
    perform(people["writer"], calls.pk, "submit")
    return perform(people["head"], calls.pk, "agree")


def test_a_figure_without_a_value_for_such_a_period_is_told_before_it_is_handed_in(people):
    section = open_report(people["controller"], kind("analysis"), Period.month(2022, 8)).sections.get(code="1")
    write(people["controller"], section.pk, 1, "好。\n\n{contactcentre.seats} 席", "x")
    with pytest.raises(ValidationError, match=r"第 3 行：「contactcentre\.seats」沒有這種期間的數值"):
        perform(people["controller"], section.pk, "submit")


def test_a_figure_that_changes_after_it_was_agreed_is_marked_before_the_signature(calls, people):
    enter(852_101)
    section = agreed(calls, people)
    assert changes_of(section, newest(section)) == []
    enter(852_102, reason="月報更正")
    (change,) = changes_of(section, newest(section))
    assert (change.value.key, change.was, change.value.text) == ("contactcentre.calls@2022", "852,101", "852,102")
    found = [finding for finding in checking.findings(calls.report) if finding.sort == "changed"]
    assert [(finding.where, "852,101" in finding.text) for finding in found] == [("5.4.1", True)]
    # New words need a new agreement, and so are no longer compared with the old values.
    write(people["writer"], calls.pk, 2, GOOD + "謝謝。", "x")
    again = Section.objects.get(pk=calls.pk)
    assert (again.state, again.agreed) == ("assigned", {})


def test_nobody_signs_over_a_changed_figure_without_a_reason_for_each(calls, people):
    enter(852_101)
    section, controller = agreed(calls, people), people["controller"]
    enter(852_102, reason="月報更正")
    key = "contactcentre.calls@2022"
    for answers in ({}, {key: Answer("852,102", " ")}, {key: Answer("852,101", "看的是舊數字")}):
        with pytest.raises(ValidationError) as refused:
            perform(controller, section.pk, "finalize", answers=answers)
        assert "852,101" in refused.value.message_dict[key][0] and "852,102" in refused.value.message_dict[key][0]
        assert Section.objects.get(pk=section.pk).state == "agreed"
    signed = perform(controller, section.pk, "finalize", answers={key: Answer("852,102", "更正一通重複登錄")})
    assert signed.state == "final" and changes_of(signed, newest(signed)) == []
    log = Event.objects.of(section)[:2]
    assert [event.verb for event in log] == ["finalize", "confirm"]
    assert log[1].by == controller and "852,101" in log[1].text and "更正一通重複登錄" in log[1].text

    # What changes after the signature keeps the report from being published, until it is confirmed or goes back.
    calls.report.sections.exclude(pk=section.pk).update(state="final", done_on=today())
    enter(852_103, reason="再更正")
    with pytest.raises(ValidationError, match="852,103"):
        publish(controller, calls.report)
    with pytest.raises(PermissionDenied):
        perform(people["head"], section.pk, "confirm", answers={key: Answer("852,103", "x")})
    perform(controller, section.pk, "confirm", answers={key: Answer("852,103", "再更正")})
    assert publish(controller, calls.report).number == 1
    with pytest.raises(ValidationError, match="沒有變動"):
        perform(controller, section.pk, "confirm")


def test_the_section_with_a_changed_figure_may_go_back_instead(calls, people):
    enter(852_101)
    section = agreed(calls, people)
    enter(852_102, reason="月報更正")
    perform(people["head"], section.pk, "return", text="數字已變，請重寫。")
    assert not [each for each in checking.findings(calls.report) if each.sort == "changed"]
    perform(people["writer"], section.pk, "submit")
    perform(people["head"], section.pk, "agree")
    assert perform(people["controller"], section.pk, "finalize").state == "final"


def test_a_changed_cell_of_a_table_counts_as_well(calls, people, year):
    text = "{table servicerequests.requests by kind}\n\n{chart servicerequests.requests by month}"
    section = agreed(calls, people, text)
    assert changes_of(section, newest(section)) == []
    Case.objects.filter(pk=year[0].pk).update(kind_code="street_light")
    figures.rebuild(2022)
    keys = {change.value.key for change in changes_of(section, newest(section))}
    assert keys == {"servicerequests.requests@2022?kind=pothole", "servicerequests.requests@2022?kind=street_light"}


def test_a_report_is_published_whole_kept_and_corrected_by_another_version(report_111, people):
    controller = people["controller"]
    enter(852_101)
    with pytest.raises(ValidationError, match="沒有定稿"):
        publish(controller, report_111)
    report_111.sections.update(state="final", done_on=today())
    first = publish(controller, report_111)
    enter(852_102, reason="月報更正")
    with pytest.raises(ValidationError, match="與前一版的差異"):
        publish(controller, report_111)
    second = publish(controller, report_111, "更正話務總量")
    assert (first.number, second.number) == (1, 2)

    def calls_in(number: int | None) -> str:
        found = edition(kind(RESULTS), YEAR, number, "5")
        return next(each["text"] for each in found.document["figures"] if each["code"] == "contactcentre.calls")

    assert (calls_in(1), calls_in(2), calls_in(None)) == ("852,101", "852,102", "852,102")
    assert edition(kind(RESULTS), YEAR, 3) is None
    assert set(first.documents) == {"zh-hant", "en"}
    assert first.documents["en"]["sections"][0]["heading"] == "1 Research and development"
    sent = dispatch(controller, second, ["監察院", "監察院", "市議會 "], "letter", today(), "第 1 號")
    assert [each.recipient for each in sent] == ["監察院", "市議會"]
    for wrong in ({"recipients": [" "]}, {"on": today() + timedelta(days=1)}, {"on": date(2020, 1, 1)}):
        with pytest.raises(ValidationError):
            dispatch(controller, second, **{"recipients": ["甲"], "way": "letter", "on": today()} | wrong)
    assert Dispatch.objects.count() == 2


@pytest.mark.parametrize("model", [Version, Event])
def test_what_was_written_and_done_stays(calls, model):
    row = model.objects.filter(section=calls)
    for change in (lambda: row.update(at=now()), lambda: row.delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_what_was_published_stays(report_111, people):
    report_111.sections.update(state="final", done_on=today())
    publication = publish(people["controller"], report_111)
    dispatch(people["controller"], publication, ["甲"], "post", today())
    for model in (Publication, Dispatch):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            model.objects.update(by=people["head"])


def test_a_section_is_assigned_and_its_author_hears_of_it(calls, people):
    facts = {
        "unit": directory.unit("pwb-roads"),
        "due": today() + timedelta(days=3),
        "title_zh": "話務",
        "title_en": "C",
    }
    with pytest.raises(ValidationError, match="撰稿人"):
        assign(people["controller"], calls.pk, 1, author=people["writer"].pk, **facts)
    with pytest.raises(PermissionDenied):
        assign(people["writer"], calls.pk, 1, author=None, **facts)
    section = assign(people["controller"], calls.pk, 1, author=people["stranger"].pk, **facts)
    letter = Message.objects.get(notice="annualreport.assigned")
    assert (
        letter.recipient == people["stranger"].email
        and "話務" in letter.body
        and section.get_absolute_url() in letter.body
    )
    assert calls.pk in Section.objects.visible_to(people["stranger"]).values_list("pk", flat=True)
    with pytest.raises(Conflict):
        assign(people["controller"], calls.pk, 1, author=None, **facts)


def test_a_section_may_be_added(report_111, people):
    facts = {"title_zh": "新的一節", "title_en": "New", "unit": directory.unit("rdec-1999")}
    assert add_section(people["controller"], report_111, "5.4", **facts).code == "5.4.5"
    assert add_section(people["controller"], report_111, "", **facts).code == "7"
    with pytest.raises(ValidationError, match=r"9\.9"):
        add_section(people["controller"], report_111, "9.9", **facts)


def test_writers_are_reminded_once_a_week_by_one_letter(calls, people):
    day = calls.due_on - timedelta(days=2)
    waiting = Section.objects.to_be_written().filter(unit=calls.unit).count()
    assert waiting > 1
    assert remind(day - timedelta(days=5)) == 0
    remind(day)

    def letters() -> list[str]:
        sent = Message.objects.filter(notice="annualreport.reminder").order_by("pk")
        return [letter.body for letter in sent if letter.recipient == people["head"].email]

    assert [body.count("/desk/reports/sections/") for body in letters()] == [waiting]
    assert remind(day) == 0 and remind(day + timedelta(days=6)) == 0
    remind(day + timedelta(days=7))
    assert len(letters()) == 2
    assert Event.objects.of(calls).filter(verb="remind").count() == 2


def test_the_pack_has_every_kind_of_report_and_names_only_figures_that_there_are(city):
    assert set(kinds()) == {"results", "policy", "yearbook", "analysis"}
    for each in kinds().values():
        period = YEAR if each.grain == "year" else Period.month(2022, 8)
        found = checking.findings_of_kind(each, period)
        assert [line for line in found if line.sort in ("unreadable", "typed")] == []
    assert len(kinds()["yearbook"].chapters) == 5


def test_the_results_report_prints_every_figure_that_the_pack_gives_a_place(city):
    made = edition(kind(RESULTS), YEAR).document
    printed = {figure["code"] for figure in made["figures"]}
    placed = {figure.code for figure in registry.figures() if registry.chapter_of(figure)}
    assert placed and placed <= printed


def test_shares_that_do_not_add_up_cannot_be_published(report_111, people):
    """The three shares of calls that the city printed for 2022 came to 103.69 %."""
    report_111.sections.update(state="final", done_on=today())
    for name, value in (("enquiry_share", "33.74"), ("petition_share", "37.22"), ("other_share", "32.73")):
        figures.enter(registry.figure(f"contactcentre.{name}"), YEAR, Decimal(value), "月報")
    with pytest.raises(ValidationError, match=r"合計 103\.69，應為 100"):
        publish(people["controller"], report_111)
    figures.enter(registry.figure("contactcentre.other_share"), YEAR, Decimal("29.04"), "月報", reason="重新分類")
    assert publish(people["controller"], report_111).number == 1
