"""What the phone signs, and the form of an identity number. Pure."""

import re
import secrets
from dataclasses import dataclass
from typing import Final

# What the letter in front counts for (戶政司: 10 to 35, in the order of the first offices).
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_NUMBER: Final = re.compile(r"[A-Z][12789ABCD]\d{8}")


def fits(number: str) -> bool:
    """Whether it is an identity number by form and check digit: 國民身分證, or 統一證號 of 2021 or of before.

    >>> fits("A123456789"), fits("A123456788")
    (True, False)
    """
    if not _NUMBER.fullmatch(number):
        return False
    area = 10 + _LETTERS.index(number[0])
    second = (10 + _LETTERS.index(number[1])) % 10 if number[1].isalpha() else int(number[1])
    digits = [area // 10, area % 10, second, *map(int, number[2:])]
    return (
        sum(digit * weight for digit, weight in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0
    )


def tidy(number: str) -> str:
    """As people type it, with spaces and small letters, in the one form that is sent."""
    return re.sub(r"[\s-]", "", number).upper()


def nonce() -> str:
    """128 random bits that nobody signed before."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Statement:
    """The text that a person signs. It names all that could be exchanged: who asks, for what, in which transaction.

    We keep it and verify the signature over exactly this text, so that a signature given to somebody else, or to us at
    another time or for another purpose, opens nothing here.
    """

    service: str  # the public address of this city hall
    purpose: str
    transaction: str
    nonce: str

    def text(self) -> str:
        """The text, one thing a line. ValueError for a value that would break a line: two statements must differ."""
        values = {
            "service": self.service,
            "purpose": self.purpose,
            "transaction": self.transaction,
            "nonce": self.nonce,
        }
        if any(not value or not value.isprintable() for value in values.values()):
            raise ValueError("a statement is made of printable lines")
        return "\n".join(["OpenCityHall statement v1", *(f"{name}={value}" for name, value in values.items())])
