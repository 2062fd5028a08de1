"""A conversation in LINE: report step by step, ask how a case stands, link and unlink.

A LINE account proves nothing but itself. It sees a case when it names its number and code, or when it is linked to the
case: by having reported it here, or by "link" with number and code. Each answer is a message of the outbox.
"""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from django.utils.translation import override

from cases.actions.files import keep_file
from cases.actions.filing import Filing, Reporter, file_case, write_contact
from cases.actions.following import follow_by_line, stop_by_line
from cases.actions.performing import TOPIC, record
from cases.fields import Field
from cases.models import Case, Contact, Follower
from cases.registry import kinds
from cases.suggestions import suggested_kind
from foundation.clock import now, today
from foundation.encryption import digest, digests
from foundation.ratelimit import knock
from foundation.templatetags.city import roc_datetime
from messages.actions import send
from messages.channels import Refused
from messages.channels.line import content
from messages.models import Became, Channel, Inbound
from messages.receivers import Verdict
from organisation import directory
from organisation.geography import district_by_name, locate
from servicerequests.actions.mailbox import INBOUND
from servicerequests.models import Talk
from servicerequests.rules import line_command, rank_kinds, spell_code, tidy_number

NOTICE = "servicerequests.line"
PHOTOS_MOST = 4
OFFERED = 4  # kinds to choose from
TRIES = 10  # numbers with codes that one person may try a minute
FRESH_SECONDS = 24 * 3600  # of a report that was left half way


def answer(inbound: Inbound, event: dict[str, Any]) -> Verdict:
    """Take one event of one person: do what it asks, and answer it."""
    source, kind = event.get("source", {}), event.get("type", "")
    if source.get("type") != "user" or kind not in {"message", "follow", "unfollow"}:
        return Verdict(Became.AUTOMATIC, kind[:60])
    user = inbound.sender
    talk = Talk.objects.select_for_update().get_or_create(user_digest=digest(user))[0]
    fresh = (now() - talk.updated_at).total_seconds() < FRESH_SECONDS
    dialogue = Dialogue(user, talk.said if fresh else {}, inbound)
    with override(dialogue.said.get("language", "zh-hant")):
        if kind == "unfollow":
            unlink(user)
            words = ""
        elif kind == "follow":
            words = help_text()
        else:
            words = dialogue.hear(event.get("message", {}))
    language = dialogue.said.get("language", "zh-hant")
    talk.state, talk.updated_at = json.dumps(dialogue.said), now()
    talk.save()
    if words:
        reply = event.get("replyToken")
        to = f"{user}?reply={reply}" if reply else user
        send(NOTICE, to, language, {"text": words}, INBOUND, inbound.pk, channel=Channel.LINE)
    if dialogue.filed:
        return Verdict(Became.FILED, "", TOPIC, dialogue.filed.pk)
    return Verdict(Became.ANSWERED)


def help_text() -> str:
    """What can be said."""
    return "\n".join(
        (
            _("您好！請輸入："),
            _("「通報」：告訴我們哪裡不對勁"),
            _("「進度」加編號與查詢碼：查案件進度"),
            _("「連結」加編號與查詢碼：之後在這裡收到這件的通知"),
            _("「關注」加編號：別人通報的這件有結果時，在這裡告訴您"),
            _("「我的案件」：列出連結與關注的案件"),
            _("「解除」：不再連結，也不再關注"),
            _("「取消」：放棄正在填的通報"),
            "English: help",
        )
    )


# -- Cases of a LINE account -----------


def linked(user: str) -> Any:
    """The cases that a LINE account is linked to, the newest first."""
    return Case.objects.filter(contact__line_digest__in=digests(user)).for_list().order_by("-received_at", "-pk")


def link(user: str, case: Case) -> None:
    """From now on this account hears of the case. Whoever holds its code may say so; the last one does."""
    contact = Contact.objects.select_for_update().filter(case=case).first()
    if contact is None:
        write_contact(case, Reporter(line=user))
    else:
        contact.line, contact.line_digest = user, digest(user)
        contact.save(update_fields=["line", "line_digest"])
    with override(settings.LANGUAGE_CODE):  # a record has one language
        record(case, "comment", None, _("通報人以查詢碼連結 LINE 帳號。"), by_citizen=True)


def unlink(user: str) -> int:
    """Forget the account in all cases, those that it follows too; returns in how many it was."""
    own = Contact.objects.filter(line_digest__in=digests(user)).update(line="", line_digest="")
    return own + stop_by_line(user)


def state_of(case: Case) -> str:
    """How a case stands, in a few lines."""
    lines = [f"{case.kind.label} {case.number}", str(case.now_in.public)]
    if case.due_at and not case.done_at and not case.paused_at:
        lines.append(_("期限：%(due)s") % {"due": roc_datetime(case.due_at)})
    told = case.events.public().order_by("-at", "-pk").first()
    if told is not None and told.text:
        lines.append(told.text)
    return "\n".join(lines)


class Dialogue:
    """One person's talk. ``said`` is what is kept between two messages."""

    def __init__(self, user: str, said: dict[str, Any], inbound: Inbound) -> None:
        self.user, self.said, self.inbound = user, said, inbound
        self.filed: Case | None = None

    def hear(self, message: dict[str, Any]) -> str:
        """Take a message; returns what to say."""
        kind = message.get("type")
        if kind == "text":
            return self._text(str(message.get("text", "")).strip()[:2000])
        if kind == "location" and self.said.get("step") == "where":
            return self._place(message)
        if kind == "image" and self.said.get("step") == "photo":
            return self._photo(str(message.get("id", "")))
        return self._asked() if self.said.get("step") else help_text()

    def _text(self, text: str) -> str:
        command, language, rest = line_command(text)
        if command:
            self.said["language"] = language
        with override(self.said.get("language", "zh-hant")):
            if command:
                return getattr(self, f"_do_{command}")(rest)
            step = self.said.get("step")
            return getattr(self, f"_hear_{step}")(text) if step else help_text()

    # -- Commands -----------

    def _do_help(self, rest: str) -> str:
        return help_text()

    def _do_cancel(self, rest: str) -> str:
        self._forget()
        return _("已取消。")

    def _do_report(self, rest: str) -> str:
        self._forget()
        self.said |= {"step": "what", "submission": str(uuid4())}
        return self._hear_what(rest) if rest else self._asked()

    def _do_mine(self, rest: str) -> str:
        found = [f"{c.number} {c.kind.label}{_('：')}{c.now_in.public}" for c in linked(self.user)[:5]]
        for follower in Follower.objects.of_line(self.user).with_case().order_by("-pk")[:5]:
            case = follower.case
            found.append(f"{case.number} {case.kind.label}{_('（關注）')}{_('：')}{case.now_in.public}")
        return "\n".join(found) or _("這個 LINE 帳號還沒有連結案件。請輸入「連結」，再加編號與查詢碼。")

    def _do_state(self, rest: str) -> str:
        case, why_not = self._opened(rest)
        return state_of(case) if case else why_not

    def _do_link(self, rest: str) -> str:
        case, why_not = self._opened(rest, needs_code=True)
        if case is None:
            return why_not
        link(self.user, case)
        return _("已連結%(number)s。之後這件的通知也會傳到這裡；輸入「解除」就停止。") % {"number": case.number}

    def _do_follow(self, rest: str) -> str:
        number, _code = number_and_code(rest)
        if not number:
            return _("請一起輸入編號，例如：關注 D111-0099781")
        if knock("line-code", self.user, TRIES):
            return _("試太多次了，請一分鐘後再試。")
        case = Case.objects.public().for_list().filter(number=number).first()
        if case is None:
            return _("找不到%(number)s，請對照網頁上的編號再輸入一次。") % {"number": number}
        try:
            follower = follow_by_line(case, self.user, self.said.get("language", "zh-hant"))
        except ValidationError as problem:
            return "\n".join(problem.messages)
        return _("已關注%(number)s。處理完成或結案時會在這裡告訴您；輸入「解除」就停止。") % {
            "number": follower.case.number
        }

    def _do_unlink(self, rest: str) -> str:
        gone = unlink(self.user)
        return _("已解除 %(n)d 件案件的連結。") % {"n": gone} if gone else _("這個 LINE 帳號沒有連結案件。")

    def _opened(self, text: str, *, needs_code: bool = False) -> tuple[Case | None, str]:
        """The case of a number with its code, or of a number that this account is linked to; else why not. Number and
        code are checked as at the tracking page: slowly, and with one answer for both."""
        number, code = number_and_code(text)
        if not number:
            return None, _("請一起輸入編號和查詢碼，例如：進度 D111-0099781 7K4M-9QXR")
        mine = linked(self.user).filter(number=number).first()
        if mine is not None and not code and not needs_code:
            return mine, ""
        if knock("line-code", self.user, TRIES) or knock("track-number", number, TRIES):
            return None, _("試太多次了，請一分鐘後再試。")
        case = Case.objects.for_list().filter(number=number).first()
        if case is None or not code or not case.opened_by(code):
            return None, _("編號和查詢碼不符，請對照確認頁或通知信再輸入一次。")
        return case, ""

    # -- A report, step by step -----------

    def _forget(self) -> None:
        language = self.said.get("language", "zh-hant")
        self.said.clear()
        self.said["language"] = language

    def _asked(self) -> str:
        """The question that waits for an answer."""
        step = self.said["step"]
        if step == "what":
            return _("哪裡不對勁？請用一句話說說看，例如：三多三路 215 號前路燈三天沒亮。")
        if step == "kind":
            known = [kinds()[code].label for code in self.said["offered"]]
            return _("是哪一項？請輸入數字，都不是就換個說法再說一次：") + _numbered(known)
        if step == "field":
            field = self._field()
            assert field is not None
            choices = _numbered([choice.label for choice in field.choices]) if field.type == "choice" else ""
            return field.label + (f"\n{field.hint}" if field.hint else "") + choices
        if step == "where":
            return _("在哪裡？請用 LINE 的「位置資訊」傳送位置，或輸入含行政區的地址。")
        return _("有照片的話請傳過來，最多 %(most)d 張。好了請輸入「送出」。") % {"most": PHOTOS_MOST}

    def _next(self) -> str:
        """Go on to what is not known yet, and ask it."""
        if "kind" not in self.said:
            self.said["step"] = "kind"
        elif self._field() is not None:
            self.said["step"] = "field"
        else:
            self.said["step"] = "photo" if "district" in self.said else "where"
        return self._asked()

    def _hear_what(self, text: str) -> str:
        known = {code: kind for code, kind in kinds().items() if kind.active(today())}
        ranked = rank_kinds(text, {k.code: (*k.words, k.label_zh, k.label_en) for k in known.values()})
        codes = [each.code for each in ranked]
        if (learned := suggested_kind(text)) and learned.code in known:
            codes = [learned.code, *(code for code in codes if code != learned.code)]
        offered = codes[: OFFERED - 1]
        last = list(known)[-1]
        self.said |= {"text": text, "offered": offered + ([last] if last not in offered else []), "fields": {}}
        return self._next()

    def _hear_kind(self, text: str) -> str:
        chosen = _chosen(text, self.said["offered"])
        if chosen is None:
            # Words are the matter in other words; the first ones may have been a greeting.
            return self._asked() if text.rstrip(" .、").isdigit() or not text else self._hear_what(text)
        self.said["kind"] = chosen
        return self._next()

    def _field(self) -> Field | None:
        """The next question of the kind that must be answered."""
        kind = kinds()[self.said["kind"]]
        return next((f for f in kind.fields if f.required and f.name not in self.said["fields"]), None)

    def _hear_field(self, text: str) -> str:
        field = self._field()
        assert field is not None
        raw = _chosen(text, [choice.value for choice in field.choices]) if field.type == "choice" else text
        try:
            self.said["fields"][field.name] = field.clean(raw)
        except ValidationError as problem:
            return "\n".join([*problem.messages, self._asked()])
        return self._next()

    def _hear_where(self, text: str) -> str:
        district = district_by_name(text)
        if district is None:
            return _("看不出是哪個行政區。") + "\n" + self._asked()
        self.said |= {"address": text[:200], "district": district}
        return self._next()

    def _place(self, message: dict[str, Any]) -> str:
        try:
            lon, lat = float(message["longitude"]), float(message["latitude"])
        except (KeyError, TypeError, ValueError):
            return self._asked()
        place = locate(lon, lat)
        if place is None:
            return _("這個位置不在本市。") + "\n" + self._asked()
        address = str(message.get("address") or "")[:200]
        self.said |= {"lon": lon, "lat": lat, "district": place.district_code, "address": address}
        return self._next()

    def _photo(self, message_id: str) -> str:
        photos = self.said.setdefault("photos", [])
        if len(photos) >= PHOTOS_MOST:
            return _("最多 %(most)d 張照片。好了請輸入「送出」。") % {"most": PHOTOS_MOST}
        try:
            file = ContentFile(content(message_id), name=f"line-{len(photos) + 1}.jpg")
            photos.append(str(keep_file(file, images_only=True).token))
        except ValidationError as problem:
            return "\n".join(problem.messages)
        except Refused:
            return _("這張照片讀不到，請再傳一次。")
        return _("收到 %(n)d 張。好了請輸入「送出」。") % {"n": len(photos)}

    def _hear_photo(self, text: str) -> str:
        return self._asked()

    def _do_send(self, rest: str) -> str:
        if self.said.get("step") != "photo":
            return self._asked() if self.said.get("step") else help_text()
        said = self.said
        filing = Filing(
            kind_code=said["kind"],
            description=said["text"],
            fields=said["fields"],
            channel="line",
            lon=said.get("lon"),
            lat=said.get("lat"),
            address=said["address"],
            district_code=said["district"],
            reporter=Reporter(line=self.user, language=said.get("language", "zh-hant")),
            photos=[UUID(token) for token in said.get("photos", [])],
            submission=UUID(said["submission"]),
        )
        try:
            case = file_case(filing)
        except ValidationError as problem:
            return "\n".join(problem.messages)
        self.filed = case
        self._forget()
        number = Case.objects.values_list("number", flat=True).get(pk=case.pk)
        return "\n".join(
            (
                _("已收到您的通報。"),
                _("編號：%(number)s") % {"number": number},
                _("查詢碼：%(code)s") % {"code": spell_code(case.secret)},
                _("行政區：%(district)s") % {"district": directory.district(filing.district_code) or ""},
                _("處理進度會傳到這裡。"),
            )
        )


def number_and_code(text: str) -> tuple[str, str]:
    """A number and a code as somebody wrote them in one line; empty where there is none."""
    first, _blank, rest = text.strip().partition(" ")
    number = tidy_number(first)
    return (number, rest.strip()) if re.fullmatch(r"[A-Z][0-9]{2,3}-[0-9]{7,}", number) else ("", "")


def _numbered(words: list[str]) -> str:
    return "".join(f"\n{n}. {each}" for n, each in enumerate(words, 1))


def _chosen(text: str, values: list[str]) -> str | None:
    """The value whose number was typed."""
    typed = re.fullmatch(r"\s*([0-9]{1,2})\s*[.、]?\s*", text)
    return values[int(typed[1]) - 1] if typed and 0 < int(typed[1]) <= len(values) else None
