"""Rules without Django: the grammar of permissions, the codes of second factors, and what a browser is called."""

import hmac
import math
import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import pyotp

# From narrow to wide. Whoever may do something in a wider scope may do it in each narrower one.
SCOPES = ("public", "own", "unit", "agency", "city")


class Permission(NamedTuple):
    """The three words of a permission, as in ``unit:cases:read``."""

    scope: str
    resource: str
    action: str

    @property
    def deed(self) -> str:
        """What is done, wherever: ``cases:read``."""
        return f"{self.resource}:{self.action}"

    def __str__(self) -> str:
        return ":".join(self)


def parse(text: str) -> Permission:
    """``"unit:cases:read"`` as a Permission; ValueError if it does not follow the grammar."""
    words = text.split(":")
    if len(words) != 3 or words[0] not in SCOPES or not all(w.isidentifier() and w.islower() for w in words):
        raise ValueError(f"{text!r} is not scope:resource:action with a scope of {', '.join(SCOPES)}")
    return Permission(*words)


def at_or_above(permission: str) -> frozenset[str]:
    """The permission itself and the same deed in each wider scope: what satisfies a demand for it."""
    scope, resource, action = parse(permission)
    return frozenset(f"{wider}:{resource}:{action}" for wider in SCOPES[SCOPES.index(scope) :])


def implies(held: Iterable[str], asked: str) -> bool:
    """Whether someone who holds these permissions may do what is asked, at that scope or a wider one."""
    return not at_or_above(asked).isdisjoint(held)


def seconds_to_wait(allowed: int, at: float, minute: int, count: int, previous: int) -> int:
    """Whole seconds until one more use fits a sliding minute of ``allowed`` uses; at least 1.

    ``at`` is the present in seconds since 1970, ``minute`` the one that ``count`` belongs to, ``previous`` the count of
    the minute before it. A minute's count fades out while the next one goes on.
    """
    end = (minute + 1) * 60
    if at < end and previous and count < allowed:
        # The older minute must fade until what is left of it leaves room for one more.
        moment = end - 60 * (allowed - count - 1) / previous
    else:
        # This minute is full by itself: it fades in the next one.
        moment = end + 60 * (1 - (allowed - 1) / max(count, 1))
    return max(1, math.ceil(moment - at))


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are one person's name: spaces, dots between the parts, width and capitals do not count."""
    return bool(_letters(one)) and _letters(one) == _letters(other)


def _letters(name: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKC", name).casefold() if letter.isalpha())


RECOVERY_MINUTES: Final = 30  # the person stands at the counter
RECOVERY_AFTER_COOLING: Final = timedelta(days=3)


def recovery_window(confirmed: datetime, cooling: timedelta) -> tuple[datetime, datetime]:
    """From when and until when what the counter hands out gives the account back.

    Without a cooling period at once and for half an hour, as the person stands there; with one, three days from its
    end, so that whoever really owns the account was told and can stop it (NIST SP 800-63B-4, 4.2: notice of recovery).
    """
    if not cooling:
        return confirmed, confirmed + timedelta(minutes=RECOVERY_MINUTES)
    return confirmed + cooling, confirmed + cooling + RECOVERY_AFTER_COOLING


def session_end(now: float, since: float, idle: float, longest: float) -> float:
    """When a session ends that something was done in just now: after ``idle`` seconds of nothing, and never later than
    ``longest`` seconds after its beginning ``since``. All in seconds; moments since 1970. OWASP ASVS 5.0, 7.3.1, 7.3.2.
    """
    return min(now + idle, since + longest)


# Whose session may rest as long as a citizen's: a crew works with its hands, on a telephone that locks itself.
PATIENT_ROLES: Final = frozenset({"citizen", "crew"})


def code_spelling(typed: str) -> str:
    """The digits of a code, however they were typed: full width, with spaces or a hyphen."""
    plain = unicodedata.normalize("NFKC", typed)
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


CODE_TRIES: Final = 5  # of a million: one in 200,000 for who guesses (ASVS 6.5.5, 6.6.3)


# RFC 6238: steps of 30 seconds since 1970, six digits, SHA-1, which every authenticator app speaks.
TOTP_SECONDS: Final = 30
TOTP_WINDOW: Final = 1  # steps by which a phone's clock may be off, each way


def totp_step(secret: str, code: str, at: float) -> int | None:
    """The time step, at most one away from the moment ``at`` (seconds since 1970), whose code this is; None for none.

    ``secret`` is Base32 (RFC 4648). Spaces in the code do not count. RFC 6238 section 5.2: one step each way.
    """
    typed = "".join(unicodedata.normalize("NFKC", code).split())
    now = int(at // TOTP_SECONDS)
    app = pyotp.TOTP(secret)
    steps = range(now - TOTP_WINDOW, now + TOTP_WINDOW + 1)
    found = [step for step in steps if hmac.compare_digest(app.generate_otp(step).encode(), typed.encode())]
    return max(found, default=None)


# No letter or digit that is taken for another: 31 of them, ten a code, 49 bits.
RECOVERY_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
RECOVERY_CODES: Final = 10
RECOVERY_FEW: Final = 3


def recovery_code(random: Callable[[str], str]) -> str:
    """A code as it is shown, ``7kq2m-x9abt``; ``random`` picks one letter of those given."""
    letters = "".join(random(RECOVERY_ALPHABET) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def recovery_spelling(typed: str) -> str:
    """The one spelling of a recovery code, however it was typed: no spaces or hyphens, small letters."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", typed).lower() if letter.isalnum())


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Line", "LINE"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_names(user_agent: str) -> tuple[str, str]:
    """Browser and system that a User-Agent header speaks of, ``("Chrome", "Windows")``; empty texts for none known.

    The header is what the browser says of itself: good enough to recognise one's own devices, and for nothing else.
    """
    browser = next((name for mark, name in _BROWSERS if f"{mark}/" in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return browser, system
