"""The engine of the sessions (``settings.SESSION_ENGINE``): Django's, in a table that knows whose each one is.

So the account page can list a person's devices, one of them can be ended from another, and the systems that somebody
signed in to through this one learn that the session is over.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from foundation import clock
from foundation.inserting import query, write
from identity.models.session import Session
from identity.rules import session_end

SITTING: Final = "identity.sitting"  # in the session: its name, when it began, on what and from where

_LOAD = "SELECT session_data, expire_date FROM identity_session WHERE session_key = %s AND expire_date > %s"
_TOUCH = "UPDATE identity_session SET expire_date = %s WHERE session_key = %s AND expire_date < %s"
# Of the time that a session may rest: so much later its end must lie before a page writes that.
_WORTH_WRITING = 0.1


class SessionStore(DatabaseStore):
    """Sessions in ``identity_session``."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        """What the session holds. Every page asks for it, so by a statement that the server keeps prepared.

        The end of a person's session moves with what they do; it is written a few times an hour and not on every page.
        """
        now = clock.now()
        rows = query(_LOAD, (self.session_key, now))
        if not rows:
            self._session_key = None
            return {}
        data, expires = self.decode(rows[0][0]), rows[0][1]
        if (end := _end_of(data, now)) and end - expires > _WORTH_WRITING * timedelta(minutes=data[SITTING]["idle"]):
            write(_TOUCH, (end, self.session_key, end))
        return data

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row for the data, with whose session it is beside them."""
        row = cast(Session, super().create_model_instance(data))
        sitting = data.get(SITTING)
        if sitting and SESSION_KEY in data:
            row.user_id = int(data[SESSION_KEY])
            row.sid, row.device, row.client = sitting["sid"], sitting["device"], sitting["client"]
            row.started_at = sitting["since"]
            row.expire_date = _end_of(data, clock.now()) or row.expire_date
        return row

    def cycle_key(self) -> None:
        """Give the session a new key. The old row goes first: two of one name cannot be in the table at once."""
        data, old = cast(Any, self)._session, self.session_key
        if old:
            self.delete(old)
        self.create()
        self._session_cache = data


def _end_of(data: dict[str, Any], now: datetime) -> datetime | None:
    """When a person's session ends if something is done in it now; None for one of nobody."""
    sitting = data.get(SITTING)
    if not sitting or SESSION_KEY not in data or "idle" not in sitting:
        return None
    since = datetime.fromisoformat(sitting["since"]).timestamp()
    end = session_end(now.timestamp(), since, sitting["idle"] * 60, settings.SESSION_COOKIE_AGE)
    return datetime.fromtimestamp(end, UTC)
