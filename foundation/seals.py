"""Links that let somebody in without an account: a record's number, signed, so that nobody else can make one."""

from dataclasses import dataclass

from django.core import signing


@dataclass(frozen=True)
class Seal:
    """Seals of one purpose; ``salt`` keeps a seal of one purpose from opening another. They do not grow old."""

    salt: str

    def sign(self, number: int) -> str:
        """The record's number with its signature, for an address."""
        return signing.Signer(salt=self.salt).sign(str(number))

    def open(self, sealed: str) -> int | None:
        """The number of a seal; None for one that was not made here for this purpose."""
        try:
            return int(signing.Signer(salt=self.salt).unsign(sealed))
        except signing.BadSignature:
            return None
