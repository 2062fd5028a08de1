"""Where a conversation in a messenger stands."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.clock import now
from foundation.encryption import EncryptedTextField


class Talk(models.Model):
    """What somebody has said so far of a report in LINE; nothing else is kept of them here."""

    user_digest = models.CharField(max_length=32, unique=True)
    state = EncryptedTextField(blank=True)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("對話")
        verbose_name_plural = _("對話")

    def __str__(self) -> str:
        return f"talk {self.pk}"

    @property
    def said(self) -> dict[str, Any]:
        """The answers so far, and what was asked last."""
        return json.loads(self.state) if self.state else {}
