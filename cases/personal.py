"""What this app keeps of a person with an account. Cases stay when the account goes, for as long as their terms say."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.models import Contact, Follower
from identity.registry import Part, declare_part


def _reported(user: Any) -> list[dict[str, Any]]:
    mine = Contact.objects.filter(reporter=user).select_related("case").order_by("case__received_at")
    return [
        {
            "number": contact.case.number,
            "kind": contact.case.kind_code,
            "state": contact.case.state,
            "received_at": contact.case.received_at,
            "description": contact.case.description,
            "address": contact.case.address,
            "rating": contact.case.rating,
            "contact": {"name": contact.name, "email": contact.email, "phone": contact.phone},
        }
        for contact in mine
    ]


def _followed(user: Any) -> list[Any]:
    return list(Follower.objects.by_user(user).values("case__number", "created_at"))


def _unfollow(user: Any) -> None:
    Follower.objects.by_user(user).delete()


declare_part(Part("cases", _("我通報的案件"), _reported))
declare_part(Part("followed_cases", _("我關注的案件"), _followed, _unfollow))
