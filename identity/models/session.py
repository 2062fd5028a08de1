"""Sessions of browsers that know whose they are, so that a person sees and ends them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from identity.querysets import SessionManager


class Session(AbstractBaseSession):
    """Django's session with an owner beside the sealed data.

    ``sid`` names it towards others (the key opens it, so nobody but the browser may know that); ``device`` is what the
    browser says of itself and ``client`` the address, as the rate limit counts. A session of nobody has none of them.
    """

    sid = models.UUIDField(null=True, unique=True, editable=False)
    user = models.ForeignKey(
        "identity.User", models.CASCADE, null=True, related_name="sessions", verbose_name=_("使用者")
    )
    started_at = models.DateTimeField(_("登入時間"), null=True)
    device = models.CharField(_("裝置"), max_length=300, blank=True)
    client = models.CharField(_("來源位址"), max_length=50, blank=True)

    objects: ClassVar[SessionManager] = SessionManager()

    class Meta(AbstractBaseSession.Meta):
        verbose_name = _("登入狀態")  # type: ignore[assignment]
        verbose_name_plural = _("登入狀態")  # type: ignore[assignment]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sid=None, user=None) | models.Q(sid__isnull=False, user__isnull=False),
                name="session_of_a_person_has_a_name",
            ),
        ]

    def __str__(self) -> str:
        return str(self.sid or "-")

    @classmethod
    def get_session_store_class(cls) -> type:
        """The engine of the settings, which stands above the models."""
        return import_string(f"{settings.SESSION_ENGINE}.SessionStore")


def new_sid() -> str:
    """A name for a session."""
    return str(uuid.uuid4())
