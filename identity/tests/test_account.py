from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from identity.actions import disclose
from identity.factories import person
from identity.models import AccountEvent, User
from identity.tests.conftest import queries

pytestmark = pytest.mark.django_db

OLD, NEW = "a harbour at dawn", "three cranes and a tide"


@pytest.fixture
def mei(db: None) -> User:
    return person("mei", name="林美", password=OLD, email="mei@example.tw")


def events(user: User) -> list[tuple[str, str]]:
    return list(AccountEvent.objects.filter(user=user).order_by("pk").values_list("verb", "detail"))


def change(client: Client, old: str, new: str, again: str | None = None) -> Any:
    data = {"password": old, "new_password": new, "repeated": new if again is None else again}
    return client.post("/account/password/", data)


def test_people_change_their_data_and_a_wrong_form_keeps_what_was_typed(as_: Callable[..., Client], mei: User) -> None:
    client = as_(mei)
    wrong = client.post("/account/", {"name": "", "language": "xx"})
    page = wrong.content.decode()
    assert wrong.status_code == 422 and "請輸入姓名。" in page
    assert "林美" in page  # the header still shows the person as they are
    mei.refresh_from_db()
    assert (mei.name, mei.email) == ("林美", "mei@example.tw") and events(mei) == []

    right = client.post("/account/", {"name": "  林  美玉 ", "language": "en"}, follow=True)
    mei.refresh_from_db()
    assert (mei.name, mei.language) == ("林 美玉", "en")
    assert events(mei) == [("changed", "name language")]
    assert client.cookies["django_language"].value == "en" and '<html lang="en"' in right.content.decode()


def test_nobody_changes_their_name_of_sign_in_or_opens_doors_by_an_extra_field(
    as_: Callable[..., Client], mei: User
) -> None:
    as_(mei).post(
        "/account/",
        {
            "name": "林美",
            "email": "thief@example.tw",
            "phone": "+886912345678",
            "language": "en",
            "username": "root",
            "is_active": "",
            "is_demo": "on",
            "role": "auditor",
        },
    )
    mei.refresh_from_db()
    assert (mei.username, mei.is_active, mei.is_demo, mei.email) == ("mei", True, False, "mei@example.tw")
    assert mei.phone == ""


def test_a_changed_password_ends_every_other_session(as_: Callable[..., Client], mei: User) -> None:
    here, elsewhere = as_(mei), as_(mei)
    before = here.session.session_key
    for old, new, again, complaint in [
        ("wrong", NEW, NEW, "目前的密碼不正確。"),
        (OLD, NEW, "another one", "兩次輸入的新密碼不一樣。"),
        (OLD, "short", "short", "密碼太短，至少要 10 個字。"),
        (OLD, "password123", "password123", "這個密碼太常見"),
        (OLD, "mei@example.tw", "mei@example.tw", "密碼與您的電子郵件太像"),
        ("", "", "", "請輸入目前的密碼。"),
    ]:
        answer = change(here, old, new, again)
        assert answer.status_code == 422 and complaint in answer.content.decode(), complaint
        assert NEW not in answer.content.decode()
    assert elsewhere.get("/account/").status_code == 200 and events(mei) == []

    assert change(here, OLD, NEW).headers["Location"] == "/account/"
    assert here.get("/account/").status_code == 200 and here.session.session_key != before
    assert elsewhere.get("/account/").status_code == 302
    mei.refresh_from_db()
    assert mei.check_password(NEW) and events(mei) == [("password_changed", "")]


def test_the_page_says_what_i_am_and_who_looked_at_me(as_: Callable[..., Client], holder: Any, mei: User) -> None:
    keeper = holder("system_administrator", name="陳管理")
    officer = holder("case_officer", name="王承辦")
    assert "還沒有人看過。" in as_(officer).get("/account/").content.decode()
    disclose(keeper, "user", officer.pk, ["email"], "帳號管理")
    disclose(keeper, "user", mei.pk, ["email"], "另一個人的事")
    page = as_(officer).get("/account/").content.decode()
    assert "承辦人員" in page and "陳管理" in page and "帳號管理" in page and "另一個人的事" not in page


def test_all_that_is_mine_is_reached_from_one_page(as_: Callable[..., Client], mei: User) -> None:
    page = as_(mei).get("/account/").content.decode()
    for address in "email phone security sessions password systems data disclosures".split():
        assert f'href="/account/{address}/"' in page, address


def test_my_disclosures_are_mine_alone_in_a_fixed_number_of_queries(as_: Callable[..., Client], holder: Any) -> None:
    officer, colleague = holder("case_officer"), holder("case_officer")
    disclose(officer, "case", 7, ["phone"], "回電確認地點")
    disclose(colleague, "case", 8, ["phone"], "別人的查閱")
    client = as_(officer)
    at_one = queries(client, "/account/disclosures/")
    for _ in range(19):
        disclose(officer, "case", 7, ["phone"], "回電確認地點")
    assert queries(client, "/account/disclosures/") == at_one
    page = client.get("/account/disclosures/").content.decode()
    assert page.count("回電確認地點") == 20 and "別人的查閱" not in page


def test_pages_of_an_account_are_for_who_is_signed_in(client: Client) -> None:
    for address in ("/account/", "/account/password/", "/account/disclosures/"):
        assert client.get(address).headers["Location"].startswith("/sign-in/?next=%2Faccount")
