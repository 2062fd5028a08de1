"""Mails as people and machines write them, for tests."""

from __future__ import annotations

from email.message import EmailMessage, MIMEPart
from email.utils import make_msgid

CITY = "no-reply@cityhall.example"


def written(
    text: str = "路燈不亮三天了。", *, sender: str = "王小明 <wang@example.com>", subject: str = "路燈", **headers: str
) -> EmailMessage:
    """A mail by a person. ``In_Reply_To="<...>"`` and the like become headers."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, CITY, subject
    mail["Message-ID"] = headers.pop("Message_ID", None) or make_msgid(domain="example.com")
    mail["Date"] = "Mon, 30 Nov 2026 10:00:00 +0800"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def bounce(message_id: str, *, action: str = "failed", reason: str = "550 5.1.1 no such user") -> bytes:
    """A delivery report as Postfix writes it (RFC 3464)."""
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.com\r\nTo: " + CITY + "\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nMessage-ID: <bounce-" + message_id.strip("<>") + ">\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\nI'm sorry.\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.com\r\n\r\n"
        f"Final-Recipient: rfc822; wang@example.com\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        f"Diagnostic-Code: smtp; {reason}\r\n\r\n"
        f"--B\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: {CITY}\r\nMessage-ID: {message_id}\r\n\r\n--B--\r\n"
    ).encode()


def with_file(mail: EmailMessage, name: str, content: bytes, kind: str = "image/jpeg") -> EmailMessage:
    """The mail with a file."""
    main, sub = kind.split("/")
    mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail


def part(content_type: str, payload: bytes) -> MIMEPart:
    """A part in raw bytes."""
    made = MIMEPart()
    made["Content-Type"] = content_type
    made["Content-Transfer-Encoding"] = "8bit"
    made.set_payload(payload)
    return made
