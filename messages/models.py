"""What the city has sent, and is about to send."""

import json
import uuid

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import clock
from foundation.encryption import EncryptedTextField
from identity.models import Language
from messages.querysets import DeviceQuerySet, InboundQuerySet, MessageQuerySet
from messages.rules import masked


class Channel(models.TextChoices):
    """By which way a message goes; see channels/."""

    MAIL = "mail", _("電子郵件")
    LINE = "line", "LINE"
    SMS = "sms", _("簡訊")
    PUSH = "push", _("推播")


class State(models.TextChoices):
    """What has become of a message.

    ``sent`` is the end where the other side says no more. Where it sends receipts a message is ``handed`` over until
    one comes: ``delivered`` or ``failed``, and ``silent`` when none has come in time.
    """

    QUEUED = "queued", _("等待寄出")
    HANDED = "handed", _("等待回條")
    SENT = "sent", _("已寄出")
    DELIVERED = "delivered", _("已送達")
    SILENT = "silent", _("沒有回條")
    FAILED = "failed", _("寄送失敗")
    KEPT = "kept", _("留存未寄")


# Something is to happen yet, at ``due_at``: so nothing waits for ever.
WAITING = ("queued", "handed")
# The other side has taken it.
TAKEN = ("handed", "sent", "delivered", "silent")
# How each looks in a list.
CHIPS = {
    "queued": "chip-near", "handed": "chip-on", "sent": "chip-kept", "delivered": "chip-kept", "silent": "chip-broken",
    "failed": "chip-late",
}  # fmt: skip
# What may be sent again.
OVER = ("failed", "kept", "silent")


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
    # What a channel for few words says in place of the body; the body is what a mail would say in its place.
    short = EncryptedTextField(_("簡短內容"), blank=True, default="", db_default="")
    topic = models.CharField(_("事由"), max_length=60)
    topic_id = models.BigIntegerField(_("事由編號"))
    unsubscribe = EncryptedTextField(_("停止寄送的網址"), blank=True, default="", db_default="")
    state = models.CharField(_("狀態"), max_length=10, choices=State)
    attempts = models.PositiveSmallIntegerField(_("嘗試次數"), default=0)
    created_at = models.DateTimeField(_("產生時間"), default=clock.now, editable=False)
    due_at = models.DateTimeField(_("下次嘗試時間"), null=True, blank=True)
    sent_at = models.DateTimeField(_("寄出時間"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("送達時間"), null=True, blank=True)
    error = models.CharField(_("原因"), max_length=500, blank=True)
    # How often somebody had it sent again: a gateway that knows the last round's number would not send this one.
    rounds = models.PositiveSmallIntegerField(default=0, db_default=0)
    reference = models.CharField(_("對方的訊息編號"), max_length=100, blank=True, default="", db_default="")
    # What to try should this one fail, as JSON: [[channel, recipient], ...]; and the message that this one replaces.
    otherwise = EncryptedTextField(blank=True, default="", db_default="")
    instead_of = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="replacements", db_index=False
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("訊息")
        verbose_name_plural = _("訊息")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="message_state_known"),
            models.CheckConstraint(condition=models.Q(channel__in=Channel.values), name="message_channel_known"),
            models.CheckConstraint(condition=models.Q(language__in=Language.values), name="message_language_known"),
            models.CheckConstraint(
                condition=models.Q(state__in=WAITING, due_at__isnull=False)
                | ~models.Q(state__in=WAITING) & models.Q(due_at=None),
                name="message_queued_has_due_at",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=TAKEN, sent_at__isnull=False)
                | models.Q(state__in=["queued", "kept"], sent_at=None)
                | ~models.Q(state__in=[*TAKEN, "queued", "kept"]),  # failed: at once, or by a receipt or a bounce
                name="message_sent_has_sent_at",
            ),
            models.CheckConstraint(
                condition=models.Q(state="delivered", delivered_at__isnull=False)
                | ~models.Q(state="delivered") & models.Q(delivered_at=None),
                name="message_delivered_has_delivered_at",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="failed") | ~models.Q(error=""), name="message_failed_has_error"
            ),
            models.CheckConstraint(
                # Once its term is over neither whom it went to nor what it said is kept; that it was sent stays.
                condition=~models.Q(subject="")
                & (
                    ~models.Q(recipient="") & ~models.Q(body="")
                    | models.Q(recipient="", body="", short="", otherwise="", unsubscribe="")
                    & ~models.Q(state__in=WAITING)
                ),
                name="message_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], condition=models.Q(due_at__isnull=False), name="message_outbox"),
            models.Index(fields=["topic", "topic_id"], name="message_topic"),
            models.Index(fields=["notice", "-id"], name="message_notice"),
            # Nearly all arrive; those that do not are looked for.
            models.Index(
                fields=["state", "-id"], condition=~models.Q(state__in=["sent", "delivered"]), name="message_unsent"
            ),
            models.Index(fields=["channel", "-id"], condition=~models.Q(channel="mail"), name="message_channel"),
            models.Index(
                fields=["instead_of"], condition=models.Q(instead_of__isnull=False), name="message_replacement"
            ),
            # Rows come in the order of time, so this costs next to nothing to keep: for the counts of the last days.
            BrinIndex(fields=["created_at"], autosummarize=True, name="message_created"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def masked_recipient(self) -> str:
        """Enough of the address for its owner to know it; a device has none."""
        return str(_("這支裝置")) if self.channel == Channel.PUSH else masked(self.recipient)

    @property
    def is_held(self) -> bool:
        """Whether it waits for the morning, untried."""
        return self.state == State.QUEUED and not self.attempts and bool(self.due_at and self.due_at > clock.now())

    @property
    def chip(self) -> str:
        """The look of its state."""
        return CHIPS.get(self.state, "")

    @property
    def words(self) -> str:
        """What the recipient reads."""
        return self.short or self.body


class MessageEvent(models.Model):
    """One thing that happened to a message on its way: the state that it came into, why, and who had it sent again.

    Never changed; it goes with its message when that is no longer kept.
    """

    message = models.ForeignKey(Message, models.CASCADE, related_name="events")
    at = models.DateTimeField(_("時間"), default=clock.now, editable=False)
    state = models.CharField(_("狀態"), max_length=10, choices=State)
    reason = models.CharField(_("原因"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("訊息的歷程")
        verbose_name_plural = _("訊息的歷程")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="message_event_state_known")
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.state}"


class Device(models.Model):
    """A browser that asked to be pushed to (W3C Push API): where, and the keys that only it can open with.

    It knows nobody. Gone when its push service says that it is (404, 410), or its owner does.
    """

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    endpoint = EncryptedTextField(digest_in="endpoint_digest")
    endpoint_digest = models.CharField(max_length=32, unique=True)
    p256dh = EncryptedTextField()
    auth = EncryptedTextField()
    language = models.CharField(max_length=10, choices=Language, default="zh-hant")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("收推播的裝置")
        verbose_name_plural = _("收推播的裝置")

    def __str__(self) -> str:
        return str(self.token)


class Watch(models.Model):
    """What a device wants news of: one record."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="watches", db_index=False)
    topic = models.CharField(max_length=60)
    topic_id = models.BigIntegerField()
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("收推播的事由")
        verbose_name_plural = _("收推播的事由")
        constraints = [models.UniqueConstraint(fields=["device", "topic", "topic_id"], name="watch_once")]
        indexes = [models.Index(fields=["topic", "topic_id"], name="watch_topic")]

    def __str__(self) -> str:
        return f"{self.topic} {self.topic_id}"


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
