"""Who filed what through the API: the account of a key, and what makes a retry harmless."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from servicerequests.querysets import ApiFilingQuerySet


class ApiFiling(models.Model):
    """A case that a program filed with its key.

    ``reference`` is the program's own number for it (the header ``Idempotency-Key``), ``fingerprint`` the SHA-256 of
    what was sent: the same again is answered with the same case, something else under the same reference is refused.
    """

    case = models.OneToOneField("cases.Case", models.PROTECT, primary_key=True, related_name="api_filing")
    key = models.ForeignKey("identity.ApiKey", models.PROTECT, related_name="+", db_index=False)
    reference = models.CharField(_("介接程式的編號"), max_length=100)
    fingerprint = models.CharField(max_length=64)

    objects = ApiFilingQuerySet.as_manager()

    class Meta:
        verbose_name = _("介接送件紀錄")
        verbose_name_plural = _("介接送件紀錄")
        constraints = [
            # Also the index by which the cases of a key are found.
            models.UniqueConstraint(name="api_filing_reference_once", fields=["key", "reference"]),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} by {self.key_id}"
