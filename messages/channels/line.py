"""LINE by its Messaging API, through the official SDK, to the server of ``settings.LINE_API_URL``.

A recipient is a LINE user ID; ``<user ID>?reply=<token>`` answers an event, which costs the city nothing, and becomes a
push when the token is spent. The message's identifier is the retry key, by which LINE takes a push once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings

from messages.channels.base import Outgoing, Refused, Unavailable
from messages.timing import waits

TIMEOUT = 20  # seconds
TEXT_MOST = 5000  # characters of a text message (Messaging API)
_CLOSING = "\n-- \n"  # what a mail has below is said by the account's own name here

# The SDK takes a second to import; only the worker that speaks to LINE needs it.


class Line:
    """Sends the words of a letter as a text message."""

    waits = waits(1, 5, 15, 30, 60, 120, 240, 480)  # sixteen hours: LINE knows a retry key for twenty-four
    is_short = False
    sends_receipts = False

    def is_open(self) -> bool:
        return bool(settings.LINE_TOKEN)

    def deliver(self, message: Outgoing) -> None:
        """Answer or push. Refused is what LINE says of this very message (400, 403, 404); 409 means that it has it."""
        from linebot.v3.messaging import MessagingApi, PushMessageRequest, ReplyMessageRequest, TextMessage

        identifier = UUID(message.identifier)
        user, _mark, reply = message.recipient.partition("?reply=")
        text = TextMessage(text=message.body.partition(_CLOSING)[0].strip()[:TEXT_MOST])
        with _speaking(settings.LINE_API_URL) as client:
            if reply:
                try:
                    asked = ReplyMessageRequest(replyToken=reply, messages=[text])
                    MessagingApi(client).reply_message(asked, _request_timeout=TIMEOUT)
                    return
                except Refused:  # spent, or a minute old
                    pass
            MessagingApi(client).push_message(
                PushMessageRequest(to=user, messages=[text]),
                x_line_retry_key=str(uuid5(identifier, str(message.round)) if message.round else identifier),
                _request_timeout=TIMEOUT,
            )


def content(message_id: str) -> bytes:
    """The picture of a message. Raises Refused when LINE keeps it no longer, Unavailable when it cannot be reached."""
    from linebot.v3.messaging import MessagingApiBlob

    with _speaking(settings.LINE_DATA_URL) as client:
        return bytes(MessagingApiBlob(client).get_message_content(message_id, _request_timeout=TIMEOUT))


@contextmanager
def _speaking(host: str) -> Iterator[Any]:
    """A client of the SDK whose calls raise what every channel raises."""
    from linebot.v3.messaging import ApiClient, Configuration
    from linebot.v3.messaging.exceptions import ApiException
    from urllib3.exceptions import HTTPError

    with ApiClient(Configuration(host=host, access_token=settings.LINE_TOKEN)) as client:
        call = client.call_api

        def translated(*arguments: Any, **options: Any) -> Any:
            try:
                return call(*arguments, **options)
            except ApiException as error:
                if error.status == 409:
                    return None
                kind = Refused if error.status in (400, 403, 404, 410, 413) else Unavailable
                raise kind(f"{error.status} {error.reason}") from error
            except HTTPError as error:
                raise Unavailable(type(error).__name__) from error

        client.call_api = translated
        yield client


def is_signed(body: bytes, signature: str) -> bool:
    """Whether LINE signed these very bytes with the channel's secret (HMAC-SHA256, Base64), in constant time."""
    expected = base64.b64encode(hmac.digest(settings.LINE_SECRET.encode(), body, hashlib.sha256))
    return hmac.compare_digest(expected, signature.encode("utf-8", "replace"))
