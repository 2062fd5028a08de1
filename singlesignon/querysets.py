"""Which systems, consents and authentications somebody may see."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, When

from foundation.clock import TAIPEI
from organisation.permissions import grants_of

READ = "relyingsystems:read"


class RelyingSystemQuerySet(models.QuerySet):
    """Relying systems."""

    def visible_to(self, user, deed: str = READ) -> RelyingSystemQuerySet:
        """The systems of the agencies that a person's roles reach."""
        scope = grants_of(user).scope(deed)
        return self if scope.city else self.filter(agency_id__in=scope.agencies)

    def for_list(self) -> RelyingSystemQuerySet:
        """With what a list shows, in one statement."""
        return self.select_related("agency")

    def waiting_first(self) -> RelyingSystemQuerySet:
        """What waits for the review before all others, then by agency."""
        waits = Case(When(state__in=("applied", "asked"), then=0), default=1)
        return self.order_by(waits, "agency__order", "name")

    def speaking_saml(self) -> RelyingSystemQuerySet:
        """Those in use that know the provider by its certificates."""
        return self.filter(kind="saml").exclude(state__in=("applied", "returned", "ended"))

    def to_be_reminded(self, on: date, before: timedelta) -> RelyingSystemQuerySet:
        """Those whose contract ends within ``before`` and of which nobody was reminded since that began."""
        near = self.exclude(state="ended").filter(contract_until__gte=on, contract_until__lte=on + before)
        return near.filter(Q(reminded_on=None) | Q(reminded_on__lt=F("contract_until") - before))


class ClientSecretQuerySet(models.QuerySet):
    """Secrets of clients."""

    def to_be_reminded(self, on: date, before: timedelta) -> ClientSecretQuerySet:
        """The newest of each client, if it ends within ``before`` and nobody was reminded since that began."""
        begins = datetime.combine(on, time.min, TAIPEI)
        newer = self.model._default_manager.filter(client=OuterRef("client"), issued_at__gt=OuterRef("issued_at"))
        near = self.filter(expires_at__gte=begins, expires_at__lte=begins + before).exclude(
            client__system__state="ended"
        )
        return near.filter(~Exists(newer), Q(reminded_on=None) | Q(reminded_on__lt=F("expires_at") - before))


class SigningKeyQuerySet(models.QuerySet):
    """What the provider signs with."""

    def to_be_reminded(self, on: date, before: timedelta) -> SigningKeyQuerySet:
        """Keys for SAML that begin to sign within ``before``, of which nobody was reminded since that began."""
        begins = datetime.combine(on, time.min, TAIPEI)
        # The first of all signs from the moment it was made; no system knows another yet.
        near = self.filter(use="saml", signs_from__gte=begins, signs_from__lte=begins + before).exclude(
            signs_from=F("made_at")
        )
        return near.filter(Q(reminded_on=None) | Q(reminded_on__lt=F("signs_from") - before))


class ConsentQuerySet(models.QuerySet):
    """What people agreed to."""

    def visible_to(self, user) -> ConsentQuerySet:
        """One's own."""
        return self.filter(user_id=user.pk)

    def standing(self) -> ConsentQuerySet:
        """Those that were not taken back."""
        return self.filter(withdrawn_at=None)


class SignOnQuerySet(models.QuerySet):
    """Who is signed in where."""

    def visible_to(self, user) -> SignOnQuerySet:
        """One's own."""
        return self.filter(user_id=user.pk)

    def running(self) -> SignOnQuerySet:
        """Those that are not over."""
        return self.filter(ended_at=None)


class AuthenticationQuerySet(models.QuerySet):
    """The log of authentications."""

    def visible_to(self, user) -> AuthenticationQuerySet:
        """All of it for the security officer, else one's own and those of systems of one's agencies."""
        scope = grants_of(user).scope("authentications:read")
        if scope.city:
            return self
        return self.filter(Q(user_id=user.pk) | Q(system__agency_id__in=scope.agencies))

    def of(self, user) -> AuthenticationQuerySet:
        """Those of one person."""
        return self.filter(user_id=user.pk)

    def summary(self, system, since: datetime) -> dict[str, int]:
        """How often people were vouched for to a system, how often not, and how many people, since a moment."""
        return self.filter(system=system, at__gte=since).aggregate(
            good=Count("id", filter=Q(error="")),
            refused=Count("id", filter=~Q(error="")),
            people=Count("user_id", distinct=True),
        )


class DailyAuthenticationsQuerySet(models.QuerySet):
    """What the log came to, by day."""

    def of(self, system, first: date, last: date) -> DailyAuthenticationsQuerySet:
        """The days of one system."""
        return self.filter(system=system, day__range=(first, last))

    def successful(self) -> DailyAuthenticationsQuerySet:
        """Of those who got in."""
        return self.filter(error="")


class AnomalyQuerySet(models.QuerySet):
    """What was found unusual."""

    def visible_to(self, user) -> AnomalyQuerySet:
        """All of it for who watches the whole city's log, nothing for others."""
        return self if grants_of(user).scope("authentications:read").city else self.none()

    def waiting(self) -> AnomalyQuerySet:
        """What nobody has looked at."""
        return self.filter(looked_at=None)

    def for_list(self) -> AnomalyQuerySet:
        """With what a list shows, in one statement."""
        return self.select_related("user", "system__agency", "looked_by")
