"""Removes what is old, and nothing that a run or the last success of a job needs (CH-13, `rules.md` 7.5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Table, cast, delete, func, select
from sqlalchemy.orm import Session

from core.db.base import table_of
from core.db.database import Database
from core.housekeeping.kinds import KINDS, Kind, PurgeScope

_COUNTED_APART = frozenset(kind.table for kind in KINDS)


@dataclass(frozen=True, slots=True)
class Freed:
    """Rows of a kind, and the bytes that stood in them and in what belonged to them alone."""

    rows: int = 0
    size: int = 0

    def __add__(self, other: "Freed") -> "Freed":
        return Freed(self.rows + other.rows, self.size + other.size)


def read_freed(counts: Mapping[str, Any] | None) -> dict[str, Freed]:
    """Return what a run noted that it removed, by kind."""
    return {name: Freed(**freed) for name, freed in (counts or {}).items()}


Note = Callable[[Session, Freed], None]


class Purge:
    """Removes old rows, kind by kind, in small transactions."""

    at_once = 2000
    """Rows a transaction removes at most, so that nobody waits long for the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, scope: PurgeScope) -> dict[str, Freed]:
        """Remove all that is old; kinds that lost nothing are left out."""
        counts: dict[str, Freed] = {}
        for kind in KINDS:
            while (freed := await self.some(kind, scope)).rows:
                counts[kind.name] = counts.get(kind.name, Freed()) + freed
        return counts

    async def some(self, kind: Kind, scope: PurgeScope, note: Note | None = None) -> Freed:
        """Remove some old rows of a kind. `note` writes in the same transaction what went."""

        def remove(session: Session) -> Freed:
            freed = _remove(session, kind, scope, self.at_once)
            if note is not None and freed.rows:
                note(session, freed)
            return freed

        return await self._database.write(remove)

    async def count(self, scope: PurgeScope) -> dict[str, Freed]:
        """Count what would go, and remove nothing."""
        counts = await self._database.read(lambda session: {kind.name: _count(session, kind, scope) for kind in KINDS})
        return {name: freed for name, freed in counts.items() if freed.rows}


def _count(session: Session, kind: Kind, scope: PurgeScope) -> Freed:
    """Count a kind with what belongs to it; parts that are a kind of their own are counted there."""
    old = kind.old(scope)
    (key, *_) = table_of(kind.table).primary_key.columns
    freed = _sum(session, table_of(kind.table), *old)
    parts = [table_of(one) for one in kind.parts if one not in _COUNTED_APART]
    sizes = [_sum(session, part, part.c[kind.link].in_(select(key).where(*old))).size for part in parts]
    return Freed(freed.rows, freed.size + sum(sizes))


def _remove(session: Session, kind: Kind, scope: PurgeScope, at_once: int) -> Freed:
    """Remove some rows of a kind with all that belongs to them alone; nothing when none is left."""
    table = table_of(kind.table)
    keys = list(table.primary_key.columns)
    wanted = select(*keys, _size(session, table)).where(*kind.old(scope)).limit(at_once)
    found = [tuple(row) for row in session.execute(wanted)]
    size = sum(row[-1] for row in found)
    for part in map(table_of, kind.parts):
        mine = part.c[kind.link].in_([row[0] for row in found])
        size += _sum(session, part, mine).size
        session.execute(delete(part).where(mine))
    _delete(session, table, [row[:-1] for row in found])
    return Freed(len(found), size)


def _delete(session: Session, table: Table, found: list[tuple[Any, ...]]) -> None:
    keys = list(table.primary_key.columns)
    if len(keys) == 1:
        session.execute(delete(table).where(keys[0].in_([key for (key,) in found])))
        return
    for row in found:
        session.execute(delete(table).where(*(key == value for key, value in zip(keys, row, strict=True))))


def _sum(session: Session, table: Table, *wanted: ColumnElement[bool]) -> Freed:
    total = func.coalesce(func.sum(_size(session, table)), 0)
    rows, size = session.execute(select(func.count(), total).select_from(table).where(*wanted)).one()
    return Freed(rows, int(size))


def _size(session: Session, table: Table) -> ColumnElement[int]:
    """Return how many bytes stand in a row: what a database gives back to its disk is its own affair."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    each = [func.length(cast(one, LargeBinary)) if sqlite else func.pg_column_size(one) for one in table.columns]
    total: ColumnElement[int] = func.coalesce(each[0], 0)
    for one in each[1:]:
        total = total + func.coalesce(one, 0)
    return total
