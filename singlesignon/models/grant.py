"""What the provider gives out, and the sign-ons behind it. Secrets are stored as digests alone."""

from __future__ import annotations

import hashlib
import secrets
import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation import clock
from singlesignon.models.client import Client
from singlesignon.models.relying_system import RelyingSystem
from singlesignon.querysets import ConsentQuerySet, SignOnQuerySet

USER = settings.AUTH_USER_MODEL


def new_token(mark: str) -> str:
    """256 random bits behind a mark."""
    return f"{mark}_{secrets.token_urlsafe(32)}"


def digest(token: str) -> str:
    """As which a token is stored: SHA-256, enough for random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


class Consent(models.Model):
    """That a person agreed to what a system learns of them; which scopes, and until when it was taken back."""

    user = models.ForeignKey(USER, models.CASCADE, related_name="consents")
    system = models.ForeignKey(RelyingSystem, models.PROTECT, related_name="consents")
    scopes = ArrayField(models.CharField(max_length=40))
    given_at = models.DateTimeField(default=clock.now)
    withdrawn_at = models.DateTimeField(null=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("同意")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "system"], condition=Q(withdrawn_at=None), name="consent_once_a_system"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.system_id} {' '.join(self.scopes)}"


class SignOn(models.Model):
    """That a person entered a system out of a session of theirs: what a logout has to reach.

    Its ``id`` is the ``sid`` (in SAML the SessionIndex) that the system knows; ``session`` is the name of the person's
    own session. ``name_format`` is in which of SAML's formats the system was given the person's name.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    session = models.UUIDField()
    client = models.ForeignKey(Client, models.PROTECT, related_name="sign_ons")
    user = models.ForeignKey(USER, models.CASCADE, related_name="sign_ons")
    authenticated_at = models.DateTimeField()
    level = models.PositiveSmallIntegerField()
    methods = ArrayField(models.CharField(max_length=20))
    name_format = models.CharField(max_length=80, blank=True, default="", db_default="")
    started_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    objects = SignOnQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("系統登入")
        constraints = [models.UniqueConstraint(fields=["session", "client"], name="sign_on_once_a_session")]
        indexes = [
            models.Index(fields=["user", "-started_at"], name="sign_on_user"),
            models.Index(fields=["started_at"], name="sign_on_started"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class AuthorizationRequest(models.Model):
    """A request that waits: pushed by its system (RFC 9126), or for the person to sign in or agree.

    ``parameters`` is the request as it came, which is weighed again each time. ``at`` is when the person's browser
    first brought it: what they are asked to do anew counts from then. ``agreed_by`` is who agreed to it, if anyone.
    """

    digest = models.CharField(primary_key=True, max_length=64)
    client = models.ForeignKey(Client, models.CASCADE)
    parameters = models.JSONField()
    pushed = models.BooleanField(default=False)
    at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)
    agreed_by = models.ForeignKey(USER, models.CASCADE, null=True, related_name="+")
    refused_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("登入請求")

    def __str__(self) -> str:
        return f"{self.client_id} {self.expires_at:%H:%M:%S}"


class AuthorizationCode(models.Model):
    """A code on its way through the person's browser. Whoever sets ``redeemed_at`` has it; nobody else ever will."""

    digest = models.CharField(primary_key=True, max_length=64)
    client = models.ForeignKey(Client, models.CASCADE)
    sign_on = models.ForeignKey(SignOn, models.CASCADE)
    redirect_uri = models.TextField()
    scopes = ArrayField(models.CharField(max_length=40))
    nonce = models.TextField(blank=True)
    challenge = models.CharField(max_length=43)
    family = models.UUIDField(default=uuid.uuid4)
    expires_at = models.DateTimeField(db_index=True)
    redeemed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("授權碼")

    def __str__(self) -> str:
        return f"{self.client_id} {self.expires_at:%H:%M:%S}"


class Token(models.Model):
    """An access or a refresh token. All that came of one code or one device is a ``family`` and is revoked as one.

    ``used_at`` is when a refresh token was exchanged: it is good once, and a second use ends its family.
    """

    class Kind(models.TextChoices):
        ACCESS = "access"
        REFRESH = "refresh"

    digest = models.CharField(primary_key=True, max_length=64)
    kind = models.CharField(max_length=8, choices=Kind)
    client = models.ForeignKey(Client, models.CASCADE, db_index=False)
    sign_on = models.ForeignKey(SignOn, models.CASCADE, null=True, related_name="tokens")
    family = models.UUIDField(db_index=True)
    scopes = ArrayField(models.CharField(max_length=40))
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("權杖")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["access", "refresh"]), name="token_kind_known"),
            models.CheckConstraint(condition=Q(used_at=None) | Q(kind="refresh"), name="token_only_refresh_is_used"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.client_id}"


class DeviceAuthorization(models.Model):
    """A device without a keyboard that waits for a person to let it in from elsewhere (RFC 8628)."""

    digest = models.CharField(primary_key=True, max_length=64)
    user_code = models.CharField(max_length=8, unique=True)
    client = models.ForeignKey(Client, models.CASCADE)
    scopes = ArrayField(models.CharField(max_length=40))
    interval = models.PositiveSmallIntegerField(default=5)
    polled_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)
    sign_on = models.ForeignKey(SignOn, models.CASCADE, null=True)
    refused_at = models.DateTimeField(null=True)
    redeemed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("裝置登入")

    def __str__(self) -> str:
        return self.user_code


class LogoutNotice(models.Model):
    """Word to a system that a sign-on is over (Back-Channel Logout 1.0), until it has arrived or nobody took it."""

    sign_on = models.ForeignKey(SignOn, models.CASCADE, related_name="notices")
    at = models.DateTimeField(default=clock.now)
    delivered_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("登出通知")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.sign_on_id} {self.tries}"
