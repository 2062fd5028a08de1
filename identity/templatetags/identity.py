"""Words for the log of disclosures."""

from django import template
from django.utils.translation import gettext as _

from foundation.telephone import national
from identity.models import AccountEvent, Disclosure, Recovery
from identity.permissions import ROLES
from identity.registry import field_labels
from identity.registry import subject_label as label
from identity.rules import device_names

register = template.Library()


@register.filter
def subject_label(code: str) -> str:
    """The word for a kind of record that holds personal data."""
    return label(code)


@register.filter
def field_words(entry: Disclosure) -> str:
    """What was shown, in words."""
    return _("、").join(field_labels(entry.subject, entry.fields))


@register.filter
def detail_words(event: AccountEvent) -> str:
    """Which fields of an account were changed, in words; which key, factor, papers or certificate; else nothing."""
    if event.verb.startswith("factor_"):
        return factor_words(event.detail)
    if event.verb == "sessions_ended":
        return _("所有人的") if event.detail else ""
    if event.verb.startswith("recovery_"):
        papers = dict(Recovery.Paper.choices)
        return _("、").join(str(papers.get(paper, paper)) for paper in event.detail.split())
    if event.verb.startswith(("key_", "certificate_")):
        return event.detail
    if event.verb in ("joined", "left"):
        place, _space, role = event.detail.partition(" ")
        return f"{place} {ROLES[role].label}" if role in ROLES else event.detail
    return _("、").join(field_labels("user", event.detail.split()))


@register.filter
def by_whom(event: AccountEvent) -> str:
    """Who did it: a person, a program in a person's name, or the operator's command line."""
    if event.actor is None:
        return event.source
    name = str(event.actor)
    if event.acting_for:
        name = _("%(name)s（代理 %(absent)s）") % {"name": name, "absent": event.acting_for}
    return _("%(name)s（%(program)s）") % {"name": name, "program": event.source} if event.source else name


@register.filter
def factor_words(what: str) -> str:
    """What a second factor is called: ``totp``, ``recovery``, ``passkey 我的手機``, ``all``."""
    sort, _space, name = what.partition(" ")
    match sort:
        case "passkey":
            return _("通行密鑰「%(name)s」") % {"name": name}
        case "totp":
            return _("驗證碼 App")
        case "recovery":
            return _("備用碼")
    return _("全部的驗證方式")


register.filter("national", national)


@register.filter
def device_words(user_agent: str) -> str:
    """What a browser says of itself, in words: 「Chrome（Windows）」."""
    browser, system = device_names(user_agent)
    if browser and system:
        return _("%(browser)s（%(system)s）") % {"browser": browser, "system": system}
    return browser or system or _("不明的裝置")
