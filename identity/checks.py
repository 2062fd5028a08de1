"""What weakens the doors of a city hall in public is said when the program starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning

from identity.levels import PASSWORD


def staff_prove_twice(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """In public a password alone opens no door of staff, unless the operator says so, and then not quietly."""
    if settings.STAFF_LEVEL > PASSWORD or settings.DEMO or settings.DEBUG:
        return []
    return [
        Warning(
            "A password alone opens the doors of staff (CITYHALL_STAFF_LEVEL=1).",
            hint="Remove the variable: people without a second proof are led to set one up.",
            id="identity.W001",
        )
    ]
