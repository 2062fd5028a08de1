"""``manage.py stylesheet``: join the parts of the stylesheet into city.css."""

from typing import Any

from django.core.management.base import BaseCommand

from foundation.stylesheet import TARGET, joined


class Command(BaseCommand):
    help = "Join static/foundation/css/*.css into static/foundation/city.css."

    def handle(self, *args: Any, **options: Any) -> None:
        TARGET.write_text(joined(), encoding="utf-8")
        self.stdout.write(f"{TARGET} ({TARGET.stat().st_size:,} bytes)")
