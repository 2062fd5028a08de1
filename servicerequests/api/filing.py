"""``POST requests``: a program files a report, once however often it is sent."""

from __future__ import annotations

import hashlib
import uuid
from math import isfinite
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from cases.actions.files import keep_file
from cases.actions.filing import Filing, Reporter, file_case
from cases.fields import Field
from cases.models import Case
from cases.models.case import Channel
from cases.registry import Kind
from cases.wording import promise_in_words
from foundation.clock import TAIPEI, today
from organisation.geography import district_by_name, locate
from organisation.pack import pack
from servicerequests.actions import mailbox
from servicerequests.api.catalogue import known_service
from servicerequests.api.endpoint import Call, Refusal
from servicerequests.api.window import read_moment
from servicerequests.models import ApiFiling

# Longest texts; GeoReport v2's schema has 4,000 for the description.
LONGEST = {"description": 4000, "address_string": 200, "first_name": 40, "last_name": 40, "phone": 40, "email": 200,
           "media_url": 500}  # fmt: skip
PHOTOS = 4
REFERENCE = 100
_NAMESPACE = uuid.UUID("4f70656e-3331-5131-8000-6f70656e3331")


def file_one(call: Call) -> list[dict[str, Any]]:
    """File the report that the form says, or say everything that is wrong with it; nothing is kept then."""
    if not call.get("service_code"):
        raise Refusal(400, _("service_code：沒有填寫。"))
    call.let_in("public:cases:file", needs_key=True)
    kind = known_service(call.get("service_code"))
    reference, fingerprint = _reference(call)
    if reference and (earlier := ApiFiling.objects.known(call.key, reference).first()):
        if earlier.fingerprint != fingerprint:
            raise _other_content()
        return [_answer(call, kind, earlier.case)]
    reference = reference or uuid.uuid4().hex
    filing = _Reading(call, kind).filing(reference)
    try:
        if kind.confirm_address:
            return [_await(call, filing, reference, fingerprint)]
        case = _file(call, filing, reference, fingerprint)
    except ValidationError as problem:
        raise Refusal(400, *_sentences(problem)) from None
    return [_answer(call, kind, case)]


def submission_of(key: int, reference: str) -> uuid.UUID:
    """The same for the same report, however often and over however many connections a program sends it."""
    return uuid.uuid5(_NAMESPACE, f"{key}\n{reference}")


def _await(call: Call, filing: Filing, reference: str, fingerprint: str) -> dict[str, Any]:
    """A petition is filed when its author has confirmed the address; until then the program has a token to ask with."""
    sent = mailbox.Program(call.key, reference, fingerprint)
    waiting = mailbox.await_confirmation(filing, sent)
    if mailbox.program_of(waiting) != sent:
        raise _other_content()
    return {
        "token": reference,
        "service_notice": _("已寄出確認信，通報人打開信裡的連結後才會立案。"),
        "account_id": None,
    }


def _other_content() -> Refusal:
    return Refusal(400, _("Idempotency-Key：這個編號已經用來送過另一份內容，請換一個編號。"))


def _file(call: Call, filing: Filing, reference: str, fingerprint: str) -> Case:
    """The case and the line in the key's account, together."""
    return file_case(filing, lambda case: ApiFiling.objects.note(case.pk, call.key, reference, fingerprint))


def _answer(call: Call, kind: Kind, case: Case) -> dict[str, Any]:
    told: dict[str, Any] = {
        "service_request_id": str(case.number),
        "service_notice": promise_in_words(kind, today()) or None,
        "account_id": None,
    }
    if call.extended:
        # For the reporter alone: number and code together open the whole case.
        address = call.address(reverse("track-case", args=[case.number, case.secret]))
        told["extended_attributes"] = {"tracking_url": address}
    return told


def _reference(call: Call) -> tuple[str, str]:
    """The program's own number for this report, if it gave one, and the digest of all that it sent."""
    reference = call.request.headers.get("Idempotency-Key", "").strip().strip('"') or call.get("external_id")
    if not reference:
        return "", ""
    if len(reference) > REFERENCE or not reference.isprintable():
        raise Refusal(400, _("Idempotency-Key：最多 %(most)d 個字。") % {"most": REFERENCE})
    whole = hashlib.sha256()
    for name, values in sorted(call.params.lists()):
        if name != "api_key":
            whole.update(repr((name, values)).encode())
    for file in _photos(call):
        whole.update(hashlib.sha256(file.read()).digest())
        file.seek(0)
    return reference, whole.hexdigest()


def _photos(call: Call) -> list[Any]:
    return [file for _name, files in call.request.FILES.lists() for file in files]


def _sentences(problem: ValidationError) -> list[str]:
    """The engine's objections, each with the parameter that it is about."""
    if not hasattr(problem, "error_dict"):
        return problem.messages
    return [f"{name}: {message}" for name, messages in problem.message_dict.items() for message in messages]


class _Reading:
    """The parameters of a report, read; what is wrong is collected, so that a program's author sees it all at once."""

    def __init__(self, call: Call, kind: Kind) -> None:
        self.call, self.kind = call, kind
        self.wrong: list[str] = []
        self.texts = {name: self._text(name, most) for name, most in LONGEST.items()}

    def filing(self, reference: str) -> Filing:
        """What the engine files. Raises Refusal with everything that is wrong."""
        lon, lat, district = self._place()
        fields = self._fields()
        self._check(validate_email, "email", _("電子郵件的格式不正確，例如 name@example.com。"))
        self._check(URLValidator(("http", "https")), "media_url", _("請填 http 或 https 的網址。"))
        reporter = self._reporter()
        if self.kind.confirm_address and not reporter.email:
            self.wrong.append(_("email：這類案件要先由通報人確認電子郵件，請填寫。"))
        elif not reporter and not self.kind.anonymous:
            self.wrong.append(_("email、phone：這類案件需要能聯絡到通報人，請至少填一項。"))
        files = _photos(self.call)
        if len(files) > PHOTOS:
            self.wrong.append(_("media：最多 %(most)d 張照片。") % {"most": PHOTOS})
        # Files are written last: a report that is refused for anything else leaves none behind.
        tokens = [] if self.wrong else self._keep(files)
        if self.wrong:
            raise Refusal(400, *self.wrong)
        return Filing(
            kind_code=self.kind.code,
            description=self._description(),
            fields=fields,
            channel=Channel.OPEN311,
            lon=lon,
            lat=lat,
            address=self.texts["address_string"],
            district_code=district,
            reporter=reporter,
            photos=tokens,
            submission=submission_of(self.call.key, reference),
        )

    def _text(self, name: str, most: int) -> str:
        text = self.call.get(name)
        if len(text) > most:
            words = _("%(name)s：最多 %(most)d 個字，現在有 %(now)d 個字。")
            self.wrong.append(words % {"name": name, "most": most, "now": len(text)})
        return text

    def _check(self, validate: Any, name: str, words: str) -> None:
        try:
            if self.texts[name]:
                validate(self.texts[name])
        except ValidationError:
            self.wrong.append(_("%(name)s：%(problem)s") % {"name": name, "problem": words})

    def _place(self) -> tuple[float | None, float | None, str]:
        """Longitude, latitude and district; by the point, else by the district that the address names."""
        typed = self.call.get("long") or self.call.get("lon"), self.call.get("lat")
        address = self.texts["address_string"]
        if any(typed):
            try:
                lon, lat = map(float, typed)
            except ValueError:
                lon = lat = float("nan")
            if not (isfinite(lon) and isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
                self.wrong.append(_("lat、long：請填 WGS 84 的緯度與經度，兩項都要，例如 22.6273 與 120.3014。"))
                return None, None, ""
            if place := locate(lon, lat):
                return lon, lat, place.district_code
            self.wrong.append(_("lat、long：這個位置不在%(city)s內。") % {"city": pack().city.name})
        elif not address:
            self.wrong.append(
                _("address_id：這裡沒有地址編號，請改用 lat 與 long 或 address_string。")
                if self.call.get("address_id")
                else _("lat、long、address_string：請填座標或地址，至少一種。")
            )
        elif district := district_by_name(address):
            return None, None, district
        else:
            self.wrong.append(_("address_string：看不出在哪一區，請寫出行政區，或附上 lat 與 long。"))
        return None, None, ""

    def _fields(self) -> dict[str, Any]:
        """The kind's questions, from ``attribute[code]`` or ``attribute[code][]``."""
        given: dict[str, Any] = {}
        for name, values in self.call.params.lists():
            if not name.startswith("attribute["):
                continue
            code = name.removeprefix("attribute[").removesuffix("[]").removesuffix("]")
            field = self.kind.field_by_name.get(code)
            filled = [value.strip() for value in values if value.strip()]
            if field is None:
                self.wrong.append(_("attribute[%(code)s]：這項服務沒有這個欄位。") % {"code": code[:40]})
            elif len(filled) > 1:
                self.wrong.append(_("attribute[%(code)s]：只能填一個答案。") % {"code": code})
            elif filled:
                given[code] = _plain(field, filled[0])
        try:
            return self.kind.clean(given)
        except ValidationError as problem:
            for code, messages in problem.message_dict.items():
                self.wrong += [
                    _("%(name)s：%(problem)s") % {"name": f"attribute[{code}]", "problem": message}
                    for message in messages
                ]
            return {}

    def _reporter(self) -> Reporter:
        first, last = self.texts["first_name"], self.texts["last_name"]
        # A Chinese name is written together, the family's name first.
        name = f"{first} {last}".strip() if (first + last).isascii() else last + first
        return Reporter(
            name=name, email=self.texts["email"], phone=self.texts["phone"], language=get_language() or "zh-hant"
        )

    def _description(self) -> str:
        """The reporter's words; an address of a picture elsewhere stands below them and is never fetched."""
        text, link = self.texts["description"], self.texts["media_url"]
        if link:
            with override(settings.LANGUAGE_CODE):  # a record keeps its words in Chinese
                link = _("通報人附的照片網址：%(address)s") % {"address": link}
        return "\n\n".join(filter(None, (text, link)))

    def _keep(self, files: list[Any]) -> list[Any]:
        tokens = []
        for file in files:
            try:
                tokens.append(keep_file(file, images_only=True).token)
            except ValidationError as problem:
                self.wrong += [
                    _("%(name)s：%(problem)s") % {"name": f"media ({file.name})", "problem": message}
                    for message in problem.messages
                ]
        return tokens


def _plain(field: Field, value: str) -> str:
    """A value as the kind's schema has it: the standard sends a day as a moment."""
    if field.type == "date":
        try:
            return read_moment(value, TAIPEI).astimezone(TAIPEI).date().isoformat()
        except ValueError:
            return value
    return value
