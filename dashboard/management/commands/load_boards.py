from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from dashboard.actions import load_boards
from organisation.pack import PackError


class Command(BaseCommand):
    help = "Bring the boards of the city pack into the database. A second time changes nothing; edited boards stay."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            number = load_boards()
        except PackError as error:
            raise CommandError("\n".join(map(str, error.problems))) from None
        self.stdout.write(_("更新 %(n)d 個儀表板。") % {"n": number})
