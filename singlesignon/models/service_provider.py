"""A system that speaks SAML 2.0, as its metadata describe it, and which of its requests were answered."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import clock
from singlesignon.models.client import Client


class ServiceProvider(models.Model):
    """What is kept of a system's metadata, beside the addresses of its client.

    The client's ``redirect_uris`` are its assertion consumer services, the default first, and ``indexes`` their
    numbers; its ``backchannel_logout_uri`` takes word of a sign-out by SOAP. ``logout_uri`` is where a sign-out that it
    began goes back to. ``certificates`` are DER in base64, without which it can sign nothing; ``signs`` says that it
    always does.
    """

    client = models.OneToOneField(Client, models.CASCADE, primary_key=True, related_name="provider")
    entity_id = models.CharField("entityID", max_length=400, unique=True)
    indexes = ArrayField(models.PositiveIntegerField(), default=list)
    logout_uri = models.CharField(_("登出後返回的網址"), max_length=400, blank=True)
    certificates = ArrayField(models.TextField(), verbose_name=_("簽章憑證"), default=list)
    signs = models.BooleanField(_("登入請求一律簽章"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("SAML 2.0 服務提供者")

    def __str__(self) -> str:
        return self.entity_id


class AnsweredRequest(models.Model):
    """That a request of a system was answered: whoever writes the line answers it, nobody else ever does.

    Kept for longer than a request is fresh and may wait for its person.
    """

    digest = models.CharField(primary_key=True, max_length=64)
    client = models.ForeignKey(Client, models.CASCADE, db_index=False)
    at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = _("已回答的登入請求")

    def __str__(self) -> str:
        return f"{self.client_id} {self.at:%H:%M:%S}"
