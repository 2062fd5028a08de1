"""``manage.py texts``: what is not translated yet; with ``--update`` the catalogues follow the code."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation import texts


class Command(BaseCommand):
    help = "List texts without an English translation and translations without a text; --update writes the catalogues."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("apps", nargs="*", metavar="app", help="only these apps; all where none is named")
        parser.add_argument(
            "--update",
            action="store_true",
            help="add what is missing, untranslated, and drop what is not said any more",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for app in options["apps"]:
            if app not in texts.apps():
                raise CommandError(f"There is no app {app!r}. The apps are {', '.join(texts.apps())}.")
        faults = 0
        for app in options["apps"] or texts.apps():
            if options["update"]:
                texts.update(app)
            missing, stale = texts.missing(app), texts.stale(app)
            for text in missing:
                self.stdout.write(f"{app}: missing: {text.key.msgid} ({', '.join(text.files)})")
            for key in stale:
                self.stdout.write(f"{app}: not said any more: {key.msgid}")
            faults += len(missing) + len(stale)
        for key, by_app in texts.differing().items():
            self.stdout.write(f"differs: {key.msgid}: {'; '.join(f'{app}: {words}' for app, words in by_app.items())}")
            faults += 1
        self.stdout.write(f"{faults} to do." if faults else "Every text is translated.")
