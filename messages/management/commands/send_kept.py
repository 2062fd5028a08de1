"""Send what was kept while a channel was not set up."""

from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError

from foundation import clock
from messages.actions import send_again
from messages.channels import open_channels
from messages.models import Message


class Command(BaseCommand):
    help = "Send the messages that were kept in the last days while their channel was not set up."

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, default=3, help="how far back; older news helps nobody (default: 3)")

    def handle(self, *args, days: int, **options):
        kept = Message.objects.kept_since(clock.now() - timedelta(days=days))
        ready = kept.filter(channel__in=open_channels())
        if kept and not ready:
            raise CommandError("their channels are not set up: set CITYHALL_MAIL_URL or CITYHALL_SMS_URL first")
        sent = sum(send_again(pk) for pk in ready.values_list("pk", flat=True))
        self.stdout.write(f"{sent} messages queued")
