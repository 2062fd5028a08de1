"""What the provider signs with, and what it makes names of."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation.encryption import EncryptedTextField
from singlesignon.querysets import SigningKeyQuerySet


class Use(models.TextChoices):
    """What a key signs: one never does both, and systems of SAML are slower to learn of a new one."""

    JWT = "jwt"
    SAML = "saml"


class SigningKey(models.Model):
    """A key for RSA with SHA-256, encrypted at rest.

    Published from the start, signs from ``signs_from`` until the next one does, and is published until ``retires_at``,
    when the last token that it signed has run out.
    """

    kid = models.CharField(primary_key=True, max_length=43)
    use = models.CharField(max_length=4, choices=Use, default=Use.JWT)
    pem = EncryptedTextField()
    made_at = models.DateTimeField()
    signs_from = models.DateTimeField()
    retires_at = models.DateTimeField(null=True)
    reminded_on = models.DateField(null=True)  # of systems in which somebody has to put in its certificate

    objects = SigningKeyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("簽章金鑰")
        ordering = ["-signs_from"]
        constraints = [
            models.CheckConstraint(condition=Q(signs_from__gte=F("made_at")), name="signing_key_published_first"),
            models.CheckConstraint(condition=Q(use__in=["jwt", "saml"]), name="signing_key_use_known"),
        ]

    def __str__(self) -> str:
        return self.kid


class PairwiseSalt(models.Model):
    """The one secret that people's names towards systems are made of. It never changes: with it every name would.

    So it is no key of the installation, which an operator renews, but a value that is kept, encrypted under that key.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    value = EncryptedTextField()

    class Meta:
        verbose_name = verbose_name_plural = _("配對代號的鹽值")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="pairwise_salt_is_one")]

    def __str__(self) -> str:
        return str(self.pk)
