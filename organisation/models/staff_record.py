"""What the personnel system says of somebody who works for the city."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation import clock
from organisation.models.membership import Membership
from organisation.querysets import StaffRecordQuerySet


class StaffRecord(models.Model):
    """The personnel system's words about an account of staff; what the person may do lies in memberships.

    ``uid`` names it towards programs (``id`` of a SCIM User). ``organization``, ``department`` and ``title`` are the
    personnel system's own words, for reading. ``post`` is the membership that a personnel file began, so that the next
    file ends that one and no other. Who left stays here, with ``removed_at``: records point to the account.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="staff_record")
    employee_number = models.CharField(_("員工編號"), max_length=40, unique=True)
    external_id = models.CharField(_("人事系統的識別碼"), max_length=200, blank=True)
    title = models.CharField(_("職稱"), max_length=80, blank=True)
    organization = models.CharField(_("機關"), max_length=160, blank=True)
    department = models.CharField(_("單位"), max_length=160, blank=True)
    manager = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reports")
    post = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    since = models.DateField(_("到職日"))
    until = models.DateField(_("離職日"), null=True, blank=True)  # the last day of work
    created_at = models.DateTimeField(default=clock.now, editable=False)
    changed_at = models.DateTimeField(default=clock.now, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = StaffRecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("人事資料")
        ordering = ["employee_number"]
        constraints = [
            models.CheckConstraint(condition=~Q(employee_number=""), name="staff_record_has_a_number"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="staff_record_in_order"
            ),
            models.CheckConstraint(condition=~Q(manager=F("id")), name="staff_record_is_not_its_own_manager"),
        ]

    def __str__(self) -> str:
        return self.employee_number
