"""SQLite connections that take one trip to their thread per statement.

The usual cursor takes four: open, execute, fetch, close. Every trip wakes two threads, which
costs more than a small query itself. The library has no public way to run something of one's own
in its thread, so this uses its `_conn`, `_execute` and `_thread`; a test holds them to that.
"""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, Self

import aiosqlite


def connect(database: str, **arguments: Any) -> "OneTripConnection":
    """Return an unopened connection (to be awaited); arguments are those of `sqlite3.connect`."""
    return OneTripConnection(lambda: sqlite3.connect(database, **arguments))


class OneTripConnection(aiosqlite.Connection):
    """What SQLAlchemy's adapter needs of a connection (its `async_creator_fn`).

    A BEGIN is held back and travels with the first statement of its transaction.
    """

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._thread.daemon = True
        self._held_back: str | None = None
        # Each is counted by one thread only: the loop's, and the connection's own.
        self._departures = self._arrivals = 0

    def cursor(self, *arguments: Any) -> "OneTripCursor":  # type: ignore[override]  # opened by its first statement
        del arguments
        return OneTripCursor(self)

    async def trip(self, work: Callable[[sqlite3.Cursor], Any]) -> Any:
        """Run `work` with a fresh cursor in the connection's thread, after what was held back."""
        begin, self._held_back = self._held_back, None

        def statement() -> Any:
            cursor = self._conn.cursor()
            try:
                if begin is not None:
                    cursor.execute(begin)
                return work(cursor)
            finally:
                cursor.close()

        return await self._travel(statement)

    async def _travel(self, work: Callable[[], Any]) -> Any:
        """Run `work` in the connection's thread; counted, since who waits for it may be cancelled."""
        self._departures += 1

        def travel() -> Any:
            try:
                return work()
            finally:
                self._arrivals += 1

        return await self._execute(travel)  # type: ignore[no-untyped-call]  # the library's own door to its thread

    def hold_back(self, begin: str) -> None:
        self._held_back = begin

    async def commit(self) -> None:
        if self._under_way():
            await self._travel(self._conn.commit)

    async def rollback(self) -> None:
        if self._under_way():
            await self._travel(self._conn.rollback)

    def _under_way(self) -> bool:
        """Forget a BEGIN that never left; tell whether a transaction is open, or may yet be.

        The pool rolls back once more what its session has ended: that needs no trip. What a
        cancelled task left on its way still counts, for it may begin a transaction.
        """
        self._held_back = None
        return self._departures != self._arrivals or self.in_transaction


class OneTripCursor:
    """One statement at a time, its rows fetched with it."""

    def __init__(self, connection: OneTripConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Any = ()) -> None:
        if statement.startswith("BEGIN"):
            self._connection.hold_back(statement)
        else:
            await self._connection.trip(lambda cursor: self._note(cursor.execute(statement, parameters)))

    async def executemany(self, statement: str, rows: Iterable[Any]) -> None:
        await self._connection.trip(lambda cursor: self._note(cursor.executemany(statement, rows)))

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []

    def _note(self, cursor: sqlite3.Cursor) -> None:
        """Keep what a statement came to; in the connection's thread."""
        self.description = cursor.description
        self._rows = cursor.fetchall() if cursor.description else []
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
