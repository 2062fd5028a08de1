"""Which people, disclosures and sign-ins somebody may see, and how they are found."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.sessions.base_session import BaseSessionManager
from django.db import models
from django.db.models import Case, Count, Max, Q, Sum, When
from django.db.models.functions import Lower

from foundation import clock
from foundation.clock import TAIPEI
from foundation.telephone import mobile
from identity.grants import grants_for

if TYPE_CHECKING:
    from identity.models import ApiKey, User


class UserQuerySet(models.QuerySet["User"]):
    """People with an account."""

    def visible_to(self, user) -> UserQuerySet:
        """Everyone for who keeps the accounts, else oneself."""
        if grants_for(user).has("city:users:manage"):
            return self
        return self.filter(pk=user.pk)

    def all_for(self, user) -> UserQuerySet:
        """Everyone for who watches over what people may do, else oneself."""
        if grants_for(user).has("city:memberships:read"):
            return self
        return self.filter(pk=user.pk)

    def demo(self) -> UserQuerySet:
        """The accounts that a stranger may enter with one click, in a demo and nowhere else."""
        return self.filter(is_demo=True, is_active=True).order_by("pk")

    def named(self, username: str) -> User | None:
        """The account with that name in any spelling; None for none. For the doors, before anyone is signed in."""
        return self.filter(username=self.model.normalize_username(username)).first()

    def half_entered(self, number: int) -> User | None:
        """Who gave the right password and is to give a second proof; None for an account that was closed meanwhile."""
        return self.filter(pk=number, is_active=True).first()

    def entering_as(self, typed: str) -> User | None:
        """The account that somebody means who types this to sign in: its name, or its verified address or number.

        One statement. A name comes first: nobody takes over another's by verifying an address that reads the same.
        """
        name = self.model.normalize_username(typed)
        is_name = Q(username=name)
        is_address = Q(lower_email=name, email_verified_at__isnull=False) & ~Q(email="")  # as its unique index is
        if number := mobile(typed):
            is_address |= Q(phone=number)
        found = self.alias(lower_email=Lower("email")).filter(is_name | is_address)
        return found.order_by(Case(When(is_name, then=0), default=1)).first()

    def shown_by(self, email: str) -> User | None:
        """Who has shown that the address is theirs. Merely typed, it is nobody's, or anybody could block it."""
        shown = self.alias(lower_email=Lower("email")).filter(email_verified_at__isnull=False).exclude(email="")
        return shown.filter(lower_email=email.lower()).first()

    def reached_at(self, phone: str) -> User | None:
        """Whose mobile number this is (E.164), of an account that is open."""
        return self.filter(phone=phone, is_active=True).first() if phone else None

    def searched(self, words: str) -> UserQuerySet:
        """Those whose account, name or e-mail contains the words."""
        if not words:
            return self
        return self.filter(Q(username__icontains=words) | Q(name__icontains=words) | Q(email__icontains=words))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes users and finds them by the name that they type."""

    def create_user(self, username: str, password: str | None = None, **fields) -> User:
        """A saved user. Without a password nobody can sign in with one until it is set through a one-time link."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str) -> User:
        """The user with this name in any spelling; raises DoesNotExist."""
        return self.get(username=self.model.normalize_username(username))


class AccountEventQuerySet(models.QuerySet):
    """What was done to accounts."""

    def visible_to(self, user) -> AccountEventQuerySet:
        """All for who keeps the accounts or answers for the personnel system, else those of one's own account."""
        grants = grants_for(user)
        if grants.has("city:people:read") or grants.has("city:users:manage"):
            return self
        return self.filter(user_id=user.pk)

    def by_programs(self) -> AccountEventQuerySet:
        """What programs did: the personnel system, by SCIM or by its list."""
        return self.exclude(source="")

    def note(
        self, actor: User | None, user: User, verb: str, detail: str = "", deed: str = "users:manage", source: str = ""
    ) -> Any:
        """Write down what an actor did to an account, and for whom if ``deed`` was theirs only as a deputy.

        Without an actor, ``source`` says which program did it.
        """
        acting_for = None if actor is None or actor == user else grants_for(actor).acting_for(deed)
        return self.create(user=user, actor=actor, acting_for_id=acting_for, verb=verb, detail=detail, source=source)


class DisclosureQuerySet(models.QuerySet):
    """Entries of the disclosure log."""

    def visible_to(self, user) -> DisclosureQuerySet:
        """All for an auditor; else those that the person made and those of the data of the person's own account."""
        if grants_for(user).has("city:disclosures:read"):
            return self
        return self.made_by(user) | self.about(user)

    def made_by(self, user) -> DisclosureQuerySet:
        """What this person has looked at."""
        return self.filter(actor_id=user.pk)

    def about(self, user) -> DisclosureQuerySet:
        """Who has looked at the data of this person's account."""
        return self.filter(subject="user", subject_id=str(user.pk))

    def between(self, first: date | None, last: date | None) -> DisclosureQuerySet:
        """Those of the days from ``first`` to ``last``, both included, as days are in Taipei."""
        found = self
        if first:
            found = found.filter(at__gte=datetime.combine(first, time.min, TAIPEI))
        if last:
            found = found.filter(at__lt=datetime.combine(last + timedelta(days=1), time.min, TAIPEI))
        return found


class SignInAttemptQuerySet(models.QuerySet):
    """Attempts to sign in, good and bad."""

    def failures_since(self, moment: datetime) -> SignInAttemptQuerySet:
        """What the lock-out counts: wrong names and passwords. Tries during a lock do not prolong it."""
        return self.filter(outcome="failed", at__gte=moment)

    def of(self, user) -> SignInAttemptQuerySet:
        """A person's own."""
        return self.filter(user_id=user.pk)

    def before(self, moment: datetime) -> SignInAttemptQuerySet:
        """Those made before a moment."""
        return self.filter(at__lt=moment)


class ApiKeyQuerySet(models.QuerySet):
    """Keys of programs."""

    def visible_to(self, user) -> ApiKeyQuerySet:
        """All for who issues them, else one's own."""
        if grants_for(user).has("city:apikeys:manage"):
            return self
        return self.filter(owner_id=user.pk)

    def let_in(self, number: int) -> ApiKey:
        """The key that ``identity.actions.admit`` let in, with its owner. For the doors of programs."""
        return cast("ApiKey", self.select_related("owner").get(pk=number))

    def for_list(self, today: date) -> ApiKeyQuerySet:
        """With what a line shows: the owner, when it was last used, and how often today; in one statement."""
        counted = self.select_related("owner").annotate(
            last_used=Max("uses__last_at"), used_today=Sum("uses__count", filter=Q(uses__day=today), default=0)
        )
        return counted.order_by("-issued_at", "-pk")


class SessionQuerySet(models.QuerySet):
    """Sessions of browsers."""

    def of(self, user) -> SessionQuerySet:
        """Those of a person that still run, the newest first."""
        return self.filter(user_id=user.pk, expire_date__gt=clock.now()).order_by("-started_at")


class SessionManager(BaseSessionManager.from_queryset(SessionQuerySet)):  # type: ignore[misc]
    """Django's, with our questions."""


class RecoveryCodeQuerySet(models.QuerySet):
    """Recovery codes."""

    def left(self, user) -> int:
        """How many of a person's codes are still good."""
        return self.filter(user=user, used_at=None).count()


class PasskeyQuerySet(models.QuerySet):
    """Passkeys."""

    def of(self, user) -> PasskeyQuerySet:
        """Those of a person, the oldest first."""
        return self.filter(user_id=user.pk)


class AddressProofQuerySet(models.QuerySet):
    """Letters that ask whether an address is the person's."""

    def open(self) -> AddressProofQuerySet:
        """Those whose link still works."""
        return self.filter(used_at=None, expires_at__gt=clock.now()).exclude(purpose="known")

    def resets(self) -> AddressProofQuerySet:
        """Those whose link still sets a forgotten password."""
        return self.open().filter(purpose="reset")

    def letters_to(self, digests: list[str], since: datetime) -> int:
        """How many letters one address was sent since a moment."""
        return self.filter(email_digest__in=digests, created_at__gte=since).aggregate(n=Count("pk"))["n"]


class AccountLinkQuerySet(models.QuerySet):
    """Accounts that are one person's."""

    def visible_to(self, user) -> AccountLinkQuerySet:
        """One's own that hold, seen from either account."""
        return self.filter(Q(office=user.pk) | Q(citizen=user.pk), ended_at__isnull=True)


class TotpQuerySet(models.QuerySet):
    """Authenticator apps."""

    def of(self, user) -> TotpQuerySet:
        """That of a person: one or none."""
        return self.filter(user_id=user.pk)


class RecoveryQuerySet(models.QuerySet):
    """Recoveries of accounts at a counter."""

    def visible_to(self, user) -> RecoveryQuerySet:
        """All for the officers at the counters, else those of one's own account."""
        if grants_for(user).has("city:users:recover"):
            return self
        return self.filter(user_id=user.pk)

    def open(self) -> RecoveryQuerySet:
        """Those that still may come to something: neither used, stopped nor run out."""
        return self.filter(used_at=None, stopped_at=None, expires_at__gt=clock.now())

    def waiting(self) -> RecoveryQuerySet:
        """Those that the second officer has not seen yet."""
        return self.open().filter(confirmed_at=None)

    def usable(self) -> RecoveryQuerySet:
        """Those whose link the person may use, now or when its time has come."""
        return self.open().filter(confirmed_at__isnull=False)


class PhoneProofQuerySet(models.QuerySet):
    """Codes that were sent to telephones."""

    def open(self) -> PhoneProofQuerySet:
        """Those whose code may still be typed."""
        return self.filter(used_at=None, expires_at__gt=clock.now())

    def since(self, moment: datetime) -> PhoneProofQuerySet:
        """Those sent since a moment."""
        return self.filter(created_at__gte=moment)
