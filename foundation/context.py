"""What every page knows about its city."""

from django.conf import settings
from django.http import HttpRequest


def city(request: HttpRequest) -> dict:
    """Template context: whether this is a demo, and the public address.

    The city itself (``city.brand``, ``city.name``, ``city.phone``, ``city.bbox``) and the ways to a person's own work
    (``nav.work``, ``nav.office``) come from a context processor of ``config``: the foundation knows neither cities nor
    roles. Pages do without them, as the error pages must.
    """
    return {"DEMO": settings.DEMO, "PUBLIC_URL": settings.PUBLIC_URL}
