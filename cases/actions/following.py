"""Following a case: confirmed by letter, told when the work is done, ended by one click."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from cases.actions.performing import TOPIC, Said, tell
from cases.models import Case, CaseEvent, Follower, Redaction
from cases.redaction import hidden_by_rule
from foundation import jobs
from foundation.clock import now, today
from foundation.encryption import digest, digests
from foundation.seals import Seal
from messages.actions import send, ways_to
from messages.devices import about as devices_about
from messages.devices import forget, watched
from messages.models import Channel, Device
from messages.timing import Reach
from organisation.pack import pack

SEAL = Seal("cases.follower")
DONE = ("answer", "finish")
# Left unhandled: followers hear that the case is closed, without the words, which are about who reported it.
UNHANDLED = ("close_repeated", "set_aside")
CHUNK = 100
FOLLOWING = "cases.follower"  # what a follower's devices watch
SAME_PERSON = {name: OuterRef(name) for name in ("email_digest", "line_digest")}


def seal(follower: Follower) -> str:
    """What a follower's links carry: nobody else can make it, and it is good until they stop."""
    return SEAL.sign(follower.pk)


def of_seal(sealed: str) -> Follower | None:
    """The follower of a link; None for a forged one and for who has stopped."""
    number = SEAL.open(sealed)
    return None if number is None else Follower.objects.with_case().filter(pk=number).first()


@transaction.atomic
def follow(case: Case, email: str, language: str, user: Any = None) -> Follower:
    """Follow a case, or the one that it was merged into. ValidationError when nothing more will happen to it.

    An account's own address is known to be its owner's; every other one gets a letter first. Twice is once.
    """
    case = _followable(case)
    known = user if user is not None and user.is_authenticated else None
    sure = known is not None and bool(known.email) and digest(known.email) in digests(email)
    follower = Follower.objects.of_address(email).filter(case=case).first()
    if follower is None:
        follower = Follower.objects.create(
            case=case, user=known if sure else None, email=email, email_digest=digest(email), language=language,
            confirmed_at=now() if sure else None,
        )  # fmt: skip
    elif sure and (follower.user_id is None or follower.confirmed_at is None):
        follower.user, follower.confirmed_at = known, follower.confirmed_at or now()
        follower.save(update_fields=["user", "confirmed_at"])
    if follower.confirmed_at is None:
        _write(follower, case, "cases.follow")
    return follower


@transaction.atomic
def follow_by_line(case: Case, account: str, language: str) -> Follower:
    """The same for a LINE account, which is its owner's: there is nothing to confirm."""
    case = _followable(case)
    known = Follower.objects.of_line(account).filter(case=case).first()
    return known or Follower.objects.create(
        case=case, line=account, line_digest=digest(account), language=language, confirmed_at=now()
    )


def _followable(case: Case) -> Case:
    """The case itself, or the one that it was merged into, locked; ValidationError where nothing more will happen."""
    case = Case.objects.select_for_update(of=("self",)).for_list().get(pk=case.merged_into_id or case.pk)
    if case.closed_at or case.done_at:
        raise ValidationError(
            _("%(number)s 已處理完成，不會再有進度通知；問題還在的話，請另外通報。") % {"number": case.number}
        )
    return case


def confirm(follower: Follower) -> None:
    """It was them."""
    Follower.objects.filter(pk=follower.pk, confirmed_at=None).update(confirmed_at=now())


def stop(follower: Follower) -> None:
    """No more letters and pushes; the address is gone."""
    _drop(Follower.objects.filter(pk=follower.pk))


def stop_by_line(account: str) -> int:
    """The same for all that a LINE account follows; how many cases."""
    return _drop(Follower.objects.of_line(account))


def _drop(followers: QuerySet) -> int:
    """Followers go, with what their devices watched; how many."""
    gone = list(followers.values_list("pk", flat=True))
    forget(FOLLOWING, gone)
    return Follower.objects.filter(pk__in=gone).delete()[0]


def telling(verb: str, performer: Callable[..., Said | None]) -> Callable[..., Said | None]:
    """A performer whose verb followers are told of: by a job, after the commit, however many they are. Nobody is told
    where the reporter is not."""

    @wraps(performer)
    def perform(case: Case, actor: Any, **inputs: Any) -> Said | None:
        said = performer(case, actor, **inputs)
        if said is None or said.tell:
            jobs.defer("cases.tell_followers", case_id=case.pk, verb=verb)
        return said

    return perform


def tell_followers(case_id: int, verb: str) -> int:
    """Tell the followers of a case, and who reported what was merged into it, of the last such verb; how many letters.

    Who had a letter when the work was done gets none when the case is put away.
    """
    event = CaseEvent.objects.filter(case_id=case_id, verb=verb).order_by("-pk").first()
    if event is None:
        return 0
    done = CaseEvent.objects.filter(case_id=case_id, verb__in=DONE).order_by("-pk").first()
    known = done.pk if verb == "close" and done else event.pk
    case = Case.objects.for_list().get(pk=case_id)
    told = 0
    while batch := _tell_some(case, event, known):
        told += batch
    if verb in DONE:
        told += _tell_merged(case, event)
    return told


@transaction.atomic
def _tell_some(case: Case, event: CaseEvent, known: int) -> int:
    waiting = Follower.objects.confirmed().filter(case=case, told__lt=known).order_by("pk")
    batch = list(waiting.select_for_update(skip_locked=True)[:CHUNK])
    # Followers are the public: they read the text as it was published, or without anything that seems to name a person.
    public = Redaction.objects.public_texts(case).get(event.pk, hidden_by_rule(event.text))
    verb, text = ("close", "") if event.verb in UNHANDLED else (event.verb, public)
    watching = devices_about(FOLLOWING, [follower.pk for follower in batch])
    for follower in batch:
        _write(follower, case, "cases.followed", watching.get(follower.pk, ()), verb=verb, text=text)
    Follower.objects.filter(pk__in=[follower.pk for follower in batch]).update(told=event.pk)
    return len(batch)


@transaction.atomic
def _tell_merged(case: Case, event: CaseEvent) -> int:
    """Who reported what was merged into this case hears that it is done, once: their timeline says so."""
    children = Case.objects.filter(merged_into=case).select_for_update(of=("self",)).for_list().order_by("pk")
    heard = CaseEvent.objects.filter(case=OuterRef("pk"), verb="joined_done", data__event=event.pk)
    told = 0
    for child in children.exclude(Exists(heard)):
        CaseEvent.objects.create(
            case=child, at=event.at, verb="joined_done", actor_label=event.actor_label, from_state=child.state,
            to_state=child.state, is_public=True, text=event.text,
            data={"event": event.pk, "number": str(case.number)},
        )  # fmt: skip
        told += tell_reporter(child, "joined_done", into=str(case.number), text=event.text)
    return told


def tell_reporter(case: Case, what: str, **more: Any) -> bool:
    """A letter to who reported a case, if its family has one for this, they left an address and want letters."""
    notice = case.kind.family.notices.get(what)
    return notice is not None and tell(case, notice, **more)


def _write(follower: Follower, case: Case, notice: str, devices: Iterable[Device] = (), **more: Any) -> None:
    link = settings.PUBLIC_URL + reverse("following", args=[seal(follower)])
    languages = {str(device.token): device.language for device in devices}
    for way in ways_to(Reach(mail=follower.email, line=follower.line, devices=tuple(languages))):
        language = languages[way.to] if way.channel == Channel.PUSH else follower.language
        with override(language):
            # What everybody may know: neither the note on the place nor anything of a sensitive kind.
            place = "" if case.kind.sensitive else case.public_place
            unit = str(case.unit)
        context = {"number": str(case.number), "kind": case.kind_code, "place": place, "unit": unit, "link": link}
        send(
            notice, way.to, language, context | more, TOPIC, case.pk, unsubscribe=f"{link}stop/", channel=way.channel,
            otherwise=way.otherwise,
        )  # fmt: skip


# -- With their case -----------------------------------------------------------------------------------------------


def move(case: Case, into: Case) -> int:
    """A merge: the followers go with the matter; who follows the other case already stays there once."""
    there = Follower.objects.filter(case=into, **SAME_PERSON)
    moving = Follower.objects.filter(case=case).exclude(Exists(there))
    return moving.filter(joined_as=None).update(joined_as=case, case=into) + moving.update(case=into)


def move_back(case: Case, into: Case, brought: list[int]) -> int:
    """A merge undone: who had chosen this case, or one that it had brought along, follows it again."""
    here = Follower.objects.filter(case=case, **SAME_PERSON)
    moving = Follower.objects.filter(case=into).exclude(Exists(here))
    return moving.filter(joined_as=case).update(case=case, joined_as=None) + moving.filter(
        joined_as__in=brought
    ).update(case=case)


def forget_devices() -> int:
    """Devices are pushed to no longer about cases that were closed as long ago as the rule ``follower_days`` says."""
    term = timedelta(days=pack().rule("follower_days", today()).value)
    return forget(TOPIC, Case.objects.filter(closed_at__lt=now() - term, pk__in=watched(TOPIC)).values("pk"))


def forget_followers() -> int:
    """What is kept no longer than the rules say: unconfirmed ones, and those of cases closed long ago; how many."""
    days = {name: pack().rule(name, today()).value for name in ("unconfirmed_days", "follower_days")}
    unsure = Follower.objects.unconfirmed_before(now() - timedelta(days=days["unconfirmed_days"]))
    over = Follower.objects.over_for(timedelta(days=days["follower_days"]))
    return _drop(unsure) + _drop(over)
