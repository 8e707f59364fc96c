"""Statements that every tap needs, worked out once for each kind of database.

SQLAlchemy spends some twenty microseconds on a statement that SQLite answers in two, and several
times that where its code is no longer in the processor's cache. These go to the driver as they are.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any] | None


class Prepared:
    """A statement with parameters by name, for a transaction that is under way. Raises SQLAlchemy's errors."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._made: dict[str, _Made] = {}

    def rows(self, connection: Connection, **values: Any) -> list[Any]:
        """Return what a SELECT finds: tuples with the names of the columns, values as the columns' types make them."""
        made = self._for(connection.dialect)
        with _executed(connection, made, values) as cursor:
            return [made.row(one) for one in cursor.fetchall()]

    def run(self, connection: Connection, **values: Any) -> int:
        """Change rows; return how many it were."""
        with _executed(connection, self._for(connection.dialect), values) as cursor:
            return int(cursor.rowcount)

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
        self.text = str(compiled)
        self.errors = dialect.loaded_dbapi.Error
        self._names: list[str] | None = compiled.positiontup if compiled.positional else None
        self._given: dict[str, Any] = compiled.construct_params(_check=False)
        self._bind = {name: _binding(one.type, dialect) for name, one in compiled.binds.items()}
        columns = list(getattr(statement, "selected_columns", ()))
        self._convert = [_result(column.type, dialect) for column in columns]
        names = [column.name for column in columns]
        self._row: Any = namedtuple("_Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024

    def bound(self, values: Mapping[str, Any]) -> Any:
        bound = {**self._given, **values}
        for name, convert in self._bind.items():
            if convert is not None and name in bound:
                bound[name] = convert(bound[name])
        return bound if self._names is None else [bound[name] for name in self._names]

    def row(self, found: Any) -> Any:
        pairs = zip(self._convert, found, strict=True)
        return self._row._make([value if convert is None else convert(value) for convert, value in pairs])


@contextmanager
def _executed(connection: Connection, made: _Made, values: Mapping[str, Any]) -> Iterator[DBAPICursor]:
    cursor = connection.connection.cursor()
    try:
        cursor.execute(made.text, made.bound(values))
        yield cursor
    except made.errors as error:
        raise DBAPIError.instance(made.text, None, error, made.errors, hide_parameters=True) from error
    finally:
        cursor.close()


def _binding(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _result(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
