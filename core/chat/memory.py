"""What conversations remember from one update to the next, as the database keeps it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core.chat.model import DialogState
from core.db.base import put_row, table_of

_TABLE = table_of(DialogState)


@dataclass(frozen=True, slots=True)
class Memory:
    """State and sealed data under a key; without both, it is forgotten."""

    key: str
    state: str | None = None
    data: str | None = None


def remember(session: Session, memories: Iterable[Memory], now: datetime) -> None:
    for one in memories:
        if one.state is None and one.data is None:
            session.connection().execute(delete(_TABLE).where(_TABLE.c.key == one.key))
        else:
            put_row(session, _TABLE, {"key": one.key}, {"state": one.state, "data": one.data, "updated_at": now})
