"""What this app keeps of a person: what they agreed to, and the systems that they entered."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from identity.registry import Part, declare_part
from singlesignon.actions.logout import withdraw_consent
from singlesignon.models import Authentication, Consent


def _consents(user: Any) -> list[dict[str, Any]]:
    mine = Consent.objects.visible_to(user).select_related("system").order_by("given_at")
    return [
        {
            "system": consent.system.label,
            "scopes": consent.scopes,
            "given_at": consent.given_at,
            "withdrawn_at": consent.withdrawn_at,
        }
        for consent in mine
    ]


def _withdraw_all(user: Any) -> None:
    for consent in Consent.objects.visible_to(user).standing().select_related("system"):
        withdraw_consent(user, consent.system)


def _entered(user: Any) -> list[dict[str, Any]]:
    mine = Authentication.objects.of(user).select_related("system").order_by("at")
    return [
        {
            "at": entry.at,
            "system": entry.system.label,
            "methods": entry.methods,
            "level": entry.level,
            "error": entry.error,
            "place": entry.place,
        }
        for entry in mine
    ]


declare_part(Part("consents", _("我同意過的"), _consents, _withdraw_all))
declare_part(Part("authentications", _("登入過的系統"), _entered))
