"""``manage.py fetch_mail``: look into the city's mailbox now."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from messages import inbox
from messages.mailbox import Unreachable


class Command(BaseCommand):
    """Take what is new; a worker reads it. The worker does the same every minute."""

    help = "Fetch what is new in the city's mailbox (CITYHALL_INBOX_URL)."

    def handle(self, *args, **options) -> None:
        if not settings.INBOX_URL:
            raise CommandError("CITYHALL_INBOX_URL is not set.")
        try:
            self.stdout.write(f"{inbox.fetch()} taken")
        except Unreachable as problem:
            raise CommandError(f"The mailbox cannot be read: {problem}") from problem
