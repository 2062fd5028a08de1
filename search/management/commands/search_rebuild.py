"""Rebuild the search index from the records, while the city works on."""

from django.core.management.base import BaseCommand, CommandError

from search.actions import rebuild
from search.registry import searchable, searchables


class Command(BaseCommand):
    help = "Rebuild the search index from the records. Safe at any time: writers wait for a tenth of a second at most."

    def add_arguments(self, parser):
        parser.add_argument("kinds", nargs="*", metavar="KIND", help="only these kinds, such as cases.case")

    def handle(self, *args, kinds: list[str], **options):
        try:
            chosen = [searchable(kind) for kind in kinds] or searchables()
        except LookupError as unknown:
            raise CommandError(str(unknown)) from None
        for each in chosen:
            count = 0
            for count in rebuild(each.code, each.texts):
                if options["verbosity"] > 1:
                    self.stdout.write(f"{each.code} {count:,}", ending="\r")
            self.stdout.write(f"{each.code} {count:,}")
