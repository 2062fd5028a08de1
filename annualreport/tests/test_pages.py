"""The pages of those who compile and write: what they show to whom, and that nothing typed is lost."""

import re
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annualreport.actions.compiling import add_section, perform, write
from annualreport.models import Dispatch, Publication, Report, Section, Version
from figures import actions as figures
from figures.registry import Period, registry
from foundation.clock import today
from organisation import directory

pytestmark = pytest.mark.django_db


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def words(answer) -> str:
    main = answer.content.decode().split("<main")[-1].split("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", main)))


def test_the_compiler_begins_a_report_and_sees_its_tree(people):
    controller = client_of(people["controller"])
    answer = controller.post("/desk/reports/", {"kind": "analysis", "year": 111})
    assert answer.status_code == 422 and "請填寫「月份」。" in words(answer)
    assert 'value="111"' in answer.content.decode()
    answer = controller.post("/desk/reports/", {"kind": "analysis", "year": 111, "month": 8})
    report = Report.objects.get()
    assert answer["Location"] == report.get_absolute_url()
    assert "民國 111 年 8 月" in words(controller.get(report.get_absolute_url()))
    again = controller.post("/desk/reports/", {"kind": "analysis", "year": 111, "month": 8})
    assert again.status_code == 422 and "已經開始彙編" in words(again)
    assert client_of(people["writer"]).post("/desk/reports/", {}).status_code == 403


def test_the_tree_costs_the_same_whatever_its_size(report_111, people):
    client = client_of(people["controller"])

    def cost() -> int:
        with CaptureQueriesContext(connection) as said:
            assert client.get(report_111.get_absolute_url()).status_code == 200
        return len(said)

    cost()
    before = cost()
    for number in range(20):
        unit = directory.unit("rdec-1999")
        add_section(people["controller"], report_111, "6", title_zh=f"第{number}節", title_en="x", unit=unit)
    assert cost() == before <= 12


def test_who_is_late_is_said_first(report_111, calls, people):
    Section.objects.filter(pk=calls.pk).update(assigned_on="2022-01-01", due_on="2022-02-01")
    text = words(client_of(people["controller"]).get(report_111.get_absolute_url()))
    assert "1 節逾期： （一）全年無休服務" in text and re.search(r"逾期 \d+ 天", text)
    mine = words(client_of(people["writer"]).get("/desk/reports/"))
    assert "等您撰寫的章節" in mine and "（一）全年無休服務" in mine


def test_a_text_is_written_with_a_preview_and_handed_in(calls, people):
    client, address = client_of(people["writer"]), calls.get_absolute_url()
    page = client.get(address).content.decode()
    assert "{contactcentre.calls}" in page and 'data-insert="{contactcentre.calls}"' in page
    typed = {"text_zh": "{period}共 {contactcentre.calls} 通，其中 5 通 {no.such}。", "text_en": "x", "seen": 1}
    shown = unescape(client.post(f"{address}preview/", typed).content.decode())
    assert "民國 111 年共" in shown and "「5」是手打的數字" in shown and "沒有「no.such」" in shown
    assert Version.objects.filter(section=calls).count() == 1  # nothing is kept by looking
    answer = client.post(address, typed | {"submit": "1"})
    assert answer.status_code == 422 and "沒有「no.such」這個統計項目" in words(answer)
    assert "其中 5 通" in answer.content.decode()
    right = typed | {"text_zh": "{contactcentre.calls} 通", "seen": 2, "submit": "1"}
    assert client.post(address, right)["Location"] == address
    assert Section.objects.get(pk=calls.pk).state == "drafted"
    assert "第 3 版" in words(client.get(address))


def test_the_second_of_two_editors_sees_what_changed_and_keeps_their_words(calls, people):
    write(people["controller"], calls.pk, 1, "別人的話", "x")
    client, address = client_of(people["writer"]), calls.get_absolute_url()
    answer = client.post(address, {"text_zh": "我的話", "text_en": "mine", "seen": 1})
    page = answer.content.decode()
    assert answer.status_code == 422 and "李研考剛剛存了第 2 版" in unescape(page)
    assert "我的話</textarea>" in page and "mine</textarea>" in page and "<del>" in page and "<ins>" in page
    assert 'name="seen" value="2"' in page
    assert client.post(address, {"text_zh": "我的話", "text_en": "mine", "seen": 2}).status_code == 302
    assert Version.objects.of(calls).first().text_zh == "我的話"
    assert "別人" in unescape(client.get(f"{address}versions/").content.decode())
    assert client.get(f"{address}versions/?number=9").status_code == 404


def test_a_section_is_sent_back_with_a_reason_only(calls, people):
    perform(people["writer"], calls.pk, "submit")
    head, address = client_of(people["head"]), calls.get_absolute_url()
    version = Section.objects.get(pk=calls.pk).version
    empty = head.post(f"{address}return/", {"text": " ", "version": version})
    assert empty.status_code == 422 and "請填寫「原因」。" in words(empty)
    stale = head.post(f"{address}return/", {"text": "請補充", "version": version - 1})
    assert stale.status_code == 422 and "請補充</textarea>" in stale.content.decode()
    assert head.post(f"{address}return/", {"text": "請補充", "version": version})["Location"] == address
    assert "請補充" in words(client_of(people["writer"]).get(address))
    assert client_of(people["writer"]).get(f"{address}agree/").status_code == 403
    for wrong in ("write", "assign", "nothing"):
        assert head.get(f"{address}{wrong}/").status_code == 404
    assert client_of(people["stranger"]).get(address).status_code == 404


def test_the_signature_asks_for_a_reason_beside_each_changed_number(calls, people):
    for name, value in (("calls", 852_101), ("seats", 33)):
        figures.enter(registry.figure(f"contactcentre.{name}"), Period.year(2022), Decimal(value), "月報")
    write(people["writer"], calls.pk, 1, "{contactcentre.calls} 通、{contactcentre.seats} 席", "x")
    perform(people["writer"], calls.pk, "submit")
    version = perform(people["head"], calls.pk, "agree").version
    for name, value in (("calls", 852_102), ("seats", 34)):
        figures.enter(
            registry.figure(f"contactcentre.{name}"), Period.year(2022), Decimal(value), "月報", reason="更正"
        )
    client, address = client_of(people["controller"]), calls.get_absolute_url()
    assert "852,101 → 852,102" in words(client.get(address))
    page = client.get(f"{address}finalize/").content.decode()
    seen = dict(re.findall(r'name="(seen-\d)" value="([^"]*)"', page))
    assert len(seen) == 2
    refused = client.post(f"{address}finalize/", {"version": version, "reason-0": "重複登錄", **seen})
    assert refused.status_code == 422 and 'value="重複登錄"' in refused.content.decode()
    assert "請說明為什麼仍可定稿" in words(refused) and "33，現在 34" in words(refused)
    facts = {"version": version, "reason-0": "重複登錄", "common": "年底增席", **seen}
    assert client.post(f"{address}finalize/", facts)["Location"] == address
    log = words(client.get(address))
    assert "原因：重複登錄" in log and "原因：年底增席" in log and "已定稿" in log


def test_a_report_is_published_read_by_everybody_and_sent(report_111, people):
    report_111.sections.update(state="final", done_on=today())
    controller, base = client_of(people["controller"]), report_111.get_absolute_url()
    assert "這份報告還沒有公布" in words(Client().get("/annual-report/111/5/"))
    assert "沒有數值" in words(controller.get(f"{base}publication/"))
    controller.post(f"{base}publication/", {})
    assert Publication.objects.get().number == 1
    refused = controller.post(f"{base}publication/", {"note": ""})
    assert refused.status_code == 422 and "與前一版的差異" in words(refused)
    controller.post(f"{base}publication/", {"note": "更正話務總量"})
    text = words(Client().get("/annual-report/111/"))
    assert "第 2 版，公布於" in text and "更正話務總量" in text
    assert "這不是最新版" in words(Client().get("/annual-report/111/5/?version=1"))
    assert Client().get("/annual-report/111/5/?version=3").status_code == 404
    answer = controller.post(f"{base}dispatches/", {"recipients": "監察院\n市議會", "way": "letter", "on": "x"})
    assert answer.status_code == 422 and "監察院" in answer.content.decode()
    day = today().isoformat()
    controller.post(f"{base}dispatches/", {"recipients": "監察院\n市議會", "way": "letter", "on": day})
    assert Dispatch.objects.count() == 2
    assert client_of(people["writer"]).post(f"{base}publication/", {}).status_code == 403


def test_a_section_is_assigned_and_added_by_the_compiler(report_111, calls, people):
    controller = client_of(people["controller"])
    facts = {"title_zh": "話務", "title_en": "Calls", "unit": "rdec-1999", "author": people["writer"].pk, "version": 1}
    wrong = controller.post(f"{calls.get_absolute_url()}assignment/", facts | {"due_on": "soon"})
    assert wrong.status_code == 422 and 'value="Calls"' in wrong.content.decode()
    controller.post(f"{calls.get_absolute_url()}assignment/", facts | {"due_on": "2099-01-01"})
    section = Section.objects.get(pk=calls.pk)
    assert (section.author, section.title_zh, str(section.due_on)) == (people["writer"], "話務", "2099-01-01")
    new = {"parent": "5", "title_zh": "新節", "title_en": "New", "unit": "rdec-1999"}
    controller.post(f"{report_111.get_absolute_url()}sections/", new)
    assert report_111.sections.get(code="5.8").title_zh == "新節"


def test_figures_are_found_by_what_they_are_called(people):
    client = client_of(people["writer"])
    text = words(client.get("/desk/reports/figures/", {"q": "派工 時限"}))
    assert "servicerequests.dispatch_sla_hours" in text and "contactcentre.calls" not in text
    part = client.get("/desk/reports/figures/", {"q": "沒有的"}, headers={"HX-Request": "true"}).content.decode()
    assert "沒有符合" in part and "<html" not in part
