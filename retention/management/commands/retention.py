"""Run the rules for keeping personal data by hand, or see what they would do."""

from django.core.management.base import BaseCommand

from foundation.retention import holdings
from retention.actions import forecast, run


class Command(BaseCommand):
    help = "Let go of personal data whose term is over, as every night; with --dry-run only say how many that would be."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="count, change nothing")

    def handle(self, *args, dry_run: bool, **options):
        if dry_run:
            for each in forecast():
                self._line(each.holding.code, f"{each.amount} {each.unit}", "would be emptied", each.free, each.held)
        else:
            for report in run():
                self._line(report.holding, report.term, "emptied", report.done, report.held)
        if not holdings():
            self.stdout.write("nothing is declared")

    def _line(self, code: str, term: str, what: str, done: int, held: dict[str, int]) -> None:
        kept = ", ".join(f"{why} {n}" for why, n in sorted(held.items())) or "-"
        self.stdout.write(f"{code:22} {term:9} {done:>8} {what}; kept: {kept}")
