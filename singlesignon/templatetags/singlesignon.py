"""Words of the register and of the log."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from singlesignon.models import Anomaly
from singlesignon.saml.certificates import fingerprint
from singlesignon.saml.signatures import loaded
from singlesignon.states import LIFE

register = template.Library()

METHODS = {
    "password": gettext_lazy("密碼"),
    "passkey": gettext_lazy("通行密鑰"),
    "totp": gettext_lazy("驗證碼 App"),
    "recovery": gettext_lazy("備用碼"),
    "text": gettext_lazy("簡訊驗證碼"),
    "fido": gettext_lazy("行動自然人憑證"),
}
OUTCOMES = {
    "": gettext_lazy("成功"),
    "access_denied": gettext_lazy("不同意或不得進入"),
    "login_required": gettext_lazy("尚未登入"),
    "consent_required": gettext_lazy("尚未同意"),
    "interaction_required": gettext_lazy("等級不足"),
    "no_authn_context": gettext_lazy("要求的等級無法辨識"),
    "invalid_name_id_policy": gettext_lazy("要求的代號格式不支援"),
    "unknown_principal": gettext_lazy("登入的不是系統指定的人"),
    "invalid_signature": gettext_lazy("簽章不對"),
    "unknown_address": gettext_lazy("返回的網址沒有登記"),
    "invalid_request": gettext_lazy("請求不完整"),
    "invalid_xml": gettext_lazy("請求不是完整的 XML"),
}
TOLD = {
    "apply": gettext_lazy("已送出申請"),
    "metadata": gettext_lazy("已更新 metadata"),
    "secret": gettext_lazy("產生密鑰"),
    "old_secrets": gettext_lazy("舊密鑰失效"),
    "down": gettext_lazy("連續兩次連不上"),
    "up": gettext_lazy("已恢復連線"),
}
_CHIPS = {"live": "chip-kept", "applied": "chip-near", "asked": "chip-near", "suspended": "chip-late"}


@register.filter
def methods(codes: Iterable[str]) -> str:
    """Authentication methods in words."""
    return _("、").join(str(METHODS.get(code, code)) for code in codes)


@register.filter
def outcome(error: str) -> str:
    """How an authentication ended."""
    return str(OUTCOMES.get(error, error))


@register.filter
def subject(anomaly: Anomaly) -> str:
    """Whom or what an anomaly is about."""
    if anomaly.user:
        return anomaly.user.username
    return anomaly.system.label if anomaly.system else str(anomaly.facts.get("network", "-"))


@register.filter
def found_by(anomaly: Anomaly) -> str:
    """By what it was found, in words."""
    facts = anomaly.facts
    match anomaly.kind:
        case Anomaly.Kind.TRAVEL:
            return _("%(minutes)s 分鐘內從 %(from)s 到 %(country)s，相距 %(km)s 公里") % facts
        case Anomaly.Kind.COUNTRY:
            return _("第一次從 %(country)s 登入；以前：%(known)s") % {**facts, "known": _("、").join(facts["known"])}
    return _("%(minutes)s 分鐘內 %(number)s 次") % facts


@register.filter
def told(verb: str) -> str:
    """What was done to a system."""
    return str(TOLD[verb]) if verb in TOLD else str(LIFE.transitions[verb].told)


@register.filter
def state(code: str) -> str:
    """A state of a system's life in words."""
    return str(LIFE.states[code].label)


@register.filter
def state_chip(code: str) -> str:
    """The colour of a state's chip."""
    return _CHIPS.get(code, "")


@register.filter
def fingerprint_of(text: str) -> str:
    """By which people compare a certificate (DER in base64)."""
    return fingerprint(loaded(text))
