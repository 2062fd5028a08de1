"""Tables, people with sessions, and clients of the peer, as JSON: with secrets that it stores hashed, which is how it
comes, and with secrets that it stores as they are, which is as fast as it gets."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from oauth2_provider.models import get_application_model  # noqa: E402


def session(number: int) -> str:
    """The cookie of somebody who signed in a moment ago."""
    user = get_user_model().objects.create(username=f"bench{number}")
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return store.session_key


def client(grant: str, back: str, *, hashed: bool) -> dict[str, str]:
    """A confidential client that nobody is asked about, and its secret."""
    application = get_application_model()(
        name=f"{grant} {hashed}", client_type="confidential", authorization_grant_type=grant, redirect_uris=back,
        skip_authorization=True, algorithm="RS256", hash_client_secret=hashed,
    )  # fmt: skip
    secret = application.client_secret
    application.save()
    return {"client": application.client_id, "secret": secret}


def main(people: int, back: str) -> None:
    call_command("migrate", verbosity=0)
    made = {
        f"{grant} {kind}": client(grant, back, hashed=kind == "hashed")
        for grant in ("authorization-code", "client-credentials")
        for kind in ("plain", "hashed")
    }
    print(json.dumps({"clients": made, "sessions": [session(number) for number in range(people)]}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
