"""The codes of second factors, and what a browser is called."""

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.rules import RECOVERY_ALPHABET, device_names, recovery_code, recovery_spelling, totp_step

# RFC 6238 appendix B: the secret is "12345678901234567890"; of its eight digits the last six are ours.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}


@pytest.mark.parametrize(("at", "code"), RFC_CODES.items())
def test_the_codes_of_the_rfc(at: int, code: str) -> None:
    assert totp_step(RFC_SECRET, code, at) == at // 30
    assert totp_step(RFC_SECRET, f" {code[:3]} {code[3:]} ", at) == at // 30
    assert totp_step(RFC_SECRET, code.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}), at)


@given(at=st.integers(1_000_000_000, 4_000_000_000), off=st.integers(-4, 4))
def test_a_code_is_good_one_step_before_and_after(at: int, off: int) -> None:
    code = pyotp.TOTP(RFC_SECRET).generate_otp(at // 30 + off)
    found = totp_step(RFC_SECRET, code, at)
    if abs(off) <= 1:
        assert found is not None and pyotp.TOTP(RFC_SECRET).generate_otp(found) == code
    else:  # a million codes: another step may have the same, and then it is that step's
        assert found is None or found != at // 30 + off


@pytest.mark.parametrize("typed", ["", "12345", "2870820", "abcdef", "²87082", "\N{SNOWMAN}"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert totp_step(RFC_SECRET, typed, 1111111109) is None


@given(st.data())
def test_a_recovery_code_is_read_however_it_is_typed(data: st.DataObject) -> None:
    code = recovery_code(lambda letters: data.draw(st.sampled_from(letters)))
    assert len(code) == 11 and set(code) <= {*RECOVERY_ALPHABET, "-"}
    for typed in (code.upper(), code.replace("-", " "), f" {code.replace('-', '')}\t", code.replace("-", "－")):
        assert recovery_spelling(typed) == recovery_spelling(code) == code.replace("-", "")


WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/130.0.0.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"
DEVICES = {
    WINDOWS: ("Chrome", "Windows"),
    f"{WINDOWS} Edg/130.0.0.0": ("Edge", "Windows"),
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18.0 Safari/605.1.15": ("Safari", "macOS"),
    f"{PHONE} {WEBKIT} CriOS/130.0 Mobile/15E148 Safari/604.1": ("Chrome", "iPhone"),
    f"{PHONE} {WEBKIT} Mobile/15E148 Safari Line/14.0": ("LINE", "iPhone"),
    f"Mozilla/5.0 (Linux; Android 14; K) {WEBKIT} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36": (
        "Samsung Internet",
        "Android",
    ),
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0": ("Firefox", "Linux"),
    "curl/8.5.0": ("", ""),
    "": ("", ""),
}


@pytest.mark.parametrize(("header", "names"), DEVICES.items())
def test_browsers_are_called_what_people_call_them(header: str, names: tuple[str, str]) -> None:
    assert device_names(header) == names
