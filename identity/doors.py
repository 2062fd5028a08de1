"""Doors: the views that people come in by, each marked with the permission that it asks for.

    @door("unit:cases:read")                             # the same for every method
    @door("unit:cases:read", post="unit:cases:comment")  # reading asks for less than writing

The mark can be read (``opens_with``), so one test walks every address of the house as every role and compares what
happens with what is declared; a view without a door fails it. A door is the outermost decorator: nothing of a page runs
before it. *Which* records somebody sees behind the door is for ``visible_to(user)``.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from identity import levels
from identity.models import User
from identity.permissions import PERMISSIONS, PUBLIC, ROLES, capacities_of, grants_for

View = Callable[..., HttpResponseBase]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SignedInRequest(HttpRequest):
    """What a view behind a door gets, unless the door is public: a request of somebody. For type hints."""

    user: User
    htmx: HtmxDetails


@dataclass(frozen=True, slots=True)
class Door:
    """What a view asks for: to read (GET, HEAD, OPTIONS) and to write (every other method)."""

    read: str
    write: str

    def asks(self, method: str | None) -> str:
        """The permission that a request with this method needs."""
        return self.read if method in SAFE_METHODS else self.write


def door(permission: str, *, post: str | None = None) -> Callable[[View], View]:
    """View decorator: let in who holds the permission at that scope or a wider one.

    Anonymous people are sent to the sign-in page and come back; others get page 403, which says what is missing and
    whom to ask. What no citizen may do also asks for a session of ``settings.STAFF_LEVEL`` (``identity.levels``).
    Raises ValueError, when the program starts, for a permission that is not in PERMISSIONS.
    """
    opening = Door(permission, post or permission)
    for asked in (opening.read, opening.write):
        if asked not in PERMISSIONS:
            raise ValueError(f"{asked!r} is not in identity.permissions.PERMISSIONS")

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            asked = opening.asks(request.method)
            if asked in PUBLIC:
                return view(request, *args, **kwargs)
            if not request.user.is_authenticated:
                return to_sign_in(request)
            if not grants_for(request.user).has(asked):
                return refused(request, asked)
            least = levels.PASSWORD if ROLES["citizen"].may(asked) else settings.STAFF_LEVEL
            if least > levels.PASSWORD and levels.level(request) < least:
                return to_prove(request, least)
            response = view(request, *args, **kwargs)
            if not response.has_header("Cache-Control"):
                # Behind counters stand shared machines: after signing out, "back" must show nothing.
                patch_cache_control(response, private=True, no_store=True)
            return response

        guarded.door = opening  # type: ignore[attr-defined]
        return guarded

    return decorate


def opens_with(view: View) -> Door | None:
    """The door of a view; None if it has none."""
    return getattr(view, "door", None)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send somebody to the sign-in page, to come back to where they are when they have signed in.

    Whoever has been in here is told that the session ended, and that a form of theirs was not taken.
    """
    said = {"next": _way_back(request)}
    if settings.SESSION_COOKIE_NAME in request.COOKIES and request.session.session_key is None:
        said["ended"] = "read" if request.method in SAFE_METHODS else "sent"
    return _send(request, f"{resolve_url('sign-in')}?{urlencode(said)}")


def to_prove(request: HttpRequest, level: int) -> HttpResponse:
    """Send somebody who is signed in to where a session reaches the level, to come back to where they are."""
    query = urlencode({"level": str(level), "next": _way_back(request)})
    return _send(request, f"{resolve_url('sign-in-again')}?{query}")


def refused(request: HttpRequest, permission: str) -> HttpResponse:
    """Page 403 for a permission that the person lacks: which roles have it, and whom to ask for one."""
    roles = [role for role in ROLES.values() if role.may(permission)]
    context = {"permission": permission, "roles": roles, "words": capacities_of(request.user)}
    return render(request, "identity/refused.html", context, status=403)


def safe_address(request: HttpRequest, address: str | None) -> str:
    """The address if it leads to this very site, else nothing: ``next`` must not carry people away."""
    if address and url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return address
    return ""


def _send(request: HttpRequest, address: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)


def _way_back(request: HttpRequest) -> str:
    """The page to return to: this one if it can be opened by following a link, else the one where the person is."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    if htmx:
        return safe_address(request, htmx.current_url)
    if request.method in SAFE_METHODS:
        return request.get_full_path()
    return safe_address(request, request.headers.get("Referer"))
