"""A city hall with something in every drawer, and an address for every page that looks into one."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annualreport import registry as reports
from annualreport.actions import compiling, photos, recipients
from annualreport.actions.publishing import dispatch, publish
from annualreport.models import Recipient
from cases.actions import following, holding, redacting, routing
from cases.actions.approving import draft, hand_in
from cases.actions.files import attach
from cases.actions.filing import Filing, Reporter
from cases.actions.performing import perform
from cases.models import AnswerTemplate, Case, Contribution, Endorsement, SavedView
from cases.redaction import Region
from cases.registry import kinds
from cases.routing import Route
from classification.actions import train
from dashboard.actions import load_boards
from dashboard.models import Board, Chart
from figures import actions as figures
from figures.registry import Manual, Period, registry
from foundation.clock import now, today
from foundation.encryption import encrypt
from identity.actions import begin_recovery, confirm_recovery, disclose, issue_key, issue_link
from identity.actions.linking import link_accounts, offer_link
from identity.models import User
from identity.permissions import KEY_SCOPES, ROLES
from messages import inbox
from messages.models import Became, Inbound, Message
from messages.receivers import Verdict
from messages.tests.mails import bounce, with_file, written
from organisation import directory
from organisation.actions import personnel
from organisation.actions.personnel import Program
from organisation.actions.storms import begin_storm, end_storm
from organisation.models import CalendarOverride, Membership
from publicmap.actions import subscribing
from publicmap.actions.subscribing import Area
from publicmap.rules import Box
from publicworks.models import Work
from retention import actions as retention
from servicerequests.actions import incidents
from servicerequests.actions.broadcasting import broadcast
from servicerequests.actions.mailbox import await_confirmation, seal
from servicerequests.actions.rating import rating_path
from servicerequests.models import ApiFiling, Job
from servicerequests.pages.incidents.forms import VERB_FORMS
from servicerequests.pages.report.send import SENT, WAITS
from servicerequests.pages.track.thread import SALT as THREAD
from servicerequests.tests.walking import picture
from tests.journeys.authority import fill_authority
from tests.journeys.systems import fill_systems

ROADS, NOISE, CREW = "pwb-roads", "epb-inspection", "pwb-road-crew-1"
WHERE: dict[str, dict[str, str]] = {
    "case_officer": {"unit": ROADS},
    "unit_head": {"unit": ROADS},
    "agency_head": {"agency": "pwb"},
    "crew": {"unit": CREW},
    "figure_keeper": {"agency": "rdec"},
    "system_manager": {"agency": "rdec"},
}
LONG = "這是一段沒有標點也沒有空白的很長很長的描述" * 8 + "x" * 120


@dataclass
class World:
    """The people, one a role and nobody, and the addresses of all pages by the name of their route."""

    people: dict[str, User | None]
    pages: dict[str, list[str]] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)


def make_world(report: Callable[..., Case], staff: Callable[..., User]) -> World:
    """Fill the city hall; the pack is loaded, the pages are those of the house's own URLconf."""
    people: dict[str, User | None] = {"anonymous": None}
    for role in ROLES:
        people[role] = staff(role, **WHERE.get(role, {}), name=f"{ROLES[role].label}王小明")
    world = World(people)
    cases = _cases(world, report)
    works = _works(world, report)
    _fill(world, cases)
    _handle(world, report)
    _fill_works(world, works)
    _fill_incidents(world, cases)
    _fill_reports(world)
    fill_systems(world)
    fill_authority(world)
    return world


def _handle(world: World, report: Callable[..., Case]) -> None:
    """Petitions with a draft to sign, an extension to approve, a question to another unit, a ruling to be given."""
    officer, controller, editor = (world.people[role] for role in ("case_officer", "controller", "editor"))
    home = directory.unit(ROADS)
    drafted, begun, asking, disputed = (
        report("petition", email=f"{n}@example.com", description=LONG, received_at=now() - timedelta(days=1))
        for n in range(4)
    )
    for case in (drafted, begun, disputed):
        perform(controller, case.pk, "transfer", unit=home, text="請查復")
    first = {"text": "已會勘，預定下個月整平。", "outcome": "answered"}
    draft(officer, drafted.pk, first)
    draft(officer, drafted.pk, first | {"text": "已會勘，四月底前整平。"}, seen=1)
    hand_in(officer, drafted.pk)
    perform(officer, begun.pk, "ask_extension", amount=Decimal(5), text="須會勘")
    draft(officer, begun.pk, first)
    due = now() + timedelta(days=5)
    asked = Contribution.objects.create(
        case=asking, unit=home, question=LONG, due_at=due, asked_by=controller, asked_at=now()
    )
    Contribution.objects.create(
        case=drafted, unit=directory.unit(NOISE), question="噪音？", due_at=due, asked_by=officer, asked_at=now()
    )
    for _i in range(2):
        perform(officer, disputed.pk, "refuse", text="不是本單位")
        if Case.objects.get(pk=disputed.pk).state != "disputed":
            perform(controller, disputed.pk, "transfer", unit=home, text="請再看")
    template = AnswerTemplate.objects.create(
        title="一般說明", outcome="answered", body="有關 {案號}：", changed_by=editor, changed_at=now()
    )
    closed = Case.objects.get(rating=4)
    signs = Endorsement.objects.awaited().order_by("pk").values_list("pk", flat=True)
    number = str(drafted.number)
    world.pages |= {
        "approvals": ["/desk/approvals/"],
        "approval": [reverse("approval", args=[pk]) for pk in signs],
        "contributions": ["/desk/contributions/"],
        "contribution": [reverse("contribution", args=[asked.pk])],
        "answer-templates": ["/desk/templates/"],
        "answer-template-new": ["/desk/templates/new/"],
        "answer-template": [reverse("answer-template", args=[template.pk])],
        "case-draft": [reverse("case-draft", args=[case.number]) for case in (drafted, begun)],
        "rate": [rating_path(str(closed.number))],
    }
    world.pages["case"] += [reverse("case", args=[case.number]) for case in (drafted, begun, disputed)]
    world.pages["case-verb"] += [
        reverse("case-verb", args=[number, verb]) for verb in ("consult", "refuse", "shield", "ask_extension")
    ] + [reverse("case-verb", args=[disputed.number, "rule"])]
    world.data |= {
        "case-letter": reverse("case-letter", args=[closed.number]),
        "track-letter": reverse("track-letter", args=[closed.number, closed.secret]),
    }


def _works(world: World, report: Callable[..., Case]) -> dict[str, Case]:
    """Two works, and reports about them: one with its inspection asked for, one that nobody has matched."""
    place = {"lon": 120.3121, "lat": 22.6205, "south": 22.6205, "north": 22.6215, "west": 120.3121, "east": 120.3141}
    work = Work.objects.create(
        tender_number="111-PWB-0001", name="苓雅區四維三路人行道改善工程" + LONG[:60], agency_name="工務局",
        unit=directory.unit(ROADS), contractor="愛河營造有限公司", budget=12_000_000, planned_start=date(2022, 1, 3),
        planned_end=date(2022, 9, 30), line=[[120.3121, 22.6205], [120.3141, 22.6215]], **place,
    )  # fmt: skip
    Work.objects.create(tender_number="X" * 40, name="沒有位置的工程")
    fields = {"issue": "fence", "work": work.tender_number}
    cases = {
        "asked": report("works_safety", fields=fields, email="a@example.com"),
        "unmatched": report("works_safety", fields={"issue": "fence"}),
        "inspected": report("works_safety", fields=fields),
    }
    officer, controller = world.people["case_officer"], world.people["controller"]
    for name in ("asked", "inspected"):
        perform(officer, cases[name].pk, "ask_inspection", text=LONG)
    perform(controller, cases["inspected"].pk, "record_inspection", on=today(), text="列三項缺失")
    return {name: Case.objects.for_list().get(pk=case.pk) for name, case in cases.items()}


def _fill_works(world: World, cases: dict[str, Case]) -> None:
    world.pages |= {
        "works": ["/works/", "/works/?q=沒有這種工程"],
        "work": [reverse("work", args=[work.pk]) for work in Work.objects.order_by("pk")],
        "work-change": [reverse("work-change", args=[work.pk]) for work in Work.objects.order_by("pk")],
        "works-inspections": ["/works/inspections/"],
    }
    world.pages["case"] += [reverse("case", args=[case.number]) for case in cases.values()]
    world.pages["case-verb"] += [
        reverse("case-verb", args=[cases["asked"].number, verb])
        for verb in ("match", "ask_inspection", "record_inspection")
    ]
    world.pages["annual-report-chapter"].append(reverse("annual-report-chapter", args=[today().year - 1911, 4]))
    world.data["works-csv"] = "/works.csv"


def _cases(world: World, report: Callable[..., Case]) -> dict[str, Case]:
    officer, head, member = (world.people[role] for role in ("case_officer", "unit_head", "crew"))
    crew = directory.unit(CREW)
    cases = {
        "new": report(email="a@example.com", phone="0912345678", description=LONG),
        "late": report(received_at=now() - timedelta(hours=9)),
        "assigned": report(lat=22.6206),
        "waiting": report(email="a@example.com"),
        "dispatched": report(), "accepted": report(), "on_site": report(),
        "done": report(email="a@example.com"), "closed": report(email="a@example.com"),
        "merged": report(), "withdrawn": report(),
        "mine": report("noise", user=world.people["citizen"]),
    }  # fmt: skip

    def do(name: str, verb: str, actor: Any = officer, **inputs: Any) -> None:
        perform(actor, cases[name].pk, verb, by_citizen=actor is None, **inputs)

    do("assigned", "take")
    do("assigned", "comment", text="已電話聯絡里長。")
    do("assigned", "extend", head, amount=Decimal(4), text="須調料。")
    do("waiting", "ask", text="請問在哪一個車道？")
    for name in ("dispatched", "accepted", "on_site", "done", "closed"):
        do(name, "dispatch", crew=crew, text="請帶冷料")
    for name in ("accepted", "on_site", "done", "closed"):
        do(name, "accept", member)
    for name in ("on_site", "done", "closed"):
        do(name, "arrive", member)
    for name in ("done", "closed"):
        attach(cases[name], member, picture("white"), phase="after")
        do(name, "finish", member, text="已填補。", outcome="fixed", materials={"cold_mix": Decimal(2)})
    do("closed", "close", text="謝謝通報。")
    do("closed", "rate", None, rating=4, note="很快")
    do("merged", "merge", into=cases["new"])
    do("withdrawn", "withdraw", None)
    for name in ("new", "on_site"):
        attach(cases[name], None, picture("gray"), phase="report", by_citizen=True)
    paper = SimpleUploadedFile("會勘紀錄.pdf", b"%PDF-1.7\nstartxref\n0\n%%EOF\n", content_type="application/pdf")
    attach(cases["new"], officer, paper)
    return {name: Case.objects.for_list().get(pk=case.pk) for name, case in cases.items()}


def _fill(world: World, cases: dict[str, Case]) -> None:
    year, officer, admin = today().year, world.people["case_officer"], world.people["system_administrator"]
    controller = world.people["controller"]
    disclose(officer, "case", str(cases["new"].number), ["name", "phone"], "回電確認地點")
    SavedView.objects.create(owner=officer, name="颱風後的路面坑洞", query="list=all&kind=pothole")
    closure = CalendarOverride.objects.create(
        date=date(year, 12, 30),
        kind="closed",
        reason="颱風停止上班",
        source="測試",
        declared_by=controller,
        declared_at=now(),
    )
    figures.rebuild()
    load_boards()
    Board.objects.filter(slug="requests").update(frame_sites="https://www.kcg.gov.tw")
    chart = Chart.objects.select_related("board").filter(board__slug="requests", kind="map").first()
    figures.freeze(Period.month(year - 1, 5), controller)
    message = Message.objects.earliest("pk")
    job = {name: Job.objects.get(case=cases[name]).pk for name in ("dispatched", "accepted", "on_site", "done")}
    photo = cases["new"].attachments.get(phase="report")
    worked_on = cases["on_site"].attachments.first()
    redacting.undo(officer, redacting.redact_photo(officer, photo, []))
    redacting.redact_photo(officer, photo, [Region(100, 100, 300, 200)])
    answer = cases["done"].events.public().exclude(text="").latest("pk")
    redacting.redact_text(officer, cases["done"], answer, [])
    holding.hold(controller, cases["done"], "appeal", "訴願 111-7")
    retention.run()
    editor = world.people["editor"]
    link = reverse("set-password", args=[editor.pk, issue_link(admin, editor)])
    counter, seen = world.people["counter_officer"], {"papers": ["identity_card", "passport"], "reason": LONG[:300]}
    confirmed, waits = (
        begin_recovery(counter, world.people[who], **seen, removes_factors=True) for who in ("citizen", "crew")
    )
    handed = confirm_recovery(admin, confirmed)
    membership = Membership.objects.get(user=world.people["crew"])
    key, text = issue_key(
        admin, editor, name="里長通報 App", scopes=[*KEY_SCOPES], per_minute=10_000, per_day=1_000_000
    )
    ApiFiling.objects.note(cases["new"].pk, key.pk, "a-1", "")
    period = {"figure": "servicerequests.requests", "period": str(year)}
    typed = {"figure": "contactcentre.enquiry_share", "period": str(year)}
    missing = {"figure": "infosec.audits", "period": str(year)}
    enquiries, this_year = registry.figure(typed["figure"]), Period.year(year)
    assert isinstance(enquiries, Manual)
    paper = SimpleUploadedFile("話務月報.csv", "月,件\n1,33\n".encode(), "text/csv")
    entered = figures.enter(enquiries, this_year, Decimal("33.7"), "話務月報", by=controller, files=[paper])
    figures.enter(enquiries, this_year, Decimal("33.74"), "話務月報", by=controller, reason="少算十二月")
    figures.aim(enquiries, this_year, Decimal(30), "施政計畫", by=controller)
    figures.check()
    version = train("cases.agency")
    change = routing.draft(controller)
    lanes = Route(
        "夜間的坑洞", "pwb-construction", 100, "協調會議", kinds=frozenset({"pothole"}), opens=time(0), closes=time(23)
    )
    routing.set_rule(controller, change, lanes)
    change.refresh_from_db()
    routing.try_out(controller, change)

    def at(name: str, *args: Any, query: str = "", **kwargs: Any) -> str:
        return reverse(name, args=args or None, kwargs=kwargs or None) + query

    by = Program(world.people["personnel_officer"], "scim och_1a2b3c4d")
    hired = personnel.hire(
        by, {"username": "p" * 60, "name": "長" * 60, "employee_number": "P001", "language": "zh-hant"}
    )
    personnel.join(by, hired, directory.unit("pwb-roads"), "case_officer")
    personnel.amend(by, hired, {"title": "工程員", "department": "道路科"})
    link_accounts(world.people["citizen"], offer_link(world.people["editor"]))

    letters = _letters()
    verbs = {
        "new": ("assign", "transfer", "ask", "comment", "merge", "split", "answer", "dispatch", "take"),
        "assigned": ("extend",), "done": ("close", "reopen"), "waiting": ("go_on",),
    }  # fmt: skip
    follower = following.follow(cases["new"], "f@example.com", "zh-hant")
    box = Area(box=Box(120.31, 22.61, 120.32, 22.63))
    subscription = subscribing.subscribe("f@example.com", "zh-hant", box, ["pothole"], "daily")
    world.pages = {
        "home": ["/"],
        "accessibility": ["/accessibility/"],
        "offline": ["/offline/"],
        "sign-in": ["/sign-in/", "/sign-in/?next=/desk/"],
        "sign-out": ["/sign-out/"],
        "set-password": [link, at("set-password", 1, "spent")],
        "certificate-sign-in": ["/sign-in/certificate/"],
        "card-readers": ["/sign-in/cards/"],
        "account": ["/account/"],
        "account-certificate": ["/account/certificate/"],
        "account-password": ["/account/password/"],
        "account-security": ["/account/security/"],
        "account-sessions": ["/account/sessions/"],
        "account-other": ["/account/other/"],
        "personnel-changes": ["/personnel/", "/personnel/?q=nobody"],
        "account-data": ["/account/data/"],
        "totp-prove": ["/sign-in/again/totp/"],
        "recovery-prove": ["/sign-in/again/recovery/"],
        "passkey-prove": ["/sign-in/again/passkey/"],
        "register": ["/register/"],
        "confirm-address": [at("confirm-address", "spent")],
        "register-phone": ["/register/phone/"],
        "register-phone-code": ["/register/phone/code/"],
        "account-phone-code": ["/account/phone/code/"],
        "password-forgotten": ["/password/forgotten/"],
        "password-reset-code": ["/password/forgotten/code/"],
        "password-reset": [at("password-reset", "spent")],
        "account-disclosures": ["/account/disclosures/"],
        "disclosures": ["/disclosures/"],
        "recoveries": ["/recoveries/"],
        "recovery": [at("recovery", each.pk) for each in (confirmed, waits)],
        "recover": [at("recover", handed), at("recover", "spent")],
        "people": ["/people/", "/people/?q=王"],
        "person-new": ["/people/new/"],
        "person": [at("person", world.people["crew"].pk)],
        "person-roles": [at("person-roles", world.people["crew"].pk)],
        "person-dismissal": [at("person-dismissal", world.people["crew"].pk, membership.pk)],
        "calendar": ["/calendar/"],
        "calendar-year": [at("calendar-year", year + 1), at("calendar-year", 2022)],
        "closure-new": ["/calendar/closures/new/"],
        "closure-revocation": [at("closure-revocation", closure.pk)],
        "agencies": ["/agencies/"],
        "outbox": ["/outbox/", "/outbox/?state=sent"],
        "message": [at("message", message.token)],
        "figures": ["/figures/"],
        "figures-closing": ["/figures/closing/"],
        "figure": [at("figure", "servicerequests.requests"), at("figure", "servicerequests.on_time_rate"),
                   at("figure", "servicerequests.open"), at("figure", "servicerequests.dispatch_sla_hours")],
        "figure-period": [at("figure-period", **period), at("figure-period", **period, query="?district=64000080"),
                          at("figure-period", figure="servicerequests.open", period=f"{today():%Y-%m}"),
                          at("figure-period", **typed)],
        "figure-recount": [at("figure-recount", **period)],
        "figure-entry": [at("figure-entry", **typed), at("figure-entry", **missing)],
        "figure-target": [at("figure-target", **typed)],
        "figure-shares": [at("figure-shares", "contactcentre.call_shares", query=f"?year={year}")],
        "figures-entries": [f"/figures/manual/?year={year}", f"/figures/manual/?year={year}&only=missing"],
        "figures-entries-import": ["/figures/manual/import/"],
        "figures-quality": ["/figures/quality/"],
        "figures-shares": [f"/figures/shares/?year={year}"],
        "figure-records": [at("figure-records", **period)],
        "queue": ["/desk/", "/desk/?list=all&kind=pothole", "/desk/?list=moved", "/desk/?list=all&kind=waste",
                  "/desk/?page=9"],
        "workload": ["/desk/workload/"],
        "caller": ["/desk/caller/"],
        "case": [at("case", case.number) for case in cases.values()],
        "case-related": [at("case-related", cases["new"].number)],
        "case-verb": [at("case-verb", cases[name].number, verb) for name, wanted in verbs.items() for verb in wanted],
        "report": ["/report/", "/report/?text=路燈不亮"],
        "report-kind": [at("report-kind", code) for code in kinds()],
        "report-sent": [at("report-sent", signing.TimestampSigner(salt=SENT).sign(cases["new"].pk))],
        "report-confirm": [at("report-confirm", signing.TimestampSigner(salt=WAITS).sign(letters["web"].token.hex))],
        "confirm": [at("confirm", seal(letters["mail"])), at("confirm", "x")],
        "mailbox": ["/mailbox/", "/mailbox/?became=all", "/mailbox/?became=bounced"],
        "mailbox-letter": [at("mailbox-letter", letter.token) for letter in letters.values()],
        "mailbox-paper": ["/mailbox/paper/"],
        "thread-ask": ["/thread/"],
        "thread": [at("thread", signing.dumps(encrypt("wang@example.com"), salt=THREAD)), at("thread", "x")],
        "track": ["/track/", "/track/?number=" + "x/y"],
        "track-number": [at("track-number", case.number) for case in cases.values()] + ["/track/D111-0000000/"],
        "track-case": [at("track-case", case.number, case.secret) for case in cases.values()],
        "my-cases": ["/my-cases/"],
        "follow": [at("follow", cases["new"].number), at("follow", cases["done"].number)],
        "following": [at("following", following.seal(follower)), "/following/1:forged/"],
        "map": ["/map/", "/map/?days=all&stand=done", "/map/?kind=waste", "/map/?box=120.31,22.61,120.32,22.63"],
        "subscribe": ["/map/subscriptions/", "/map/subscriptions/?box=120.31,22.61,120.32,22.63&kind=pothole"],
        "subscription": [at("subscription", subscribing.seal(subscription)), "/map/subscriptions/1:forged/"],
        "crew": ["/crew/", "/crew/?lon=120.3&lat=22.6", "/crew/?order=way"],
        "crew-job": [at("crew-job", pk) for pk in job.values()],
        "crew-verb": [at("crew-verb", job["on_site"], verb) for verb in ("finish", "photos", "hand_over", "note")]
                     + [at("crew-verb", job["dispatched"], "accept")],
        "crew-waiting": ["/crew/waiting/"],
        "materials": ["/desk/materials/", "/desk/materials/?since=2001-01-01&until=2001-01-31"],
        "app": ["/app/"],
        "app-draft": ["/app/draft/"],
        "app-nearby": ["/app/nearby/", "/app/nearby/?lon=120.3121&lat=22.6205", "/app/nearby/?district=64000080"],
        "app-notices": ["/app/notices/"],
        "dashboard": ["/dashboard/", "/dashboard/?q=路燈&category=roads"],
        "board": [f"/dashboard/requests/?year={year}&district=64000080", "/dashboard/channels/?from=1&to=6"],
        "board-chart": [at("board-chart", chart.board.slug, chart.pk)],
        "board-frame": [at("board-frame", chart.board.slug, query=query) for query in ("", f"?chart={chart.pk}")],
        "screen": [at("screen", chart.board.screen_key)],
        "board-new": ["/boards/new/"],
        "board-edit": [at("board-edit", chart.board.slug)],
        "chart-new": [at("chart-new", chart.board.slug)],
        "chart-edit": [at("chart-edit", chart.board.slug, chart.pk)],
        "models": ["/models/"],
        "model": [at("model", "cases.agency"), at("model", "cases.kind")],
        "model-version": [at("model-version", "cases.agency", version.number)],
        "redaction": [at("redaction", cases["new"].number), at("redaction", cases["done"].number)],
        "redaction-photo": [at("redaction-photo", photo.token)],
        "redaction-original": [at("redaction-original", photo.token)],
        "redaction-description": [at("redaction-description", cases["new"].number)],
        "redaction-text": [at("redaction-text", cases["done"].number, answer.pk)],
        "case-hold": [at("case-hold", cases["new"].number), at("case-hold", cases["done"].number)],
        "retention": ["/retention/"],
        "routing": ["/routing/"],
        "routing-draft": [at("routing-draft", change.pk), at("routing-draft", change.pk, query=f"?rule={lanes.code}")],
        "annual-report": ["/annual-report/"],
        "annual-report-year": [at("annual-report-year", year - 1911)],
        "annual-report-chapter": [at("annual-report-chapter", year - 1911, 5)],
        "api-keys": ["/api-keys/"],
        "api-key-new": ["/api-keys/new/"],
        "api-key": [at("api-key", key.pk)],
        "api-key-change": [at("api-key-change", key.pk)],
        "api-key-requests": [at("api-key-requests", key.pk)],
        "open311": ["/open311/"],
    }  # fmt: skip
    world.data = {
        "healthz": "/healthz",
        "service-worker": "/service-worker.js",
        "geo-districts": "/geo/districts.json",
        "geo-villages": at("geo-villages", "64000080"),
        "disclosures-csv": "/disclosures.csv",
        "api-figure": at("api-figure", "servicerequests.requests"),
        "figure-evidence": at("figure-evidence", enquiries, entered.files.get().pk),
        "api-figure-forecast": at("api-figure-forecast", "servicerequests.requests"),
        "api-figures": "/api/figures/",
        "api-figures-openapi": "/api/figures/openapi.json",
        "api-figures-values": f"/api/figures/values?period={year}",
        "figure-table-csv": at("figure-table-csv", **period),
        "figure-records-csv": at("figure-records-csv", **period),
        "queue-export": "/desk/export.csv",
        "redaction-uncovered": at("redaction-uncovered", photo.token),
        "case-file": at("case-file", photo.token, "shown"),
        "track-photo": at("track-photo", cases["new"].number, cases["new"].secret, photo.token, "thumbnail"),
        "crew-photo": at("crew-photo", job["on_site"], worked_on.token, "shown"),
        "crew-today": "/crew/today.json",
        "crew-manifest": "/crew/manifest.webmanifest",
        "materials-export": "/desk/materials.csv",
        "app-manifest": "/app/manifest.webmanifest",
        "app-worker": "/app/service-worker.js",
        "board-svg": at("board-svg", chart.board.slug, chart.pk),
        "board-csv": at("board-csv", chart.board.slug, chart.pk),
        "public-photo": at("public-photo", photo.token),
        "map-tile": "/map/tiles/12/3415/1785.json",
        "map-atom": "/map/cases.atom",
        "map-geojson": "/map/cases.geojson",
        "map-csv": "/map/cases.csv",
        "annual-report-pdf": f"/annual-report/{year - 1911}/5.pdf",
    }
    number = cases["new"].number
    for name, *parts in (
        ("discovery",), ("discovery-v2",), ("services",), ("service", "pothole"), ("requests",), ("request", number),
        ("request-updates", number), ("updates",), ("token", "a-1"),
    ):  # fmt: skip
        for ending in ("", "-xml", "-json"):
            world.data[f"open311-{name}{ending}"] = at(f"open311-{name}{ending}", *parts, query=f"?api_key={text}")
    world.data["open311-media"] = at("open311-media", photo.token)


def _fill_reports(world: World) -> None:
    """A month's report that is published and sent; another with its sections in every state, one with typed numbers."""
    controller, officer = world.people["controller"], world.people["case_officer"]
    analysis, year = reports.kind("analysis"), today().year - 1
    done, open_ = (compiling.open_report(controller, analysis, Period.month(year, month)) for month in (6, 7))
    for section in done.sections.all():
        for verb in ("submit", "agree", "finalize"):
            compiling.perform(controller, section.pk, verb)
    library = recipients.keep(
        Recipient(kind_code="analysis"), {"name": "市立圖書館", "form": "pdf", "mail": "l@example.tw"}
    )
    dispatch(controller, publish(controller, done), ["市議會"], "letter", today())
    publish(controller, done, LONG)
    late, drafted, agreed, final = open_.sections.order_by("code")
    for section, verbs in ((drafted, 1), (agreed, 2), (final, 3)):
        for verb in ("submit", "agree", "finalize")[:verbs]:
            compiling.perform(controller, section.pk, verb)
    words = {"caption_zh": LONG[:200], "caption_en": "A", "alt_zh": "灰色", "alt_en": "Grey", "credit": "研考會"}
    photo = photos.add(controller, drafted, picture("gray"), {"name": "grey", **words})
    facts = {"unit": directory.unit(ROADS), "title_zh": late.title_zh, "title_en": late.title_en}
    late = compiling.assign(controller, late.pk, late.version, author=officer.pk, due=late.due_on, **facts)
    compiling.write(officer, late.pk, 1, f"{{period}}共 5 件，{{no.such}}。{LONG}", "x")
    type(agreed).objects.filter(pk=agreed.pk).update(agreed={f"servicerequests.done@{open_.period}": "1"})
    sections = (late, drafted, agreed, final)
    world.pages |= {
        "city-report": [reverse("city-report", args=["analysis", done.period]),
                        reverse("city-report", args=["yearbook", year - 1911])],
        "city-report-chapter": [reverse("city-report-chapter", args=["analysis", done.period, 1])],
        "reports": ["/desk/reports/"],
        "report-figures": ["/desk/reports/figures/", "/desk/reports/figures/?q=沒有這個"],
        "report-overview": [report.get_absolute_url() for report in (done, open_)],
        "report-section-new": [reverse("report-section-new", args=[open_.pk])],
        "report-publication": [reverse("report-publication", args=[report.pk]) for report in (done, open_)],
        "report-dispatches": [reverse("report-dispatches", args=[report.pk]) for report in (done, open_)],
        "report-recipients": [reverse("report-recipients", args=[code]) for code in ("analysis", "results")],
        "report-recipient": [reverse("report-recipient", args=["analysis", library.pk])],
        "report-section": [section.get_absolute_url() for section in sections],
        "report-photos": [reverse("report-photos", args=[drafted.pk])],
        "report-versions": [reverse("report-versions", args=[late.pk])],
        "report-assignment": [reverse("report-assignment", args=[drafted.pk])],
        "report-verb": [reverse("report-verb", args=[drafted.pk, "return"]),
                        reverse("report-verb", args=[drafted.pk, "agree"]),
                        reverse("report-verb", args=[agreed.pk, "finalize"])],
    }  # fmt: skip
    world.data |= {
        "city-report-file": reverse("city-report-file", args=["analysis", done.period, "json"]),
        "report-draft": reverse("report-draft", args=[open_.pk, "odt"]),
        "report-photo-file": photo.url,
    }


def _fill_incidents(world: World, cases: dict[str, Case]) -> None:
    """An incident that goes on and was broadcast, one that is over, one without a case yet; a storm that is over."""
    controller = world.people["controller"]
    facts = {"event": "wind", "since": now() - timedelta(hours=10), "lead": directory.agency("pwb")}
    said = {"public_zh": LONG, "public_en": "Please stay indoors."}
    typhoon = incidents.declare(controller, name="凱米颱風" + LONG[:40], districts=["64000080"], **said, **facts)
    incidents.note(controller, typhoon.pk, LONG)
    incidents.remove(controller, typhoon.pk, cases["closed"], "與颱風無關")
    broadcast(controller, typhoon.pk, text_zh=LONG, text_en="", to_agencies=True, to_reporters=True)
    over = incidents.declare(controller, name="瓦斯外洩", **said, **facts)
    over = incidents.close(controller, over.pk, over.version, LONG)
    none = incidents.declare(controller, name="地震", **said, **facts | {"since": now() + timedelta(minutes=1)})
    begin_storm(controller, "凱米颱風登陸")
    end_storm(controller)
    numbers = (typhoon.pk, over.pk, none.pk)
    world.pages |= {
        "public-incidents": ["/incidents/"],
        "public-incident": [reverse("public-incident", args=[pk]) for pk in numbers],
        "incidents": ["/desk/incidents/"],
        "incident-new": ["/desk/incidents/new/"],
        "incident": [reverse("incident", args=[pk]) for pk in numbers],
        "incident-change": [reverse("incident-change", args=[typhoon.pk])],
        "incident-cases": [reverse("incident-cases", args=[pk]) for pk in numbers],
        "incident-verb": [reverse("incident-verb", args=[typhoon.pk, verb]) for verb in VERB_FORMS],
        "incident-report": [reverse("incident-report", args=[pk]) for pk in numbers],
        "storm": ["/desk/storm/"],
    }
    world.data["incident-report-pdf"] = reverse("incident-report-pdf", args=[over.pk])


def _letters() -> dict[str, Inbound]:
    """One of each sort in the mayor's mailbox, kept as the fetching keeps them."""
    mails = {
        "mail": with_file(written("三多三路 215 號路燈不亮", subject=LONG[:120]), "病毒.exe", b"MZ").as_bytes(),
        "bare": written("", subject="", sender="bare@example.com").as_bytes(),
        "machine": written(Auto_Submitted="auto-replied").as_bytes(),
        "bounce": bounce("<" + "0" * 32 + "@elsewhere.example>"),
        "nameless": written(sender="nobody").as_bytes(),
        "dismissed": written("買一送一").as_bytes(),
    }
    found = {}
    for uid, (name, raw) in enumerate(mails.items(), 1):
        row = Inbound(way="mail", box="journeys", uid=uid, received_at=now(), raw=base64.b64encode(raw).decode("ascii"))
        inbox.keep(row)
        inbox.read(row.token)
        found[name] = Inbound.objects.get(token=row.token)
    inbox.settle(found["dismissed"], Verdict(Became.DISMISSED, "廣告信"))
    reporter = Reporter(email="web@example.com", name="王小明")
    found["web"] = await_confirmation(
        Filing("petition", description=LONG, fields={"subject": "一件事"}, reporter=reporter, submission=uuid4())
    )
    return found
