"""Keys of programs: who answers for one, what it may do, how often, and how often it did."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation import clock
from identity.querysets import ApiKeyQuerySet


class ApiKey(models.Model):
    """A key with which a program enters in the name of its owner. Key and owner stay; what it may do can be changed.

    The key itself is shown once and not stored. Its digest is a plain SHA-256 of the whole key, whose first part is the
    public ``prefix`` (a salt of its own for each) and whose second has 160 random bits: nobody finds that by trying, so
    neither a slow hash nor a secret that would have to be rotated is needed (see docs/decisions/0013).
    """

    owner = models.ForeignKey("identity.User", models.PROTECT, related_name="api_keys", verbose_name=_("負責人"))
    name = models.CharField(_("用途"), max_length=80)
    prefix = models.CharField(_("金鑰開頭"), max_length=12, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=60), verbose_name=_("可以做的事"))
    per_minute = models.PositiveIntegerField(_("每分鐘上限"))
    per_day = models.PositiveIntegerField(_("每日上限"))
    issued_at = models.DateTimeField(_("核發時間"), default=clock.now, editable=False)
    issued_by = models.ForeignKey("identity.User", models.PROTECT, related_name="+", verbose_name=_("核發人"))
    expires_on = models.DateField(_("有效至"), null=True, blank=True)  # the last day on which it opens
    withdrawn_at = models.DateTimeField(_("停用時間"), null=True, blank=True)
    withdrawn_by = models.ForeignKey("identity.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API 金鑰")
        verbose_name_plural = _("API 金鑰")
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.CheckConstraint(name="api_key_may_something", condition=Q(scopes__len__gt=0)),
            models.CheckConstraint(
                name="api_key_quotas_in_order", condition=Q(per_minute__gt=0, per_day__gte=F("per_minute"))
            ),
            models.CheckConstraint(
                name="api_key_withdrawn_whole",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    @property
    def expired(self) -> bool:
        """Whether its last day has passed."""
        return self.expires_on is not None and self.expires_on < clock.today()

    @property
    def opens(self) -> bool:
        """Whether it lets its program in today; the owner's account is a question of its own."""
        return self.withdrawn_at is None and not self.expired


class ApiUse(models.Model):
    """What a key did on a day (as days are in Taipei), and its sliding minute, in one row that quotas are kept by."""

    pk = models.CompositePrimaryKey("key_id", "day")
    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="uses", db_index=False)
    day = models.DateField(_("日期"))
    count = models.PositiveIntegerField(_("次數"))
    refused = models.PositiveIntegerField(_("超過上限"), default=0)
    minute = models.PositiveIntegerField()  # minutes since 1970
    in_minute = models.PositiveIntegerField()
    previous = models.PositiveIntegerField()  # the count of the minute before
    last_at = models.DateTimeField(_("最後使用"))

    class Meta:
        verbose_name = _("API 使用量")
        verbose_name_plural = _("API 使用量")
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.key_id} {self.day}: {self.count}"
