"""A system of an agency that people sign in to with the city's accounts, and what happened to it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation import clock
from foundation.language import in_language
from organisation.models import Agency
from singlesignon.querysets import RelyingSystemQuerySet
from singlesignon.states import LIFE


class Kind(models.TextChoices):
    """How a system keeps a secret, which decides how it proves who it is."""

    WEB = "web", _("網站（程式在伺服器上執行）")
    NATIVE = "native", _("手機 App 或純前端網頁（無法保管密鑰）")
    SERVICE = "service", _("系統對系統（沒有人登入）")
    SAML = "saml", _("只會 SAML 2.0 的舊系統")


class RelyingSystem(models.Model):
    """A relying system (應用系統) with who answers for it and what it may learn.

    ``level`` is the least level of assurance (1 to 3) with which people enter; ``scopes`` and ``grants`` are what its
    clients may ask for. ``contract_until`` is the last day of the contract that it is kept up by.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="relying_systems", verbose_name=_("機關"))
    name = models.CharField(_("系統名稱"), max_length=60)
    name_en = models.CharField(_("英文名稱"), max_length=120)
    purpose = models.TextField(_("用途與需要這些資料的理由"))
    kind = models.CharField(_("類型"), max_length=8, choices=Kind, default=Kind.WEB)
    homepage = models.URLField(_("網址"))
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("要取得的資料"))
    grants = ArrayField(models.CharField(max_length=60), verbose_name=_("取得權杖的方式"))
    level = models.PositiveSmallIntegerField(_("最低驗證等級"), default=1)
    contact = models.CharField(_("技術聯絡人"), max_length=60)
    contact_email = models.EmailField(_("聯絡電子郵件"))
    contract = models.CharField(_("契約或公文文號"), max_length=80)
    contract_until = models.DateField(_("契約期限"))
    state = models.CharField(max_length=12, default=LIFE.initial)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(default=clock.now)
    live_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reminded_on = models.DateField(null=True)

    objects = RelyingSystemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("介接系統")
        ordering = ["agency", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(LIFE.states)), name="relying_system_state_known"),
            models.CheckConstraint(condition=Q(level__range=(1, 3)), name="relying_system_level_known"),
            models.CheckConstraint(
                condition=Q(kind__in=["web", "native", "service", "saml"]), name="relying_system_kind_known"
            ),
            models.CheckConstraint(
                # A system that was never reviewed for the public can't be live.
                condition=~Q(state="live") | Q(live_at__isnull=False),
                name="relying_system_live_since",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False) | (~Q(state="ended") & Q(ended_at__isnull=True)),
                name="relying_system_ended_since",
            ),
            models.UniqueConstraint(
                fields=["agency", "name"], condition=~Q(state="ended"), name="relying_system_name_once_an_agency"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the language of the page."""
        return in_language(self.name, self.name_en)


class SystemHealth(models.Model):
    """Whether a live system answered when it was last looked at: ``error`` is what was wrong, ``failures`` how often in
    a row. What changed is told by its events."""

    system = models.OneToOneField(RelyingSystem, models.CASCADE, primary_key=True, related_name="health")
    checked_at = models.DateTimeField()
    error = models.CharField(max_length=60, blank=True)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("系統連線檢查")
        constraints = [
            models.CheckConstraint(
                condition=Q(error="", failures=0) | ~Q(error="") & Q(failures__gt=0), name="system_health_in_step"
            )
        ]

    def __str__(self) -> str:
        return f"{self.system_id} {self.error or 'ok'}"


class SystemEvent(models.Model):
    """What was done to a relying system, by whom. Append-only, in the database too."""

    system = models.ForeignKey(RelyingSystem, models.PROTECT, related_name="events")
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=20)
    text = models.TextField(blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("介接系統紀錄")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.system_id} {self.verb}"
