"""Which passwords are refused because they are known or easily guessed (OWASP ASVS 5.0, 6.2.4, 6.2.11, 6.2.12).

No rule says which characters there must be (6.2.5): what counts is how soon somebody would come to it who guesses.
"""

from __future__ import annotations

import hashlib
import mmap
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

# Guesses that a password must outlast: a thief of the hashes tries ten a second (config/hashers.py), so 115 days each.
LEAST_GUESSES: Final = 10**8
READ: Final = 64  # letters that are judged: the time of judging grows with their square


class GuessedPasswordValidator(CommonPasswordValidator):
    """Refuses Django's 20,000 most common passwords and what is soon guessed out of known parts.

    Parts are the 30,000 passwords of breaches, the words and the names that zxcvbn brings, rows of keys, dates,
    repetitions, the person's own data, and the words of the house, which everybody knows: the city, its agencies, the
    product (``settings.HOUSE_WORDS`` names who says them). Nothing is asked of anybody outside.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError ``password_too_common`` for such a password."""
        super().validate(password, user)
        own = [str(getattr(user, field, "") or "") for field in ("username", "name", "email", "phone")]
        known = [*own, *(part for text in own for part in text.replace("@", " ").split()), *house_words()]
        judged = zxcvbn(password[:READ], user_inputs=[word.lower() for word in known if len(word) > 1])
        if judged["guesses"] < LEAST_GUESSES:
            raise ValidationError(_("這個密碼太常見，很容易被猜到。"), code="password_too_common")


class BreachedPasswordValidator:
    """Refuses what stands in the operator's list of breached passwords, ``settings.BREACHED_PASSWORDS``, if any."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError ``password_breached`` for a password of the list."""
        if settings.BREACHED_PASSWORDS and is_breached(password, Path(settings.BREACHED_PASSWORDS)):
            raise ValidationError(_("這個密碼曾經在別的網站外洩，已經有人拿來試。請換一個。"), code="password_breached")

    def get_help_text(self) -> str:
        """What forms say of it: nothing, as nobody can know beforehand."""
        return ""


def is_breached(password: str, path: Path) -> bool:
    """Whether a password stands in a file as Have I Been Pwned publishes it: ``SHA-1:count`` lines sorted by hash.

    About 35 pages of the file are touched, however large it is. A file that cannot be read raises OSError: a list that
    the operator asked for must not be passed over in silence.
    """
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        low, high = 0, len(text)  # the line is sought that begins in [low, high)
        while low < high:
            middle = (low + high) // 2
            begin = text.rfind(b"\n", low, middle) + 1 or low
            end = text.find(b"\n", begin)
            end = len(text) if end < 0 else end
            found = text[begin : min(begin + len(wanted), end)].upper()
            if found == wanted:
                return True
            if found < wanted:
                low = end + 1
            else:
                high = begin
    return False


def house_words() -> set[str]:
    """The words of the house, as the apps above know them."""
    return import_string(settings.HOUSE_WORDS)() if settings.HOUSE_WORDS else set()
