"""English pages are English: a reader walks from link to link, in each role, and meets no Chinese.

What people wrote and what they are called is in English here, so that whatever Chinese appears is the product's own.
"""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from organisation.pack import pack

CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\u3000-\u303f\uff01-\uff0c\uff0e-\uff65]")
ATTRIBUTES = {"alt", "aria-label", "content", "placeholder", "title", "value"}
UNSEEN = {"script", "style", "template"}
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
MOST_OF_A_KIND = 2  # pages of one address, such as cases
NOT_READ = {"sign-out", "language"}
THE_LANGUAGE = "正體中文"  # is called so in every language


class Seen(HTMLParser):
    """What a reader of a page is shown or told by attributes, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.links: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        # Words in another language, marked as such, are meant to be.
        hidden = tag in UNSEEN or given.get("lang", "").startswith("zh") or any(hidden for _tag, hidden in self._open)
        if tag not in VOID:
            self._open.append((tag, hidden))
        if not hidden:
            self.words += [text for name, text in given.items() if name in ATTRIBUTES or name.startswith("data-")]
        if tag == "a" and "href" in given:
            self.links.append(given["href"])

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(hidden for _tag, hidden in self._open):
            self.words.append(data)

    @property
    def chinese(self) -> list[str]:
        return [" ".join(text.split()) for text in self.words if CHINESE.search(text)]


def without(said: list[str], meant: set[str]) -> list[str]:
    """What is still Chinese when the words that are meant to be are taken out."""
    longest_first = "|".join(re.escape(words) for words in sorted({THE_LANGUAGE, *meant}, key=len, reverse=True))
    return [text for text in said if CHINESE.search(re.sub(longest_first, "", text))]


def walk(client: Client, *starts: str) -> tuple[dict[str, list[str]], set[str]]:
    """Visit pages from link to link, a few of each address; the Chinese that was met by page, and the names visited."""
    to_visit, met = list(starts), {}
    visited: dict[str, set[str]] = {}
    while to_visit:
        path = to_visit.pop(0)
        if not urlsplit(path).path.endswith("/"):
            continue  # a file
        try:
            name = resolve(urlsplit(path).path).url_name
        except Resolver404:
            continue
        known = visited.setdefault(name, set())
        if path in known or len(known) >= MOST_OF_A_KIND or name in NOT_READ:
            continue
        known.add(path)
        answer = client.get(path, follow=True)
        assert answer.status_code < 500, path
        if not answer["Content-Type"].startswith("text/html"):
            continue  # for programs, with both languages in it
        seen = Seen(answer.content.decode())
        if answer.status_code == 200 and seen.chinese:
            met[path] = seen.chinese
        here = answer.redirect_chain[-1][0] if answer.redirect_chain else path
        to_visit += [to for link in seen.links if (to := urljoin(here, link.partition("#")[0])).startswith("/")]
    return met, set(visited)


@pytest.fixture
def working_city(city: Any, staff: Callable[..., Any], settings: Any) -> dict[str, Any]:
    """Cases in several states and people in each role, all with English names; returns the people by role."""
    from cases.actions.filing import Filing, Reporter, file_case
    from cases.actions.performing import perform
    from cases.registry import kinds
    from dashboard.actions import load_boards
    from figures import actions as figures
    from foundation.clock import today
    from organisation import directory

    settings.CITYHALL_RATE_LIMIT_FACTOR = 1_000_000
    roads = directory.unit("pwb-roads")
    crew = next(unit for unit in directory.units().values() if unit.is_crew and unit.parent_id == roads.pk)
    other = next(unit for unit in directory.units().values() if not unit.is_crew and unit.agency_id != roads.agency_id)
    people = {
        "citizen": staff("citizen", name="Carol"),
        "call_agent": staff("call_agent", name="Alan"),
        "case_officer": staff("case_officer", unit="pwb-roads", name="Olive"),
        "unit_head": staff("unit_head", unit="pwb-roads", name="Hugh"),
        "crew": staff("crew", unit=crew.code, name="Walter"),
        "controller": staff("controller", name="Rhoda"),
        "auditor": staff("auditor", name="Audrey"),
        "system_administrator": staff("system_administrator", name="Sam"),
    }

    def filed(kind: str = "pothole") -> Any:
        asked = [field for field in kinds()[kind].fields if field.required]
        carol = Reporter(email="carol@example.com", language="en", user=people["citizen"])
        return file_case(
            Filing(
                kind_code=kind,
                description="A hole in the road.",
                fields={field.name: field.choices[0].value if field.choices else "text" for field in asked},
                lon=120.3121,
                lat=22.6205,
                address="No. 2, Siwei 3rd Rd.",
                reporter=carol,
            )
        )

    officer, head = people["case_officer"], people["unit_head"]
    sent, moved, asked, done, _new = (filed() for _n in range(5))
    perform(officer, sent.pk, "dispatch", crew=crew, text="Bring cold mix.")
    perform(people["crew"], sent.pk, "accept")
    perform(officer, asked.pk, "ask", text="Which lane is it in?")
    perform(officer, done.pk, "answer", text="Filled.", outcome="answered")
    perform(officer, done.pk, "close")
    perform(officer, moved.pk, "take")
    perform(head, moved.pk, "assign", officer=officer)
    perform(officer, moved.pk, "transfer", unit=other, text="Not our road.")
    for kind in ("street_light", "noise"):
        filed(kind)
    figures.rebuild(today().year)
    load_boards()
    return people


# Where each role begins; the links lead on.
WORK = {
    "anonymous": (
        "/",
        "/report/",
        "/track/",
        "/dashboard/",
        "/annual-report/",
        "/figures/",
        "/accessibility/",
        "/calendar/",
    ),
    "citizen": ("/my-cases/", "/account/"),
    "call_agent": ("/desk/?list=all", "/report/"),
    "case_officer": ("/desk/", "/desk/?list=all", "/desk/?list=mine"),
    "unit_head": ("/desk/workload/", "/desk/?list=late"),
    "crew": ("/crew/",),
    "controller": ("/desk/?list=all", "/figures/closing/"),
    "auditor": ("/disclosures/",),
    "system_administrator": ("/people/", "/agencies/", "/outbox/"),
}
# Pages that the walk of a role must have met, or it has not walked.
MET = {
    "anonymous": {"home", "report", "report-kind", "dashboard", "figure", "annual-report-chapter", "track-number"},
    "citizen": {"my-cases", "account"},
    "case_officer": {"queue", "case", "case-verb"},
    "unit_head": {"workload"},
    "crew": {"crew", "crew-job"},
    "system_administrator": {"people", "person", "agencies", "outbox", "message"},
}


def test_an_english_reader_meets_no_chinese(working_city: dict[str, Any]) -> None:
    """Every role in one test, as making the city costs more than a walk."""
    meant = {word for row in pack().overrides for word in (row.reason, row.source)}
    meant |= {row.title for row in pack().posts}
    found = {}
    for role, starts in WORK.items():
        client = Client(headers={"accept-language": "en"})
        if role in working_city:
            client.force_login(working_city[role])
        met, visited = walk(client, *starts)
        assert MET.get(role, set()) <= visited, role
        found |= {(role, path): words for path, said in met.items() if (words := without(said, meant))}
    assert found == {}


def test_the_walk_sees_words_attributes_and_what_is_marked() -> None:
    page = """<html lang="en"><head><title>Home</title><script>"不看"</script></head><body>
<a href="/a/" title="看">One<br>two</a> <a href="/b/" lang="zh-Hant-TW">正體中文 <b>也是</b></a><input value="看">
<img alt="看"><p data-unit="件">three：</p></body></html>"""
    seen = Seen(page)
    assert seen.chinese == ["看", "看", "看", "件", "three："]
    assert seen.links == ["/a/", "/b/"]
