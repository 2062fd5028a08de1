"""Clients that others wrote, as anybody installs them, against the running server; and a request walked to its end."""

import importlib
import itertools
from typing import Any

import pytest
from georeport import GeoReport

from cases.actions.performing import perform
from cases.models import Case
from servicerequests.tests.office import act, done
from servicerequests.tests.programs import POTHOLE, V2, Program, new_key
from servicerequests.tests.walking import picture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def three(monkeypatch: Any) -> Any:
    """The client ``three``, which was written for Python 2."""
    monkeypatch.setattr(itertools, "ifilter", filter, raising=False)
    monkeypatch.delenv("OPEN311_API_KEY", raising=False)
    return importlib.import_module("three").Three


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_three_finds_its_way_files_with_a_photo_and_follows(three: Any, live_server: Any, city: Any) -> None:
    text = new_key()[1]
    client = three(f"{live_server.url}{V2}", api_key=text)
    assert client.discovery()["endpoints"][0]["url"] == f"{live_server.url}{V2}"
    assert "pothole" in [service["service_code"] for service in client.services()]
    (size, *_others) = client.services("pothole")["attributes"]
    (told,) = client.post(
        "pothole", address="苓雅區四維三路2號", name="Ming Chen", phone="0912345678", description="路面破洞",
        media=picture(), **{f"attribute[{size['code']}]": size["values"][0]["key"]},
    )  # fmt: skip
    number = told["service_request_id"]
    case = Case.objects.get(number=number)
    assert (case.address, case.contact.name, case.attachments.count()) == ("苓雅區四維三路2號", "Ming Chen", 1)
    assert [request["service_request_id"] for request in client.requests("pothole", count=5)] == [number]
    assert client.requests(start="01-01-2026", end="02-01-2026") == []
    assert client.request(number, api_key=text)[0]["description"] == "路面破洞"
    assert client.request("D111-9999999")[0]["code"] == 404
    assert three(f"{live_server.url}{V2}").post("pothole")[0]["code"] == 403
    assert client.token("nothing")[0]["code"] == 404


@pytest.mark.parametrize("output", ["json", "xml"])
def test_georeport_reads_everything(output: str, live_server: Any, filed: Any) -> None:
    cases = [filed(), filed("noise")]
    done(cases[0])
    client = GeoReport(f"{live_server.url}{V2}", jurisdiction="kaohsiung", output_format=output)
    assert {"pothole", "noise"} <= {service["service_code"] for service in client.get_service_list()}
    definition = client.get_service_definition("pothole")
    assert definition["service_code"] == "pothole"
    found = client.get_service_requests()
    assert [request["service_request_id"] for request in found] == [case.number for case in reversed(cases)]
    assert [request["status"] for request in found] == ["open", "closed"]
    assert client.get_service_request(cases[0].number)["service_name"] == "路面坑洞"
    assert [r["status"] for r in client.get_service_requests(status="closed,open", service_code="noise,pothole")] == [
        "open",
        "closed",
    ]


def test_a_request_walks_to_closed_and_its_program_follows_every_step(city: Any) -> None:
    program = Program(new_key()[1])
    (told,) = program.send(**POTHOLE, description="破洞", email="a@example.com")
    number = told["service_request_id"]
    case = Case.objects.get(number=number)

    def standing(**query: str) -> tuple[str, str]:
        (request,) = program.read(f"requests/{number}", **query)
        return request["status"], request["status_notes"]

    assert standing() == ("open", "已受理")
    act(case, "ask", text="請問在哪一個車道？")
    assert standing() == ("open", "等待您補充資料")
    own = program.read(f"requests/{number}/updates", api_key=program.text)
    public = program.read(f"requests/{number}/updates")
    assert own[-1]["description"] == "請民眾補充資料\n請問在哪一個車道？"
    assert public[-1]["description"] == "請民眾補充資料"

    def supply(status: int = 200, **form: str) -> Any:
        given = {"api_key": program.text, "service_request_id": number, "description": "機車道", **form}
        answer = program.post(f"{V2}/servicerequestupdates.json", given)
        assert answer.status_code == status, answer.content.decode()
        return answer.json()

    supply(404, api_key=new_key()[1])
    supply(403, api_key=new_key(scopes=["public:cases:file"])[1])
    supply(400, description="")
    supply(400, service_request_id="")
    supply(404, service_request_id="D111-9999999")
    assert supply(update_id="u-1") == supply(update_id="u-1"), "sent twice, done once"
    supply(400)  # nothing is asked any more
    assert case.events.filter(verb="supply").count() == 1
    assert standing() == ("open", "承辦中")
    case.refresh_from_db()
    done(case, "已填補。")
    assert standing() == ("closed", "已完成：已修復或排除")
    act(Case.objects.get(pk=case.pk), "close", text="謝謝通報。")
    assert standing() == ("closed", "已結案：已修復或排除")
    told = program.read(f"requests/{number}/updates", api_key=program.text)
    assert [update["status"] for update in told] == ["open", "open", "open", "closed", "closed"]
    assert "已填補。" in told[3]["description"]
    everything = program.read("servicerequestupdates")
    assert [update["update_id"] for update in everything] == [update["update_id"] for update in told]
    following = program.get(f"{V2}/servicerequestupdates.json?page_size=2&page=2")
    assert [u["update_id"] for u in following.json()] == [u["update_id"] for u in told[2:4]]
    assert 'rel="next"' in following["Link"]
    program.read("requests/D111-9999999/updates", 404)
    perform(None, case.pk, "reopen", by_citizen=True, text="又破了")
    assert standing() == ("open", "已受理")
