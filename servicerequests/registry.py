"""What a crew may report to have used, as the city pack lists it for each kind (rule ``materials``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cases.fields import Labelled
from foundation.language import in_language
from organisation.pack import pack


@dataclass(frozen=True)
class Material(Labelled):
    """A material: its words, its unit, the most that one trip uses, and to how many decimals it is told."""

    code: str
    label_zh: str
    label_en: str
    unit_zh: str
    unit_en: str
    most: int
    decimals: int = 0

    def __post_init__(self) -> None:
        if not (self.code and self.label_zh and self.unit_zh and self.most > 0 and 0 <= self.decimals <= 3):
            raise ValueError(f"material {self.code!r}: label, unit, most (> 0) and decimals (0 to 3) are wanted")

    @property
    def unit(self) -> str:
        return in_language(self.unit_zh, self.unit_en)

    @property
    def step(self) -> Decimal:
        """The smallest amount: 1, 0.1, ..."""
        return Decimal(1).scaleb(-self.decimals)


def materials(kind_code: str, on: date) -> tuple[Material, ...]:
    """The materials of a kind that are in force on a day; none where the pack lists none.

    Raises ValueError or TypeError for a list that the pack does not write as it should.
    """
    try:
        listed = pack().rule("materials", on).value
    except LookupError:
        return ()
    return tuple(Material(**row) for row in listed.get(kind_code, ()))
