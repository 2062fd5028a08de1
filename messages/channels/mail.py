"""Mail by SMTP (RFC 5321), to the server of ``settings.MAIL_URL``."""

import smtplib
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.utils.translation import override

from messages import letters
from messages.channels.base import Outgoing, Refused, Unavailable
from messages.rules import WAITS, mail_server

TIMEOUT = 20  # seconds for each answer of the server


class Mail:
    """Sends text with an HTML alternative, and files where a notice has some."""

    waits = WAITS
    is_short = False
    sends_receipts = False

    def is_open(self) -> bool:
        return bool(settings.MAIL_URL)

    def deliver(self, message: Outgoing) -> None:
        """Hand a mail to the server.

        Refused is what the server says of this very mail, 5xx to its recipient or its content. All else is Unavailable:
        no connection, 4xx, and also 5xx to the sender or the password, since those are faults of the installation and
        must not cost a citizen the mail.
        """
        server = mail_server(settings.MAIL_URL)
        # An alias makes it one of Django's mailers, which read no EMAIL_* settings.
        backend = EmailBackend(
            alias="city",
            host=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.security == "starttls",
            use_ssl=server.security == "tls",
            timeout=TIMEOUT,
        )
        try:
            _open(backend)
            backend.send_messages([_mail(message)])
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = next(iter(error.recipients.values()))
            raise _of_this_mail(code, reason) from error
        except smtplib.SMTPDataError as error:
            raise _of_this_mail(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPResponseException as error:
            raise Unavailable(f"{error.smtp_code} {_words(error.smtp_error)}") from error
        except OSError as error:  # all of smtplib's other errors, sockets, names, certificates
            raise Unavailable(f"{type(error).__name__}: {error}") from error
        except ValueError as error:  # an address that no header can hold
            raise Refused(f"{type(error).__name__}: {error}") from error
        finally:
            backend.close()


def _open(backend: EmailBackend) -> None:
    """Connect, encrypt, sign in. Whatever goes wrong here says nothing about the mail."""
    try:
        backend.open()
    except smtplib.SMTPResponseException as error:
        raise Unavailable(f"{error.smtp_code} {_words(error.smtp_error)}") from error
    except (OSError, ValueError) as error:
        raise Unavailable(f"{type(error).__name__}: {error}") from error


def message_id(identifier: str) -> str:
    """The Message-ID of all attempts of one message: if it arrives twice, the receiver can tell."""
    return f"<{identifier}@{parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition('@')[2]}>"


def sender(language: str) -> tuple[str, str]:
    """Name and address in the From line: the house's name in the reader's language, unless the setting has one."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return name or letters.house(language), address


def _mail(message: Outgoing) -> EmailMultiAlternatives:
    with override(message.language):
        mail = EmailMultiAlternatives(
            subject=message.subject,
            body=message.body,
            from_email=formataddr(sender(message.language)),
            to=[message.recipient],
            headers={
                "Message-ID": message_id(message.identifier),
                "Content-Language": "en" if message.language == "en" else "zh-Hant-TW",
                "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday answers, please
                **_unsubscribing(message.unsubscribe),
            },
        )
        mail.attach_alternative(letters.html(message.subject, message.body, message.language), "text/html")
        for each in message.attachments:
            mail.attach(each.name, each.content, each.media_type)
        return mail


def _unsubscribing(address: str) -> dict[str, str]:
    """RFC 8058: the button of mail programs that ends a subscription with one POST."""
    if not address:
        return {}
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _of_this_mail(code: int, reason: bytes | str) -> Refused | Unavailable:
    kind = Refused if 500 <= code < 600 else Unavailable
    return kind(f"{code} {_words(reason)}")


def _words(reason: bytes | str) -> str:
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
