"""The second pair of eyes where a city hall has but one administrator: whoever runs the machine."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from organisation.actions import confirm
from organisation.actions.recording import describe
from organisation.models import Nomination


class Command(BaseCommand):
    help = "Confirm a nomination to one of the strongest roles, as the second person; without a number: list them."

    def add_arguments(self, parser) -> None:
        parser.add_argument("number", nargs="?", type=int, help="the nomination's number")

    def handle(self, *, number: int | None, **options) -> None:
        waiting = Nomination.objects.waiting().told()
        if number is None:
            for each in waiting:
                by = each.proposed_by.username if each.proposed_by else "-"
                self.stdout.write(f"{each.pk}  {each.user.username}  {describe(each, 'en')}  proposed by {by}")
            return
        found = waiting.filter(pk=number).first()
        if found is None:
            raise CommandError(f"No nomination {number} waits.")
        try:
            confirm(None, found)
        except (PermissionDenied, ValidationError) as error:
            raise CommandError("\n".join(getattr(error, "messages", [])) or "refused") from error
        self.stdout.write(f"{found.user.username}: {describe(found, 'en')}")
