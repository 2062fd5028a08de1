"""Print the demo's accounts, one per role."""

import json

from django.core.management.base import BaseCommand

from servicerequests.demo.people import ACCOUNTS, PASSWORD


class Command(BaseCommand):
    help = "Print the accounts of the demo with their password, for the launcher (--json) or for people."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *, json: bool = False, **options) -> None:
        if json:
            self.stdout.write(_as_json())
            return
        for account in ACCOUNTS:
            self.stdout.write(f"{account.username:<12} {account.label}　{account.start}")
        self.stdout.write(f"password     {PASSWORD}")


def _as_json() -> str:
    return json.dumps(
        [{"username": a.username, "role": a.label, "start": a.start} for a in ACCOUNTS], ensure_ascii=False
    )
