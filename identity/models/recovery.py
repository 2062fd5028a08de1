"""Accounts recovered at a counter: who saw the person, who saw it with them, and the one key that came of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation import clock
from identity.querysets import RecoveryQuerySet


class Recovery(models.Model):
    """One recovery of one account. Two officers, and neither is the owner; the database sees to that as well.

    ``token`` is the digest of what the person is handed, good once from ``opens_at`` until ``expires_at``. Of the
    papers only the kind is kept: their numbers are no business of this table.
    """

    class Paper(models.TextChoices):
        IDENTITY_CARD = "identity_card", _("國民身分證")
        HEALTH_CARD = "health_card", _("健保卡")
        DRIVING_LICENCE = "driving_licence", _("駕駛執照")
        PASSPORT = "passport", _("護照")
        RESIDENT_CARD = "resident_card", _("居留證")
        STAFF_CARD = "staff_card", _("職員證")

    user = models.ForeignKey("identity.User", models.PROTECT, related_name="recoveries", verbose_name=_("帳號"))
    papers = ArrayField(models.CharField(max_length=20, choices=Paper), verbose_name=_("查驗的證件"))
    removes_factors = models.BooleanField(_("移除全部驗證方式"), default=False)
    reason = models.CharField(_("原因"), max_length=300)
    begun_by = models.ForeignKey("identity.User", models.PROTECT, related_name="+", verbose_name=_("查驗人"))
    begun_at = models.DateTimeField(_("查驗時間"), default=clock.now, editable=False)
    confirmed_by = models.ForeignKey(
        "identity.User", models.PROTECT, null=True, related_name="+", verbose_name=_("覆核人")
    )
    confirmed_at = models.DateTimeField(_("覆核時間"), null=True)
    token = models.CharField(_("連結摘要"), max_length=32, null=True, unique=True)  # noqa: DJ001 - none yet, and unique
    opens_at = models.DateTimeField(_("可以使用的時間"), null=True)
    expires_at = models.DateTimeField(_("有效至"))
    used_at = models.DateTimeField(_("使用時間"), null=True)
    stopped_by = models.ForeignKey(
        "identity.User", models.PROTECT, null=True, related_name="+", verbose_name=_("取消人")
    )
    stopped_at = models.DateTimeField(_("取消時間"), null=True)

    objects = RecoveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("帳號復原")
        verbose_name_plural = _("帳號復原")
        ordering = ["-begun_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(begun_by=F("user")) & (Q(confirmed_by=None) | ~Q(confirmed_by=F("user"))),
                name="recovery_not_by_the_owner",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("begun_by")), name="recovery_by_two_officers"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None, token=None, opens_at=None, used_at=None)
                | Q(
                    confirmed_by__isnull=False, confirmed_at__isnull=False, token__isnull=False, opens_at__isnull=False
                ),
                name="recovery_confirmed_whole",
            ),
            models.CheckConstraint(
                condition=Q(stopped_by=None, stopped_at=None) | Q(stopped_by__isnull=False, stopped_at__isnull=False),
                name="recovery_stopped_whole",
            ),
            models.CheckConstraint(condition=Q(papers__len__gt=0) & ~Q(reason=""), name="recovery_with_papers"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(used_at=None, stopped_at=None), name="recovery_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.begun_at:%Y-%m-%d %H:%M}"

    @property
    def state(self) -> str:
        """``waiting`` for the second officer, ``confirmed``, ``used``, ``stopped`` or ``expired``."""
        if self.used_at or self.stopped_at:
            return "used" if self.used_at else "stopped"
        if self.expires_at <= clock.now():
            return "expired"
        return "confirmed" if self.confirmed_at else "waiting"

    @property
    def paper_words(self) -> list[str]:
        """The kinds of papers that were seen, in words."""
        return [str(self.Paper(paper).label) for paper in self.papers]
