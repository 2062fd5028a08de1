"""Which program speaks: a client of a relying system, with or without the proof of its secret."""

from __future__ import annotations

from dataclasses import dataclass

from foundation import clock
from foundation.inserting import query
from singlesignon.models.client import secret_digest
from singlesignon.rules import Refusal
from singlesignon.states import LIVE_OPEN, SANDBOX_OPEN


@dataclass(frozen=True, slots=True)
class Caller:
    """A client whose system may speak today; ``proven`` says whether it gave a secret of its own that is good."""

    id: str
    system_id: int
    kind: str
    environment: str
    homepage: str
    scopes: list[str]
    grants: list[str]
    proven: bool


# The columns of a Caller, of client c and system s; the digest of the secret comes first among the parameters.
COLUMNS = """c.id, s.id, s.kind, c.environment, s.homepage, s.scopes, s.grants,
    EXISTS (SELECT FROM singlesignon_clientsecret k WHERE k.client_id = c.id AND k.digest = %(secret)s
            AND k.expires_at > %(now)s)"""
OPEN = "s.state = ANY(CASE c.environment WHEN 'live' THEN %(live)s::varchar[] ELSE %(sandbox)s::varchar[] END)"
STATES = {"live": sorted(LIVE_OPEN), "sandbox": sorted(SANDBOX_OPEN)}

_CALLER = f"""
SELECT {COLUMNS} FROM singlesignon_client c JOIN singlesignon_relyingsystem s ON s.id = c.system_id
WHERE c.id = %(client)s AND {OPEN}
"""


def caller(client_id: str, secret: str) -> Caller:
    """The client by its name and secret, in one statement. Raises Refusal ``invalid_client``.

    A client that keeps a secret must prove itself; a native app has none and stands unproven (RFC 6749, 2.1).
    """
    values = {"client": client_id, "secret": secret_digest(client_id, secret), "now": clock.now(), **STATES}
    return accepted(query(_CALLER, values), secret)


def accepted(rows: list[tuple], secret: str) -> Caller:
    """The caller of a row that begins with ``COLUMNS``, if it may speak. Raises Refusal ``invalid_client``."""
    found = Caller(*rows[0][:8]) if rows else None
    if found is None or (not found.proven and (found.kind != "native" or secret)):
        raise Refusal("invalid_client", "unknown client, wrong secret, or a system that is not in use")
    return found
