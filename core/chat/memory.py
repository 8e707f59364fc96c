"""What conversations remember from one update to the next, as the database keeps it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, delete, select
from sqlalchemy.orm import Session

from core.chat.model import DialogState
from core.db.base import put_row, table_of

_TABLE = table_of(DialogState)
_ONE = _TABLE.c.key == bindparam("one")
_REMEMBERED = select(_TABLE.c.state, _TABLE.c.data, _TABLE.c.updated_at).where(_ONE)
_FORGET = delete(_TABLE).where(_ONE)


@dataclass(frozen=True, slots=True)
class Memory:
    """State and sealed data under a key; without both, it is forgotten."""

    key: str
    state: str | None = None
    data: str | None = None


def recall(connection: Connection, key: str) -> Row[str | None, str | None, datetime] | None:
    """Return the state, the sealed data and when they were written; None if nothing is remembered."""
    return connection.execute(_REMEMBERED, {"one": key}).one_or_none()


def remember(session: Session, memories: Iterable[Memory], now: datetime) -> None:
    for one in memories:
        if one.state is None and one.data is None:
            session.connection().execute(_FORGET, {"one": one.key})
        else:
            put_row(session, _TABLE, {"key": one.key}, {"state": one.state, "data": one.data, "updated_at": now})
