"""What conversations remember from one update to the next, as the database keeps it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, text

from core.chat.model import DialogState
from core.db.base import Instant, table_of
from core.db.database import Database
from core.db.prepared import Prepared

_TABLE = table_of(DialogState)
_ONE = _TABLE.c.key == bindparam("one")
_RECALL = Prepared(select(_TABLE.c.state, _TABLE.c.data, _TABLE.c.updated_at).where(_ONE))
_FORGET = Prepared(delete(_TABLE).where(_ONE))
_REMEMBER = Prepared(
    text(
        "INSERT INTO dialog_states (key, state, data, updated_at) VALUES (:key, :state, :data, :now) ON CONFLICT (key)"
        " DO UPDATE SET state = excluded.state, data = excluded.data, updated_at = excluded.updated_at"
    ).bindparams(bindparam("now", type_=Instant()))
)


@dataclass(frozen=True, slots=True)
class Memory:
    """State and sealed data under a key; without both, it is forgotten."""

    key: str
    state: str | None = None
    data: str | None = None


class Memories:
    """What conversations remember, for whoever has no session."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def ours_alone(self) -> bool:
        """Whether no other process can have written them: the file of SQLite belongs to one."""
        return self._database.is_sqlite

    async def recall(self, key: str) -> tuple[str | None, str | None, datetime] | None:
        """Return what `recall` does."""
        return await self._database.glance(lambda session: recall(session.connection(), key))

    async def remember(self, memory: Memory, now: datetime) -> None:
        """Write one memory."""
        await self._database.write(lambda session: remember(session.connection(), [memory], now))


def recall(connection: Connection, key: str) -> tuple[str | None, str | None, datetime] | None:
    """Return the state, the sealed data and when they were written; None if nothing is remembered."""
    found = _RECALL.rows(connection, one=key)
    return found[0] if found else None


def remember(connection: Connection, memories: Iterable[Memory], now: datetime) -> None:
    """Write what dialogs keep; a memory of nothing is forgotten."""
    for one in memories:
        if one.state is None and one.data is None:
            _FORGET.run(connection, one=one.key)
        else:
            _REMEMBER.run(connection, key=one.key, state=one.state, data=one.data, now=now)
