"""Statements that every tap needs, worked out once for each kind of database.

SQLAlchemy spends some twenty microseconds on a statement that SQLite answers in two, and several
times that where its code is no longer in the processor's cache. These go to the driver as they are.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import zip_longest
from typing import Any, cast

from sqlalchemy import Column, ColumnElement, Connection, Dialect, Executable, bindparam
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any] | None

_PLACES = tuple(f"one{place}" for place in range(8))
"""For the ids of one question: no page of a list has more rows."""


def among(column: Column[int]) -> ColumnElement[bool]:
    """Restrict a statement to some ids, which `Prepared.rows_among` gives it."""
    return column.in_([bindparam(place, type_=column.type) for place in _PLACES])


class Prepared:
    """A statement with parameters by name, for a transaction that is under way. Raises SQLAlchemy's errors."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._made: dict[str, _Made] = {}

    def rows(self, connection: Connection, **values: Any) -> list[Any]:
        """Return what a SELECT finds: tuples with the names of the columns, values as the columns' types make them."""
        made = self._for(connection.dialect)
        return made.rows(made.execute(connection, values, _all))

    def rows_among(self, connection: Connection, ids: Sequence[int], **values: Any) -> list[Any]:
        """Return what a SELECT finds for ids, of which it takes a page's worth at once (`among`)."""
        found: list[Any] = []
        for first in range(0, len(ids), len(_PLACES)):
            places = zip_longest(_PLACES, ids[first : first + len(_PLACES)])
            found += self.rows(connection, **values, **dict(places))
        return found

    def run(self, connection: Connection, **values: Any) -> int:
        """Change rows; return how many it were."""
        return int(self._for(connection.dialect).execute(connection, values, _count))

    def _for(self, dialect: Dialect) -> "_Made":
        if dialect.name not in self._made:
            self._made[dialect.name] = _Made(self._statement, dialect)
        return self._made[dialect.name]


class _Made:
    """The text for one kind of database, and what turns values into its own and back."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled: Any = cast(ClauseElement, statement).compile(dialect=dialect)
        if compiled.post_compile_params:
            raise TypeError("a list of values has no text of its own: ask SQLAlchemy")
        self._text = str(compiled)
        self._errors = dialect.loaded_dbapi.Error
        self._names: list[str] | None = compiled.positiontup if compiled.positional else None
        self._given = {key: one for key, one in compiled.construct_params(_check=False).items() if one is not None}
        binding = ((name, _binding(one.type, dialect)) for name, one in compiled.binds.items())
        self._bind = [(name, convert) for name, convert in binding if convert is not None]
        columns = list(getattr(statement, "selected_columns", ()))
        results = ((place, _result(column.type, dialect)) for place, column in enumerate(columns))
        self._convert = [(place, convert) for place, convert in results if convert is not None]
        names = [column.name for column in columns]
        row: Any = namedtuple("_Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024
        self._row = partial(tuple.__new__, row)

    def execute(self, connection: Connection, values: dict[str, Any], outcome: Callable[[DBAPICursor], Any]) -> Any:
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._text, self._bound(values))
            return outcome(cursor)
        except self._errors as error:
            raise DBAPIError.instance(self._text, None, error, self._errors, hide_parameters=True) from error
        finally:
            cursor.close()

    def rows(self, found: Iterable[Any]) -> list[Any]:
        if self._convert:
            columns: list[Iterable[Any]] = list(zip(*found, strict=True))
            for place, convert in self._convert if columns else ():
                columns[place] = map(convert, columns[place])
            found = zip(*columns, strict=True)
        return list(map(self._row, found))

    def _bound(self, values: dict[str, Any]) -> Any:
        values.update(self._given)
        for name, convert in self._bind:
            values[name] = convert(values[name])
        return values if self._names is None else list(map(values.__getitem__, self._names))


def _all(cursor: DBAPICursor) -> Any:
    return cursor.fetchall()


def _count(cursor: DBAPICursor) -> Any:
    return cursor.rowcount


def _binding(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _result(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
