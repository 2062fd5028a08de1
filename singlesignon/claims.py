"""What systems learn of a person: by scope, and never more than the person agreed to."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from foundation.clock import today
from identity.models import User
from identity.permissions import ROLES
from organisation.models import Membership
from singlesignon.models import PairwiseSalt, RelyingSystem
from singlesignon.rules import pairwise, passing

# What each scope opens, in plain words, as the page of consent and the register show it.
WORDS = {
    "profile": _("姓名與慣用語言"),
    "email": _("電子郵件，以及是否經過驗證"),
    "phone": _("手機號碼"),
    "agency": _("服務機關、單位與職務"),
    "offline_access": _("您離開之後仍可更新以上資料，直到您收回同意"),
}


def issuer() -> str:
    """The issuer: the city hall's own address, without a slash at the end."""
    return settings.PUBLIC_URL.rstrip("/")


def subject(user_id: int, homepage: str) -> str:
    """The person's name for a system. Systems whose home pages lie on one host share a sector, and so the name."""
    return pairwise(user_id, urlsplit(homepage).hostname or homepage, _salt())


def passing_subject(sign_on: UUID) -> str:
    """The person's name for a system and this one sign-on, for who asks for a transient one."""
    return passing(str(sign_on), _salt())


@lru_cache(maxsize=1)
def _salt() -> bytes:
    row, _made = PairwiseSalt.objects.get_or_create(pk=1, defaults={"value": secrets.token_hex(32)})
    return bytes.fromhex(row.value)


def claims_of(user: User, system: RelyingSystem, scopes: Collection[str]) -> dict[str, Any]:
    """The claims of the person for the system, as ``scopes`` open them."""
    claims: dict[str, Any] = {"sub": subject(user.pk, system.homepage)}
    if "profile" in scopes:
        claims |= {"name": user.name, "locale": "en" if user.language == "en" else "zh-TW"}
    if "email" in scopes and user.email:
        claims |= {"email": user.email, "email_verified": user.email_verified}
    if "phone" in scopes and user.phone:
        # E.164, and never one that the person has not shown to be theirs (OpenID Connect Core, 5.1).
        claims |= {"phone_number": user.phone, "phone_number_verified": True}
    if "agency" in scopes:
        claims["agencies"] = _agencies(user)
    return claims


def _agencies(user: User) -> list[dict[str, str]]:
    """Where the person works today, one entry a membership."""
    held = Membership.objects.in_force(today()).filter(user=user)
    return [
        {
            "agency": (membership.unit.agency if membership.unit else membership.agency).code,
            "agency_name": (membership.unit.agency if membership.unit else membership.agency).name,
            "unit": membership.unit.code if membership.unit else "",
            "unit_name": membership.unit.name if membership.unit else "",
            "post": membership.post.title if membership.post else "",
            "role": membership.role,
        }
        for membership in held.select_related("unit__agency", "agency", "post")
        if membership.role in ROLES and (membership.unit or membership.agency)
    ]
