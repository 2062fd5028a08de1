"""The engine of the sessions (``settings.SESSION_ENGINE``): Django's, in a table that knows whose each one is.

So the account page can list a person's devices, one of them can be ended from another, and the systems that somebody
signed in to through this one learn that the session is over.
"""

from typing import Any, Final, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from foundation import clock
from foundation.inserting import query
from identity.models.session import Session

SITTING: Final = "identity.sitting"  # in the session: its name, when it began, on what and from where

_LOAD = "SELECT session_data FROM identity_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(DatabaseStore):
    """Sessions in ``identity_session``."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        """What the session holds. Every page asks for it, so by a statement that the server keeps prepared."""
        rows = query(_LOAD, (self.session_key, clock.now()))
        if not rows:
            self._session_key = None
            return {}
        return self.decode(rows[0][0])

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row for the data, with whose session it is beside them."""
        row = cast(Session, super().create_model_instance(data))
        sitting = data.get(SITTING)
        if sitting and SESSION_KEY in data:
            row.user_id = int(data[SESSION_KEY])
            row.sid, row.device, row.client = sitting["sid"], sitting["device"], sitting["client"]
            row.started_at = sitting["since"]
        return row

    def cycle_key(self) -> None:
        """Give the session a new key. The old row goes first: two of one name cannot be in the table at once."""
        data, old = cast(Any, self)._session, self.session_key
        if old:
            self.delete(old)
        self.create()
        self._session_cache = data
