"""What every page knows about its city."""

from django.conf import settings


def city(request) -> dict:
    """Template context: whether this is a demo, and the public address."""
    return {"DEMO": settings.DEMO, "PUBLIC_URL": settings.PUBLIC_URL}
