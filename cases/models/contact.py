"""Who reported: personal data, apart from the case, encrypted, and shown only against a line in the log."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.encryption import EncryptedTextField, digests
from foundation.telephone import mobile
from messages.timing import Reach
from organisation.permissions import grants_of

# What is disclosed when somebody looks at a contact.
FIELDS = {"name": _("姓名"), "phone": _("電話"), "email": _("電子郵件")}


def contact_of(case) -> "Contact | None":
    """Who reported a case, read once for as long as this case is in hand; None for an anonymous report."""
    return getattr(case, "contact", None)


class ContactQuerySet(models.QuerySet):
    """Contacts."""

    def of(self, case) -> "ContactQuerySet":
        """Who reported a case; none for an anonymous report."""
        return self.filter(case=case)

    def with_email(self, address: str) -> "ContactQuerySet":
        """Contacts with an e-mail address, under any key of the ring."""
        return self.filter(email_digest__in=digests(address))

    def reached_at(self, known_as: str) -> "ContactQuerySet":
        """Contacts with this e-mail address or telephone number, under any key of the ring."""
        known = digests(known_as)
        return self.filter(Q(email_digest__in=known) | Q(phone_digest__in=known))

    def reachable(self) -> "ContactQuerySet":
        """Those whom a message can go to; `Contact.reach` says how."""
        by_mail, by_text = Q(wants_mail=True) & ~Q(email_digest=""), Q(wants_sms=True) & ~Q(phone_digest="")
        return self.filter(by_mail | by_text | ~Q(line_digest=""))

    def open_to(self, user) -> "ContactQuerySet":
        """Without those that are hidden from an agency in which this person serves: not even that there is one."""
        agencies = {reach.agency_id for reach in grants_of(user).reaches if reach.agency_id is not None}
        return self.exclude(shielded_from_id__in=agencies, released_at__isnull=True) if agencies else self

    def same_person(self, contact: "Contact") -> "ContactQuerySet":
        """Contacts of the same citizen: same account, e-mail, telephone number or LINE account."""
        same = Q(pk__in=[])
        if contact.reporter_id:
            same |= Q(reporter_id=contact.reporter_id)
        if contact.email_digest:
            same |= Q(email_digest=contact.email_digest)
        if contact.phone_digest:
            same |= Q(phone_digest=contact.phone_digest)
        if contact.line_digest:
            same |= Q(line_digest=contact.line_digest)
        return self.filter(same)


class Contact(models.Model):
    """How to reach the person who reported a case. No row: the report is anonymous."""

    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="contact")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    name = EncryptedTextField(_("姓名"), blank=True)
    email = EncryptedTextField(_("電子郵件"), blank=True, digest_in="email_digest")
    phone = EncryptedTextField(_("電話"), blank=True, digest_in="phone_digest")
    # Keyed digests, for finding the same person's other cases without reading anybody's address.
    email_digest = models.CharField(max_length=32, blank=True)
    phone_digest = models.CharField(max_length=32, blank=True)
    # Whom LINE writes to: its user ID for this city's official account. Set by who holds the case's code.
    line = EncryptedTextField(_("LINE 帳號"), blank=True, digest_in="line_digest")
    line_digest = models.CharField(max_length=32, blank=True)
    language = models.CharField(max_length=10, default="zh-hant")
    wants_mail = models.BooleanField(default=True)
    wants_sms = models.BooleanField(default=False, db_default=False)
    confidential = models.BooleanField(_("請為我保密"), default=False)
    # The agency complained of: nobody who serves there sees the contact until the controller has agreed.
    shielded_from = models.ForeignKey(
        "organisation.Agency", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    released_at = models.DateTimeField(null=True, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("聯絡方式")
        verbose_name_plural = _("聯絡方式")
        indexes = [
            models.Index(name="contact_email", fields=["email_digest"], condition=~Q(email_digest="")),
            models.Index(name="contact_phone", fields=["phone_digest"], condition=~Q(phone_digest="")),
            models.Index(name="contact_line", fields=["line_digest"], condition=~Q(line_digest="")),
        ]
        constraints = [
            models.CheckConstraint(
                name="contact_released_was_shielded",
                condition=Q(released_at__isnull=True) | Q(shielded_from__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"contact of {self.case_id}"

    def reach(self, devices: tuple[str, ...] = ()) -> Reach:
        """By what whoever reported can be told of things, and what they chose; ``devices`` get pushes besides."""
        return Reach(self.email, mobile(self.phone) or "", self.line, devices, self.wants_mail, self.wants_sms)

    @property
    def hidden_from(self) -> int | None:
        """The agency that must not learn who it was; None where there is none, or the controller has agreed."""
        return None if self.released_at else self.shielded_from_id
