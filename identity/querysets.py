"""Which people, disclosures and sign-ins somebody may see."""

from __future__ import annotations

from django.contrib.auth.base_user import BaseUserManager
from django.db import models

from identity.grants import grants_for


class UserQuerySet(models.QuerySet):
    """People with an account."""

    def visible_to(self, user) -> UserQuerySet:
        """Everyone for who keeps the accounts, else oneself."""
        if grants_for(user).has("city:users:manage"):
            return self
        return self.filter(pk=user.pk)

    def active(self) -> UserQuerySet:
        return self.filter(is_active=True)

    def demo(self) -> UserQuerySet:
        """The accounts that a stranger may enter with one click, in a demo and nowhere else."""
        return self.filter(is_demo=True, is_active=True).order_by("pk")


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    """Makes users and finds them by the name that they type."""

    use_in_migrations = True

    def create_user(self, username: str, password: str | None = None, **fields):
        """A saved user. Without a password nobody can sign in with one until it is set through a one-time link."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str):
        """The user with this name in any capitalisation; raises DoesNotExist."""
        return self.get(username=self.model.normalize_username(username))


class DisclosureQuerySet(models.QuerySet):
    """Entries of the disclosure log."""

    def visible_to(self, user) -> DisclosureQuerySet:
        """All for an auditor, else those that the person made (and answers for)."""
        if grants_for(user).has("city:disclosures:read"):
            return self
        return self.filter(actor_id=user.pk)


class SignInAttemptQuerySet(models.QuerySet):
    """Attempts to sign in, good and bad."""

    def failures_since(self, moment) -> SignInAttemptQuerySet:
        return self.filter(succeeded=False, at__gte=moment)
