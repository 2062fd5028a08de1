"""What a relying system speaks to the provider as: one client for trying, one for the public."""

from __future__ import annotations

import hashlib
import secrets

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation import clock
from singlesignon.models.relying_system import RelyingSystem
from singlesignon.querysets import ClientSecretQuerySet


class Environment(models.TextChoices):
    """Where a client is at home."""

    SANDBOX = "sandbox", _("測試")
    LIVE = "live", _("正式")


class Client(models.Model):
    """A client of OAuth 2.0: an identifier, and the addresses that people are sent back to."""

    id = models.CharField(primary_key=True, max_length=40)
    system = models.ForeignKey(RelyingSystem, models.PROTECT, related_name="clients")
    environment = models.CharField(_("環境"), max_length=8, choices=Environment)
    redirect_uris = ArrayField(models.CharField(max_length=400), verbose_name=_("登入後返回的網址"))
    post_logout_redirect_uris = ArrayField(
        models.CharField(max_length=400), default=list, verbose_name=_("登出後返回的網址")
    )
    backchannel_logout_uri = models.CharField(_("接收登出通知的網址"), max_length=400, blank=True)
    pushed_only = models.BooleanField(_("登入請求一律先由伺服器送出（PAR）"), default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = _("介接代號")
        constraints = [
            models.UniqueConstraint(fields=["system", "environment"], name="client_once_an_environment"),
            models.CheckConstraint(condition=Q(environment__in=["sandbox", "live"]), name="client_environment_known"),
        ]

    def __str__(self) -> str:
        return self.id


class ClientSecret(models.Model):
    """With which a client proves who it is. Stored as a salted digest; several may be good at a time, while one is
    replaced by another."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="secrets")
    digest = models.CharField(max_length=64)
    hint = models.CharField(max_length=8)  # its first letters, to tell them apart
    issued_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    reminded_on = models.DateField(null=True)

    objects = ClientSecretQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("密鑰")
        ordering = ["-issued_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "digest"], name="client_secret_once"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("issued_at")), name="client_secret_in_order"),
        ]

    def __str__(self) -> str:
        return self.hint


def new_secret() -> str:
    """256 random bits, with a mark by which programs that look for lost secrets know it."""
    return f"ocs_{secrets.token_urlsafe(32)}"


def secret_digest(client_id: str, secret: str) -> str:
    """SHA-256 salted with the client.

    A slow hash guards against guessing what people choose; nobody guesses 256 random bits, and PBKDF2 would cost a
    third of a second for each token (docs/decisions/0020).
    """
    return hashlib.sha256(f"{client_id}:{secret}".encode()).hexdigest()
