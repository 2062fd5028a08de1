"""Signed-in sessions, made past the sign-in page: password hashing is not what is measured here."""

from __future__ import annotations

from itertools import repeat

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import traffic
from identity.models import User
from identity.sessions import SessionStore

ROUNDS = 10


def cookies(username: str) -> dict[str, str]:
    """The cookies of somebody's new session."""
    user, session = User.objects.get(username=username), SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return {settings.SESSION_COOKIE_NAME: session.session_key}


def page_times(port: int, username: str, path: str, connections: int, seconds: float) -> traffic.Traffic:
    """Load one page again and again over some connections. Raises RuntimeError if it was not always shown.

    The connections are opened anew some times: a connection stays with the web process that took it, so two of them may
    share one process while another one idles, and one draw of that lot says little.
    """
    wanted = traffic.request("GET", path, cookies=cookies(username))
    for _ in range(8):
        with traffic.Connection(port) as warm:
            warm.exchange(wanted)
    result = traffic.Traffic()
    for _ in range(ROUNDS):
        result += traffic.drive(port, repeat(wanted), connections, seconds / ROUNDS)
    if set(result.statuses) != {200}:
        raise RuntimeError(f"{path} for {username}: {dict(result.statuses)}")
    return result


def statements(username: str, path: str, **headers: str) -> list[str]:
    """The SQL of one page, when all that is remembered is known."""
    client = Client(HTTP_HOST="localhost", headers=headers)
    client.force_login(User.objects.get(username=username))
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} for {username}: {answer.status_code}")
    return [query["sql"] for query in captured.captured_queries]
