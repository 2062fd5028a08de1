"""What the city has sent, and is about to send."""

import json
import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import clock
from foundation.encryption import EncryptedTextField
from identity.models import Language
from messages.querysets import InboundQuerySet, MessageQuerySet
from messages.rules import masked


class Channel(models.TextChoices):
    """By which way a message goes; see channels/."""

    MAIL = "mail", _("電子郵件")
    LINE = "line", "LINE"


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


class Became(models.TextChoices):
    """What has become of what came in."""

    NEW = "new", _("等待讀取")
    CONFIRMING = "confirming", _("等待確認信箱")
    PERSON = "person", _("等待處理")
    FILED = "filed", _("已成案")
    ADDED = "added", _("已併入案件")
    ANSWERED = "answered", _("已自動回應")
    BOUNCED = "bounced", _("退信")
    AUTOMATIC = "automatic", _("自動信件，不回覆")
    DUPLICATE = "duplicate", _("重複收到")
    UNREADABLE = "unreadable", _("無法讀取")
    DISMISSED = "dismissed", _("不予處理")
    EXPIRED = "expired", _("逾期未確認")


class Way(models.TextChoices):
    """By which way something came in."""

    MAIL = "mail", _("電子郵件")
    WEB = "web", _("網路")
    LINE = "line", "LINE"


class Inbound(models.Model):
    """One thing that somebody sent to the city, and what became of it: a mail, a petition that waits for its address to
    be confirmed, an event of LINE.

    What it says and who sent it are encrypted, and go after a term (``inbox.purge``); the line itself stays, so that
    the same thing is never taken in twice.
    """

    token = models.UUIDField(_("識別碼"), default=uuid.uuid4, unique=True, editable=False)
    way = models.CharField(_("管道"), max_length=8, choices=Way)
    # Where it lay: the mailbox with its generation, and its number there.
    box = models.CharField(_("信箱"), max_length=200, blank=True)
    uid = models.BigIntegerField(_("信箱內編號"), null=True, blank=True)
    fingerprint = models.CharField(max_length=80, blank=True)
    received_at = models.DateTimeField(_("收到時間"))
    taken_at = models.DateTimeField(_("取得時間"), default=clock.now, editable=False)

    raw = EncryptedTextField(blank=True)
    sender = EncryptedTextField(_("寄件人"), blank=True, digest_in="sender_digest")
    sender_name = EncryptedTextField(_("寄件人姓名"), blank=True)
    sender_digest = models.CharField(max_length=32, blank=True)
    subject = EncryptedTextField(_("主旨"), blank=True)
    text = EncryptedTextField(_("內容"), blank=True)
    # Names of the files, with what is wrong with them: JSON.
    files = EncryptedTextField(_("附件"), blank=True)
    language = models.CharField(_("語言"), max_length=10, choices=Language, default="zh-hant")

    became = models.CharField(_("處理狀態"), max_length=12, choices=Became, default=Became.NEW)
    reason = models.CharField(_("原因"), max_length=500, blank=True)
    confirmed_at = models.DateTimeField(_("確認信箱時間"), null=True, blank=True)
    ended_at = models.DateTimeField(_("處理完畢時間"), null=True, blank=True)
    purged_at = models.DateTimeField(_("刪除內容時間"), null=True, blank=True)
    topic = models.CharField(_("事由"), max_length=60, blank=True)
    topic_id = models.BigIntegerField(_("事由編號"), null=True, blank=True)

    objects = InboundQuerySet.as_manager()

    class Meta:
        verbose_name = _("來信")
        verbose_name_plural = _("來信")
        constraints = [
            models.CheckConstraint(condition=models.Q(way__in=Way.values), name="inbound_way_known"),
            models.CheckConstraint(condition=models.Q(became__in=Became.values), name="inbound_became_known"),
            models.CheckConstraint(condition=models.Q(language__in=Language.values), name="inbound_language_known"),
            models.UniqueConstraint(
                fields=["box", "uid"], condition=models.Q(uid__isnull=False), name="inbound_uid_once"
            ),
            models.UniqueConstraint(
                fields=["fingerprint"], condition=~models.Q(fingerprint=""), name="inbound_fingerprint_once"
            ),
            models.CheckConstraint(
                condition=models.Q(became__in=["new", "confirming", "person"], ended_at=None)
                | ~models.Q(became__in=["new", "confirming", "person"]) & models.Q(ended_at__isnull=False),
                name="inbound_ended_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(became__in=["unreadable", "dismissed"]) | ~models.Q(reason=""),
                name="inbound_refused_has_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(became__in=["filed", "added", "bounced"])
                | ~models.Q(topic="") & models.Q(topic_id__isnull=False),
                name="inbound_filed_has_topic",
            ),
            models.CheckConstraint(
                condition=models.Q(purged_at=None)
                | models.Q(raw="", sender="", sender_name="", sender_digest="", subject="", text="", files=""),
                name="inbound_purged_is_empty",
            ),
        ]
        indexes = [
            models.Index(fields=["became", "-id"], name="inbound_became"),
            models.Index(fields=["topic", "topic_id"], condition=~models.Q(topic=""), name="inbound_topic"),
            models.Index(fields=["sender_digest", "-id"], condition=~models.Q(sender_digest=""), name="inbound_sender"),
            models.Index(fields=["ended_at"], condition=models.Q(purged_at=None), name="inbound_to_purge"),
        ]

    def __str__(self) -> str:
        return str(self.token)

    @property
    def masked_sender(self) -> str:
        """Enough of the address for its owner to know it."""
        return masked(self.sender)

    @property
    def file_notes(self) -> list[dict[str, str]]:
        """The files that came with it: ``name``, and ``problem`` where one cannot be taken."""
        return json.loads(self.files) if self.files else []
