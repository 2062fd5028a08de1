"""What this app keeps of a person, for that person."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.actions.linking import unlink
from identity.models import (
    AccountLink,
    AddressProof,
    Certificate,
    Disclosure,
    KnownDevice,
    LinkOffer,
    PhoneProof,
    RecoveryCode,
    SignInAttempt,
    Totp,
    User,
)
from identity.registry import Part, declare_part


def _account(user: User) -> dict[str, Any]:
    fields = "username name email email_verified_at phone phone_verified_at language always_second".split()
    fields += ["created_at", "last_login"]
    return {field: getattr(user, field) for field in fields}


def _factors(user: User) -> dict[str, Any]:
    """That there are such factors; the secrets of them are for nobody."""
    return {
        "passkeys": list(user.passkeys.values("name", "created_at", "used_at")),
        "totp": list(Totp.objects.filter(user=user).values("created_at")),
        "recovery_codes_left": RecoveryCode.objects.left(user),
        "certificate": list(Certificate.objects.visible_to(user).values("serial", "issuer", "valid_until", "bound_at")),
    }


def _forget_factors(user: User) -> None:
    user.passkeys.all().delete()
    for model in (Totp, RecoveryCode, Certificate):
        model.objects.filter(user=user).delete()


def _sign_ins(user: User) -> list[Any]:
    return list(SignInAttempt.objects.filter(user=user).values("at", "method", "outcome", "client"))


def _forget_sign_ins(user: User) -> None:
    SignInAttempt.objects.filter(user=user).delete()
    KnownDevice.objects.filter(user=user).delete()
    AddressProof.objects.filter(user=user).delete()
    PhoneProof.objects.filter(user=user).delete()


def _link(user: User) -> list[Any]:
    found = AccountLink.objects.filter(Q(office=user) | Q(citizen=user)).order_by("pk")
    return list(found.values("office__username", "citizen__username", "linked_at", "ended_at"))


def _forget_link(user: User) -> None:
    unlink(user)
    LinkOffer.objects.filter(user=user).delete()


declare_part(Part("account", _("帳號"), _account))
declare_part(Part("account_events", _("帳號異動紀錄"), lambda user: list(user.events.values("at", "verb", "detail"))))
declare_part(Part("account_link", _("帳號連結"), _link, _forget_link))
declare_part(
    Part(
        "recoveries",
        _("櫃台帳號復原"),
        lambda user: list(
            user.recoveries.values("begun_at", "papers", "reason", "confirmed_at", "used_at", "stopped_at")
        ),
    )
)
declare_part(Part("factors", _("驗證方式"), _factors, _forget_factors))
declare_part(Part("sign_ins", _("登入紀錄"), _sign_ins, _forget_sign_ins))
declare_part(
    Part(
        "sessions",
        _("登入中的裝置"),
        lambda user: list(user.sessions.values("started_at", "device", "client", "expire_date")),
    )
)
declare_part(
    Part(
        "devices",
        _("登入過的裝置"),
        lambda user: list(KnownDevice.objects.filter(user=user).values("first_at", "last_at")),
    )
)
declare_part(
    Part(
        "disclosures",
        _("誰看過我的帳號資料"),
        lambda user: list(Disclosure.objects.about(user).values("at", "capacity", "fields", "purpose")),
    )
)
declare_part(
    Part(
        "disclosures_made",
        _("我查閱過的個資"),
        lambda user: list(Disclosure.objects.made_by(user).values("at", "subject", "subject_id", "fields", "purpose")),
    )
)
