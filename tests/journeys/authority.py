"""Deputies, nominations and posts, for every page about who may do what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse

from foundation.clock import now, today
from identity.permissions import ROLES
from organisation.actions import name_deputy, propose, refuse
from organisation.models import Deputyship, Post


def fill_authority(world: Any) -> None:
    """A deputyship that holds and one in a strong role that waits, nominations waiting and refused, a held post."""
    people = world.people
    keeper, head, auditor = (people[role] for role in ("system_administrator", "unit_head", "auditor"))
    held = head.memberships.select_related("unit__agency").get()
    in_house = [user for user in people.values() if user and user != head]
    agency = held.unit.agency_id
    colleague = next(user for user in in_house if user.memberships.filter(unit__agency=agency).exists())
    until = now() + timedelta(days=3)
    # From tomorrow on: today the colleague sees what their own role shows.
    name_deputy(head, [held], colleague, now() + timedelta(days=1), until, Deputyship.Cause.LEAVE, "假單第1號。" * 8)
    strong = auditor.memberships.get()
    (waiting,) = name_deputy(keeper, [strong], people["editor"], now(), until, Deputyship.Cause.TRAVEL)
    proposed = propose(keeper, people["editor"], "auditor", since=today(), reason="業務需要。" * 10)
    refused = propose(keeper, people["call_agent"], "security_officer", since=today())
    refuse(None, refused, "職務還沒有核定。" * 8)
    post = Post.objects.filter(unit=held.unit).first() or Post.objects.first()
    world.pages |= {
        "deputies": [reverse("deputies")],
        "deputy-new": [reverse("deputy-new")],
        "nominations": [reverse("nominations")],
        "nomination": [
            reverse("nomination", args=["role", proposed.pk]),
            reverse("nomination", args=["role", refused.pk]),
            reverse("nomination", args=["deputy", waiting.pk]),
        ],
        "posts": [reverse("posts"), reverse("posts") + "?q=zzz"],
        "post": [reverse("post", args=[post.pk])],
        "permissions": [reverse("permissions"), reverse("permissions") + "?q=zzz"],
        "permission-holders": [
            *(f"{reverse('permission-holders')}?role={code}" for code in ROLES if code in ("unit_head", "auditor")),
            f"{reverse('permission-holders')}?permission=unit:cases:approve",
        ],
        "person-permissions": [reverse("person-permissions", args=[colleague.pk])],
    }
    world.data |= {"permissions-csv": reverse("permissions-csv")}
