"""What the city has sent, and is about to send."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import clock
from foundation.encryption import EncryptedTextField
from identity.models import Language
from messages.querysets import MessageQuerySet
from messages.rules import masked


class Channel(models.TextChoices):
    """By which way a message goes; see channels/."""

    MAIL = "mail", _("電子郵件")


class State(models.TextChoices):
    """What has become of a message."""

    QUEUED = "queued", _("等待寄出")
    SENT = "sent", _("已寄出")
    FAILED = "failed", _("寄送失敗")
    KEPT = "kept", _("留存未寄")


class Message(models.Model):
    """One message to one person: the row of the outbox, written in the transaction that has something to tell.

    Who it went to and what it said are encrypted; the subject is not, and so holds no personal data.
    """

    token = models.UUIDField(_("識別碼"), default=uuid.uuid4, unique=True, editable=False)
    notice = models.CharField(_("通知"), max_length=60)
    channel = models.CharField(_("管道"), max_length=10, choices=Channel, default=Channel.MAIL)
    recipient = EncryptedTextField(_("收件人"))
    language = models.CharField(_("語言"), max_length=10, choices=Language)
    subject = models.CharField(_("主旨"), max_length=200)
    body = EncryptedTextField(_("內容"))
    topic = models.CharField(_("事由"), max_length=60)
    topic_id = models.BigIntegerField(_("事由編號"))
    unsubscribe = EncryptedTextField(_("停止寄送的網址"), blank=True, default="", db_default="")
    state = models.CharField(_("狀態"), max_length=10, choices=State)
    attempts = models.PositiveSmallIntegerField(_("嘗試次數"), default=0)
    created_at = models.DateTimeField(_("產生時間"), default=clock.now, editable=False)
    due_at = models.DateTimeField(_("下次嘗試時間"), null=True, blank=True)
    sent_at = models.DateTimeField(_("寄出時間"), null=True, blank=True)
    error = models.CharField(_("原因"), max_length=500, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("訊息")
        verbose_name_plural = _("訊息")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="message_state_known"),
            models.CheckConstraint(condition=models.Q(channel__in=Channel.values), name="message_channel_known"),
            models.CheckConstraint(condition=models.Q(language__in=Language.values), name="message_language_known"),
            models.CheckConstraint(
                condition=models.Q(state="queued", due_at__isnull=False)
                | ~models.Q(state="queued") & models.Q(due_at=None),
                name="message_queued_has_due_at",
            ),
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False)
                | ~models.Q(state="sent") & models.Q(sent_at=None),
                name="message_sent_has_sent_at",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="failed") | ~models.Q(error=""), name="message_failed_has_error"
            ),
            models.CheckConstraint(
                # Once its term is over neither whom it went to nor what it said is kept; that it was sent stays.
                condition=~models.Q(subject="")
                & (
                    ~models.Q(recipient="") & ~models.Q(body="")
                    | models.Q(recipient="", body="", unsubscribe="") & ~models.Q(state="queued")
                ),
                name="message_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="queued"), name="message_outbox"),
            models.Index(fields=["topic", "topic_id"], name="message_topic"),
            models.Index(fields=["notice", "-id"], name="message_notice"),
            # Nearly all are sent; those that are not are looked for.
            models.Index(fields=["state", "-id"], condition=~models.Q(state="sent"), name="message_unsent"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def masked_recipient(self) -> str:
        """Enough of the address for its owner to know it."""
        return masked(self.recipient)
