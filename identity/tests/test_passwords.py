"""Passwords that are known or soon guessed are refused, and nobody outside is asked."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from identity.models import User
from identity.passwords import is_breached


def line(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def listed(folder: Path, *passwords: str, end: str = "\r\n") -> Path:
    path = folder / "breached.txt"
    path.write_bytes("".join(f"{each}:{n}{end}" for n, each in enumerate(sorted(map(line, passwords)), 1)).encode())
    return path


def codes(password: str, user: User | None = None) -> set[str]:
    try:
        validate_password(password, user)
    except ValidationError as weak:
        return {error.code for error in weak.error_list}
    return set()


WEAK = ("password1234", "qwertyuiop12", "1234567890123", "iloveyou1234", "letmeinplease", "baseball2022!", "x" * 20)


@pytest.mark.parametrize("password", WEAK)
def test_what_is_common_or_made_of_common_parts_is_refused(password: str) -> None:
    assert codes(password) == {"password_too_common"}


@pytest.mark.parametrize(
    "password", ["a harbour at dawn", "三隻鶴與一次漲潮在港邊", "xQ7$kk2vPz!b", "港邊的鶴在清晨飛起來"]
)
def test_what_is_hard_to_guess_is_taken_whatever_its_characters(password: str) -> None:
    assert codes(password) == set()


def ours() -> set[str]:
    return {"kaohsiung", "高雄市政府", "opencityhall"}


def test_words_of_the_house_and_of_the_person_make_no_password(settings: Any) -> None:
    assert codes("gaoxiongshi2022") == set() and codes("高雄市政府工程處2022") == set()
    settings.HOUSE_WORDS = f"{__name__}.ours"
    for password in ("kaohsiung2022", "Kaohsiung@2022", "OpenCityHall1", "高雄市政府20220101"):
        assert codes(password) == {"password_too_common"}, password
    mei = User(username="linmeiyu", name="Meiyu Lin", phone="+886912345678")
    assert "password_too_common" in codes("meiyu12345", mei) and codes("meiyu12345 in the harbour", mei) == set()


def test_what_stands_in_the_operators_list_is_refused_and_the_form_says_why(
    client: Client, db: None, settings: Any, tmp_path: Path
) -> None:
    leaked = "three cranes and a tide"
    assert codes(leaked) == set()
    settings.BREACHED_PASSWORDS = str(listed(tmp_path, leaked, *(f"filler {n}" for n in range(200))))
    assert codes(leaked) == {"password_breached"} and codes("a harbour at dawn") == set()
    said = {"name": "林美", "email": "mei@example.tw", "new_password": leaked, "repeated": leaked}
    answer = client.post("/register/", said)
    assert answer.status_code == 422 and "曾經在別的網站外洩" in answer.content.decode()
    # A list that the operator asked for is not passed over in silence.
    settings.BREACHED_PASSWORDS = str(tmp_path / "gone.txt")
    with pytest.raises(OSError):
        codes("a harbour at dawn")


@given(st.sets(st.text(max_size=8), min_size=1, max_size=40), st.sampled_from(["\n", "\r\n"]), st.text(max_size=8))
def test_each_line_of_the_list_is_found_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, passwords: set[str], end: str, other: str
) -> None:
    path = listed(tmp_path_factory.mktemp("list"), *passwords, end=end)
    assert all(is_breached(password, path) for password in passwords)
    assert is_breached(other, path) == (other in passwords)
