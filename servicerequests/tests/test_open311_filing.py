"""A program files: by the book, once, and with everything that belongs to a report."""

import threading
from dataclasses import replace
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.actions.redacting import redact_photo
from cases.models import Attachment, Case, Contact
from cases.registry import kinds
from identity.actions import withdraw_key
from identity.models import ApiUse
from messages.models import Message
from servicerequests.models import ApiFiling
from servicerequests.tests.programs import HOSTILE, POTHOLE, V2, Program, new_key
from servicerequests.tests.walking import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(city: None) -> Program:
    return Program(new_key()[1])


def sentences(errors: list[dict[str, Any]]) -> str:
    assert errors and all(set(error) == {"code", "description"} for error in errors)
    return "\n".join(error["description"] for error in errors)


def test_a_report_becomes_a_case_like_any_other(program: Program) -> None:
    (told,) = program.send(
        **POTHOLE, description="路面破一個洞。", address_string="苓雅區四維三路2號", first_name="小明", last_name="陳",
        email="ming@example.com", phone="0912345678", device_id="a-phone", account_id="17",
    )  # fmt: skip
    case = Case.objects.get(number=told["service_request_id"])
    assert told["service_notice"] == "4 小時內處理" and told["account_id"] is None
    assert (case.kind_code, case.channel, case.state, case.unit.code) == ("pothole", "open311", "received", "pwb-roads")
    assert case.fields == {"size": "wheel"} and case.district.name == "苓雅區" and case.village_id
    assert case.description == "路面破一個洞。"
    contact = Contact.objects.get(case=case)
    assert (contact.name, contact.email, contact.phone) == ("陳小明", "ming@example.com", "0912345678")
    assert Message.objects.get().recipient == "ming@example.com"
    filed = ApiFiling.objects.get()
    assert (filed.case, filed.key.name) == (case, "里長 App")
    assert "a-phone" not in str(Case.objects.filter(pk=case.pk).values().get()), "what identifies a phone is not kept"


def test_the_desk_says_which_program_filed_a_case(program: Program, client: Client, staff: Any) -> None:
    client.force_login(staff("case_officer", "pwb-roads"))
    (told,) = program.send(**POTHOLE, headers={"Idempotency-Key": "my-report-0001"})
    page = client.get(f"/desk/cases/{told['service_request_id']}/").content.decode()
    assert "里長 App" in page and "林開發" in page and "my-report-0001" in page


def test_an_address_alone_is_a_place_if_it_names_the_district(program: Program) -> None:
    (told,) = program.send(
        service_code="pothole", **{"attribute[size][]": "hand"}, address_string="高雄市左營區博愛二路100號"
    )
    case = Case.objects.get(number=told["service_request_id"])
    assert (case.district.name, case.lat, case.fields) == ("左營區", None, {"size": "hand"})


WRONG = [
    (400, {"service_code": ""}, ["service_code"]),
    (404, {"service_code": "teapot"}, ["service_code"]),
    (404, {"jurisdiction_id": "chicago.gov"}, ["jurisdiction_id"]),
    (403, {"api_key": ""}, ["api_key"]),
    (403, {"api_key": "och_00000000_0"}, ["api_key"]),
    (400, {"lat": "", "long": ""}, ["lat", "address_string"]),
    (400, {"lat": "", "long": "", "address_id": "7"}, ["address_id"]),
    (400, {"lat": "", "long": "", "address_string": "123 Any Street"}, ["address_string"]),
    (400, {"lat": "25.03", "long": "121.56"}, ["lat、long"]),
    (400, {"lat": "north"}, ["lat、long"]),
    (400, {"lat": "nan"}, ["lat、long"]),
    (400, {"lat": "1e999"}, ["lat、long"]),
    (400, {"long": ""}, ["lat、long"]),
    (400, {"attribute[size]": ""}, ["attribute[size]"]),
    (400, {"attribute[size]": "enormous"}, ["attribute[size]"]),
    (400, {"attribute[size]": ["wheel", "hand"]}, ["attribute[size]"]),
    (400, {"attribute[colour]": "red"}, ["attribute[colour]"]),
    (400, {"email": "nobody"}, ["email"]),
    (400, {"media_url": "javascript:alert(1)"}, ["media_url"]),
    (400, {"description": "字" * 4001}, ["description"]),
    (400, {"description": "a\0b"}, ["NUL"]),
    (400, {"email": "x", "attribute[size]": "", "lat": "0"}, ["email", "attribute[size]", "lat、long"]),
]


def test_what_is_wrong_is_said_by_the_name_of_its_parameter(program: Program) -> None:
    for status, form, said in WRONG:
        errors = program.send(status, **{**POTHOLE, **form})
        assert {error["code"] for error in errors} == {status}, form
        assert all(word in sentences(errors) for word in said), form
    assert len(errors) == 3, "all that is wrong is said at once"
    assert not Case.objects.exists() and not ApiFiling.objects.exists() and not Attachment.objects.exists()
    assert program.send(**POTHOLE), "and what is right is taken"


def test_errors_are_in_the_readers_language_and_in_xml_too(city: None) -> None:
    answer = Client().post(f"{V2}/requests.xml", POTHOLE, headers={"Accept-Language": "en"})
    assert answer.status_code == 403 and answer["Content-Type"] == "text/xml; charset=utf-8"
    text = answer.content.decode()
    assert text.startswith(
        '<?xml version="1.0" encoding="utf-8"?>\n<errors><error><code>403</code><description>api_key'
    )
    assert "金鑰" not in text and answer["Access-Control-Allow-Origin"] == "*"


NO_FORMS = [
    ("{}", "application/json"),
    ("--x\r\nbroken", "multipart/form-data; boundary=x"),
    ("", "multipart/form-data"),
    ("a=1&" * 2000, "application/x-www-form-urlencoded"),
    ("x=" + "a" * 3_000_000, "application/x-www-form-urlencoded"),
    ("%ff%fe=%00", "application/x-www-form-urlencoded"),
]


def test_a_body_that_is_no_form_is_an_error_of_the_standards(city: None) -> None:
    for body, content_type in NO_FORMS:
        answer = Client().generic("POST", f"{V2}/requests.json", body, content_type)
        assert (answer.status_code, answer.json()[0]["code"]) == (400, 400), body[:20]


def test_a_key_that_may_not_file_or_was_withdrawn_files_nothing(city: None) -> None:
    key, text = new_key(scopes=["public:cases:track"])
    assert "不能做這件事" in sentences(Program(text).send(403, **POTHOLE))
    key, text = new_key()
    withdraw_key(key.owner, key)
    assert "停用" in sentences(Program(text).send(403, **POTHOLE))
    assert not Case.objects.exists()


def test_a_spent_quota_is_429_with_the_seconds_to_wait(city: None) -> None:
    key, text = new_key(per_minute=2)
    program = Program(text)
    for _ in range(2):
        program.send(**POTHOLE)
    answer = program.post(f"{V2}/requests.json", {"api_key": text, **POTHOLE})
    assert answer.status_code == 429 and 1 <= int(answer["Retry-After"]) <= 90
    assert answer.json()[0]["code"] == 429 and Case.objects.count() == 2
    use = ApiUse.objects.get(key=key)
    assert (use.count, use.refused) == (2, 1)


def test_the_same_reference_files_once_and_another_report_under_it_is_refused(program: Program) -> None:
    first = program.send(**POTHOLE, headers={"Idempotency-Key": '"a-1"'})
    again = program.send(**POTHOLE, headers={"Idempotency-Key": "a-1"})
    assert first == again and Case.objects.count() == 1
    other = program.send(400, **POTHOLE, description="另一件", headers={"Idempotency-Key": "a-1"})
    assert "Idempotency-Key" in sentences(other)
    by_form = [program.send(**POTHOLE, external_id="b-2") for _ in range(2)]
    assert by_form[0] == by_form[1] and by_form[0] != first
    stranger = Program(new_key()[1])
    assert stranger.send(**POTHOLE, headers={"Idempotency-Key": "a-1"}) != first, "each key has references of its own"
    assert Case.objects.count() == ApiFiling.objects.count() == 3
    found = program.read("tokens/a-1", api_key=program.text)
    assert found == [{"service_request_id": first[0]["service_request_id"], "token": "a-1"}]
    program.read("tokens/a-1", 404)  # without the key


def test_a_photo_is_kept_without_its_position_and_only_its_own_key_is_shown_it(program: Program, staff: Any) -> None:
    media = SimpleUploadedFile("hole.jpg", picture().read(), content_type="image/jpeg")
    (told,) = program.send(**POTHOLE, description="破洞", media=media)
    number = told["service_request_id"]
    photo = Attachment.objects.get()
    assert str(photo.case.number) == number and photo.shown
    (waiting,) = program.read(f"requests/{number}", api_key=program.text)
    assert waiting["media_url"] is None, "nobody has looked it through"
    redact_photo(staff("case_officer", unit=photo.case.unit.code), photo, [])
    (own,) = program.read(f"requests/{number}", api_key=program.text)
    (public,) = program.read(f"requests/{number}")
    (other,) = program.read(f"requests/{number}", api_key=new_key()[1])
    assert (own["description"], public["description"], other["description"]) == ("破洞", None, None)
    assert public["media_url"] is None and other == public
    shown = program.get(own["media_url"].removeprefix("http://testserver"))
    assert shown.status_code == 200 and shown["Content-Type"] == "image/jpeg"
    assert b"".join(shown.streaming_content).startswith(b"\xff\xd8")
    Attachment.objects.update(is_public=False)
    assert program.get(own["media_url"].removeprefix("http://testserver")).status_code == 404
    bad = SimpleUploadedFile("hole.jpg", b"no picture", content_type="image/jpeg")
    assert "hole.jpg" in sentences(program.send(400, **POTHOLE, media=bad))
    many = [SimpleUploadedFile(f"{n}.jpg", picture().read()) for n in range(5)]
    assert "media" in sentences(program.send(400, **POTHOLE, media=many))
    assert Attachment.objects.count() == Case.objects.count() == 1


def test_a_photo_of_the_web_has_no_address_here(filed: Any, city: None) -> None:
    from cases.actions.files import attach

    photo = attach(filed(), None, picture(), phase="report", by_citizen=True)
    assert Client().get(f"{V2}/media/{photo.token}.jpg").status_code == 404


def test_an_address_of_a_picture_is_handed_on_and_not_fetched(program: Program) -> None:
    (told,) = program.send(**POTHOLE, description="破洞", media_url="http://127.0.0.1:9/secret.jpg")
    assert Case.objects.get().description == "破洞\n\n通報人附的照片網址：http://127.0.0.1:9/secret.jpg"
    (public,) = program.read(f"requests/{told['service_request_id']}")
    assert public["media_url"] is None


def test_the_answer_may_bring_the_page_that_opens_the_whole_case(program: Program) -> None:
    (told,) = program.send(**POTHOLE, extensions="true")
    case = Case.objects.get()
    address = told["extended_attributes"]["tracking_url"]
    assert address == f"http://testserver/track/{case.number}/{case.secret}/"
    (public,) = program.read(f"requests/{case.number}", extensions="true", api_key=program.text)
    assert case.secret not in str(public)
    queried = program.post(f"{V2}/requests.json?extensions=true", {"api_key": program.text, **POTHOLE}).json()
    assert "tracking_url" in queried[0]["extended_attributes"]


def test_a_kind_that_wants_a_contact_says_so(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kinds(), "pothole", replace(kinds()["pothole"], anonymous=False))
    assert "email、phone" in sentences(program.send(400, **POTHOLE))
    assert program.send(**POTHOLE, phone="0912345678")


def test_hostile_text_stays_text(program: Program) -> None:
    (told,) = program.send(**POTHOLE, description=HOSTILE, headers={"Idempotency-Key": "x<&>"})
    kept = program.read_xml(f"requests/{told['service_request_id']}", api_key=program.text)["service_requests"][
        "request"
    ]
    assert kept["status"] == "open"
    assert kept["description"] == HOSTILE.replace("\x0b", "").replace("\ufffe", "").strip()
    assert (
        program.read(f"requests/{told['service_request_id']}", api_key=program.text)[0]["description"]
        == HOSTILE.strip()
    )


def test_statements_of_a_report(program: Program) -> None:
    program.send(**POTHOLE, email="a@example.com")
    with CaptureQueriesContext(connection) as plain:
        program.send(**POTHOLE, email="a@example.com")
    with CaptureQueriesContext(connection) as engine:
        from cases.actions.filing import Filing, Reporter, file_case

        file_case(Filing("pothole", fields={"size": "wheel"}, lon=120.3121, lat=22.6205,
                         reporter=Reporter(email="b@example.com")))  # fmt: skip
    # The key and its quota; the transaction around engine and account; the account.
    assert len(plain) - len(engine) <= 4, [q["sql"][:80] for q in plain]


@pytest.mark.django_db(transaction=True)
def test_the_same_report_sent_by_many_at_once_is_filed_once(city: None) -> None:
    text = new_key()[1]
    numbers: list[str] = []
    start = threading.Barrier(8)

    def one() -> None:
        try:
            start.wait(20)
            (told,) = Program(text).send(**POTHOLE, headers={"Idempotency-Key": "same"})
            numbers.append(told["service_request_id"])
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(numbers) == 8 and len(set(numbers)) == 1
    assert Case.objects.count() == ApiFiling.objects.count() == 1
    assert isinstance(Case.objects.get().submission, UUID)


def test_whatever_is_sent_is_answered_by_the_book(city: None, settings: Any) -> None:
    settings.CITYHALL_RATE_LIMIT_FACTOR = 1_000_000
    rng, program = Random("open311"), Program(new_key()[1])
    names = [*POTHOLE, "attribute[]", "attribute[size][]", "attribute", "page", "page_size", "start_date", "end_date",
             "status", "service_request_id", "extensions", "jurisdiction_id", "media_url", "email", "é"]  # fmt: skip
    values = ["", "0", "-1", "1e9", "NaN", "\0", "'; --", HOSTILE, "2022-01-01T00:00:00 08:00", "pothole", "wheel",
              "𠀀" * 300, "9" * 40, "open,closed,,", "%", "\xed\xa0\x80"]  # fmt: skip
    for _ in range(120):
        sent = {rng.choice(names): rng.choice(values) for _ in range(rng.randrange(6))}
        if rng.random() < 0.5:
            answer = program.post(f"{V2}/requests.json", {"api_key": program.text, **POTHOLE, **sent})
        else:
            answer = program.get(f"{V2}/{rng.choice(('requests', 'services', 'servicerequestupdates'))}.json", sent)
        assert answer.status_code in {200, 400, 404}, (sent, answer.status_code)
        if answer.status_code != 200:
            assert sentences(answer.json()), sent
