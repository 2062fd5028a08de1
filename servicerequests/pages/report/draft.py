"""A report in the making. It lives in the pages themselves: nothing is kept in the city hall until it is sent.

Every page of the flow carries the answers so far in one hidden field, compressed and signed. So there is no session, a
page that is reloaded or gone back to has all that was typed, and two reports in two tabs do not meet. The signature is
what makes the last step cheap: what a form has passed needs no second look.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.core import signing
from django.http import HttpRequest

from cases.registry import Kind, kinds
from servicerequests.rules import read_point

SALT = "servicerequests.report"
MAX_PHOTOS = 4
PREFIX = "f_"  # before the names of a kind's own fields, so that they never meet ours
APP, APP_SECONDS = "app", 30 * 86400  # how long a page of the app that a phone keeps may begin reports
# Uploads that were never sent are removed after two days (the rule retention_drafts); an older report is checked again.
FRESH_SECONDS = 36 * 3600


class Lost(Exception):
    """There is no draft in the request, or nobody of this city hall wrote it."""


@dataclass
class Draft:
    """The answers so far, by step; ``passed`` are the steps whose answers a form has accepted.

    ``submission`` makes a double tap on "send" one case. ``photo_point`` is where a photo says that it was taken.
    """

    kind_code: str
    submission: str = field(default_factory=lambda: str(uuid4()))
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    photo_point: list[float] | None = None
    # What staff take down from paper or a mail: its channel, and ``received_at``, ``number``, ``scans`` or ``inbound``.
    taken: dict[str, Any] = field(default_factory=dict)
    stale: bool = False
    channel: str = ""

    @property
    def kind(self) -> Kind:
        return kinds()[self.kind_code]

    @property
    def point(self) -> tuple[float, float] | None:
        """Longitude and latitude, when a place on the map was given and accepted."""
        text = self.answers.get("where", {}).get("point")
        return read_point(text) if text and "where" in self.passed else None

    @property
    def tokens(self) -> list[UUID]:
        """The photos, by the tokens of their attachments."""
        return [UUID(token) for token in self.photos]

    @property
    def scans(self) -> list[UUID]:
        """The scans of the paper that is taken down, by the tokens of their attachments."""
        return [UUID(token) for token in self.taken.get("scans", ())]

    def keep(self, step: str, answers: dict[str, Any], *, accepted: bool) -> None:
        """Keep the answers of a step; those that were not accepted are kept as typed, for the page to show again."""
        self.answers[step] = answers
        self.passed = [name for name in self.passed if name != step] + ([step] if accepted else [])

    def ask_again(self, *steps: str) -> None:
        """Steps whose answers no longer hold."""
        self.passed = [name for name in self.passed if name not in steps]

    def change_kind(self, code: str) -> None:
        """Another kind asks other questions and has other neighbours; what was described stays."""
        if code != self.kind_code:
            self.kind_code = code
            self.ask_again("what", "where", "which", "nearby", "contact")

    def seal(self) -> str:
        """The draft as text for a hidden field."""
        return signing.dumps({k: v for k, v in asdict(self).items() if k != "stale"}, salt=SALT, compress=True)

    @classmethod
    def open(cls, sealed: str) -> Draft:
        """The draft of a hidden field. Raises Lost. One that is older than its photos is marked as stale."""
        stale = False
        try:
            try:
                content = signing.loads(sealed, salt=SALT, max_age=FRESH_SECONDS)
            except signing.SignatureExpired:
                content, stale = signing.loads(sealed, salt=SALT), True
            draft = cls(**content, stale=stale)
        except (signing.BadSignature, TypeError) as problem:
            raise Lost from problem
        if draft.kind_code not in kinds():
            raise Lost(draft.kind_code)
        return draft


def seal_of_app() -> str:
    """What the app's pages hand to the flow, so that a report begun there is counted as the app's.

    A page in a browser carries it, too, but only a script in an installed app sends it: the city hall cannot see how a
    page is shown. What can be had by an address alone counts for nothing.
    """
    return signing.TimestampSigner(salt=SALT + APP).sign(APP)


def channel_of(request: HttpRequest) -> str:
    """The channel by which a report begins: the app's with a good seal, else none of its own."""
    try:
        return signing.TimestampSigner(salt=SALT + APP).unsign(request.POST.get("app", ""), max_age=APP_SECONDS)
    except signing.BadSignature:
        return ""
