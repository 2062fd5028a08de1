"""Send what was kept while there was no mail server."""

from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError

from foundation import clock
from messages.actions import send_again
from messages.channels import CHANNELS
from messages.models import Channel, Message


class Command(BaseCommand):
    help = "Send the messages that were kept in the last days while no mail server was set up."

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, default=3, help="how far back; older news helps nobody (default: 3)")

    def handle(self, *args, days: int, **options):
        if not CHANNELS[Channel.MAIL].is_open():
            raise CommandError("no mail server is set up: set CITYHALL_MAIL_URL first")
        kept = Message.objects.kept_since(clock.now() - timedelta(days=days)).values_list("pk", flat=True)
        sent = sum(send_again(pk) for pk in kept)
        self.stdout.write(f"{sent} messages queued")
