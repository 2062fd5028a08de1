"""The demo's reports: the year's results half way through, and a month's analysis that is published and sent."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from annualreport.actions.compiling import assign, open_report, perform, write
from annualreport.actions.publishing import dispatch, publish
from annualreport.actions.recipients import keep, take_over
from annualreport.models import Recipient, Report, Section
from annualreport.models.publication import Way
from annualreport.registry import RESULTS, kinds
from cases.demo import add_teller
from figures.registry import Period
from foundation.clock import today
from identity.models import User
from organisation.models import Membership

# How far the chapters are; a section that the demo's officers write is told of on its own.
UP_TO = {"1": "finalize", "2": "finalize", "3": "agree", "4": "submit", "5": "submit"}
STEPS = ("submit", "agree", "finalize")
MINE, WATCHED, LATE = "5.4.3", "4.4", ("6.1.1", "6.3.2")


def tell(rng: Random, officers: dict[int, list[int]], year: int, scale: float) -> int:
    """Compile what the pack has kinds of; returns 0, for it makes no cases."""
    people = {user.username: user for user in User.objects.filter(is_demo=True)}
    if RESULTS in kinds():
        _results(open_report(people["controller"], kinds()[RESULTS], Period.year(year)), people)
    if "analysis" in kinds():
        _analysis(open_report(people["controller"], kinds()["analysis"], Period.month(year, 8)), people["controller"])
    return 0


add_teller(tell, counted=True)


def _results(report: Report, people: dict[str, User]) -> None:
    controller, officer, head = (people[name] for name in ("controller", "officer", "head"))
    sections = {section.code: section for section in report.sections.for_list()}
    for code, username in ((MINE, "officer"), (WATCHED, "builder")):
        if code in sections:
            _give(sections[code], people[username], controller)
    for code in sorted(set(sections) - {MINE}):
        _advance(sections[code], UP_TO.get(code.partition(".")[0], ""), controller)
    if MINE in sections:
        mine = sections[MINE]
        text = "{period}受理派工通報案件 {servicerequests.dispatches} 件，平均每月約 80 件，緊急類應於 4 小時內完成。"
        write(officer, mine.pk, 1, text, "{servicerequests.dispatches} dispatches came in in {period}.")
        perform(officer, mine.pk, "submit")
        perform(head, mine.pk, "return", text="平均每月件數請由統計項目帶入，並說明期限達成情形。")
    # Two were due some days ago.
    day = today()
    report.sections.filter(code__in=LATE).update(assigned_on=day - timedelta(days=30), due_on=day - timedelta(days=4))


def _give(section: Section, to: User, by: User) -> None:
    unit = Membership.objects.select_related("unit").get(user=to, role="case_officer").unit
    assert unit
    assign(
        by, section.pk, section.version, unit=unit, author=to.pk, due=section.due_on,
        title_zh=section.title_zh, title_en=section.title_en,
    )  # fmt: skip


def _advance(section: Section, last: str, by: User) -> None:
    """Take a section along its life up to a verb; a heading is final from the beginning."""
    if last and section.state == "assigned":
        for verb in STEPS[: STEPS.index(last) + 1]:
            perform(by, section.pk, verb)


def _analysis(report: Report, by: User) -> None:
    for section in report.sections.for_list():
        _advance(section, "finalize", by)
    take_over(report.kind)
    library = {"name": "市立圖書館總館", "sort": "library", "form": "pdf", "mail": "collections@library.example.gov.tw"}
    keep(Recipient(kind_code=report.kind_code), library)
    publication = publish(by, report)
    names = [name for name, _english in report.kind.recipients]
    dispatch(by, publication, names, Way.LETTER, today(), "高市研發字第 1110000000 號（示範）")
