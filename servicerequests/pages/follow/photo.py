"""The public photos of a case, without its code."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from cases.models import Attachment
from foundation.files import serve
from foundation.ratelimit import limit
from identity.doors import door


@door("public:cases:track")
@limit("public-photo", 600)
@require_safe
def thumbnail(request: HttpRequest, token: str) -> HttpResponse:
    """A thumbnail of a photo that is public by its kind's rule, with what was covered; none of a sensitive kind."""
    found = Attachment.objects.published().filter(token=token).first()
    if found is None or not found.thumbnail:
        raise Http404
    return serve(found.thumbnail, found.name, "image/jpeg")
