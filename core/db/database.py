"""Units of work on SQLite or PostgreSQL.

On SQLite a writing unit of work begins IMMEDIATE, so that two of them never read the same
value and overwrite each other; a reading one begins plainly, so that it never waits for a
writer. No unit of work outlives the use case that opened it.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from core.courtesy import somebody_waits
from core.db.door import Door
from core.db.prepared import Prepared
from core.db.sessions import let_go
from core.db.sqlite import connect
from core.errors import ChimeraError
from core.texts import T

Result = TypeVar("Result")
Wait = Callable[[float], Awaitable[None]]

BUSY_SECONDS = 30
_JOTS = 256
"""After so many small writes one goes by the thread, lest the log grow without end where nothing else is written."""
_LOCK_LOOK_SECONDS = 0.5
_READERS_FOR_PEOPLE = 2
_BEGIN, _BEGIN_TO_WRITE, _COMMIT = (Prepared(sa.text(one)) for one in ("BEGIN", "BEGIN IMMEDIATE", "COMMIT"))
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-16384")


class StorageFailed(ChimeraError):
    """The database could not do its work: disk full, locked, gone. Nothing was half-saved."""

    permanent = False


class StorageAway(StorageFailed):
    """The database's server cannot be reached, or sent us away: it may be back in a moment."""


class Database:
    """The one door to the data: `reading()` and `writing()` units of work.

    `read` and `write` take a whole unit of work as a function, which on SQLite costs one trip to
    a thread instead of one per statement. The function must not await, nor touch what lives on
    the event loop; other sessions run it by `AsyncSession.run_sync`. On SQLite, what a person
    waits for need not queue behind whole catalogues; `writes_for_people` counts what was written for them.
    """

    def __init__(self, url: str) -> None:
        self.url = async_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.kind = "SQLite" if self.is_sqlite else "PostgreSQL"
        self.engine = _make_engine(self.url, is_sqlite=self.is_sqlite)
        self._writing_engine = self.engine.execution_options(chimera_writing=True)
        self._locking = create_async_engine(self.url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        if not self.is_sqlite:
            sa.event.listen(self._locking.sync_engine, "connect", let_go)
        self._door = Door()
        self._threads = _Threads(self.url) if self.is_sqlite else None
        self.writes_for_people = 0
        self._jots = 0

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Open a session that only reads; what it loaded stays usable after it closed."""
        with _translated():
            async with AsyncSession(self.engine, expire_on_commit=False) as session:
                yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Open a session that commits at its end, or changes nothing when an error passes through.

        On SQLite writers of this process queue here, which is fairer than the file's lock.
        Never open one inside another.
        """
        with _translated():
            async with AsyncExitStack() as stack:
                self.writes_for_people += somebody_waits()
                if self.is_sqlite:
                    await stack.enter_async_context(self._door.passing(soon=somebody_waits()))
                session = AsyncSession(self._writing_engine, expire_on_commit=False)
                await stack.enter_async_context(session)
                await stack.enter_async_context(session.begin())
                yield session

    async def read(self, work: Callable[[Session], Result]) -> Result:
        """Do a unit of work that only reads; what it loaded stays usable."""
        if self._threads is None:
            async with self.reading() as session:
                return await session.run_sync(work)
        with _translated():
            return await self._threads.read(work)

    async def glance(self, work: Callable[[Session], Result]) -> Result:
        """Look up what an update or a page of a menu needs: nothing that grows with catalogues or with time.

        On SQLite that is done here and now. The way to a thread and back takes longer than most such
        looks, and far longer beside a busy event loop.
        """
        if self._threads is not None:
            # What goes wrong here (a lock, most often) is tried once more, and told, on the usual way.
            with suppress(DBAPIError):
                return self._threads.glance(work)
        return await self.read(work)

    async def write(self, work: Callable[[Session], Result]) -> Result:
        """Do a unit of work and commit it, or change nothing when it raises."""
        if self._threads is None:
            async with self.writing() as session:
                return await session.run_sync(work)
        with _translated():
            self.writes_for_people += somebody_waits()
            async with self._door.passing(soon=somebody_waits()):
                return await self._threads.write(work)

    async def jot(self, work: Callable[[Session], Result]) -> Result:
        """Write a few small rows, as `write` does.

        On SQLite that is done here and now while nobody else writes: such a commit waits for no disk, and
        the way to a thread and back takes longer than all of it.
        """
        self._jots += 1
        if self._threads is not None and self._door.open and self._jots % _JOTS:
            # As above: a writer of another process, most often.
            with suppress(sa.exc.OperationalError):
                return self._threads.jot(work)
        return await self.write(work)

    @asynccontextmanager
    async def across_processes(self, kind: int, number: int, wait: Wait) -> AsyncIterator[None]:
        """Hold a lock that every process on this database respects; `wait` passes the time until it is free.

        On PostgreSQL it lives in a connection of its own, and ends with it on any death. On SQLite
        one process at most has the folder.
        """
        if self.is_sqlite:
            yield
            return
        async with AsyncExitStack() as stack:
            with _translated():
                connection = await stack.enter_async_context(self._locking.connect())
                while not await connection.scalar(sa.select(sa.func.pg_try_advisory_lock(kind, number))):
                    await wait(_LOCK_LOOK_SECONDS)
            yield

    async def close(self) -> None:
        """End all connections; used again, the database opens others."""
        await self.engine.dispose()
        self._door = Door()
        if self._threads is not None:
            self._threads.close()


class _Unit(Session):
    """The session of a unit of work, whose transaction is begun already: its connection needs no other."""

    def connection(self, bind_arguments: Any = None, execution_options: Any = None) -> Connection:
        del bind_arguments, execution_options
        return cast(Connection, self.bind)


class _Threads:
    """Threads that read and one that writes, for whole units of work on SQLite.

    They are apart so that a read never waits for the file's lock, nor a person for a job. Each keeps
    its connection and its session: to get them anew costs more than most units.
    """

    def __init__(self, url: URL) -> None:
        self._engine = _thread_engine(url, BUSY_SECONDS)
        self._hasty_engine = _thread_engine(url, 0)
        sa.event.listen(self._hasty_engine, "connect", _leave_checkpoints)
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Have no thread yet, and no connection."""
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="chimera-read")
        self._soon_reader = ThreadPoolExecutor(_READERS_FOR_PEOPLE, thread_name_prefix="chimera-soon")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="chimera-write")
        self._here = threading.local()
        self._connections: list[Connection] = []

    async def read(self, work: Callable[[Session], Result]) -> Result:
        reader = self._soon_reader if somebody_waits() else self._reader
        return await asyncio.get_running_loop().run_in_executor(reader, self._unit, self._engine, _BEGIN, work)

    async def write(self, work: Callable[[Session], Result]) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, self._unit, self._engine, _BEGIN_TO_WRITE, work)

    def glance(self, work: Callable[[Session], Result]) -> Result:
        """Read in the event loop's own thread, which must not wait for a lock: raises DBAPIError instead."""
        return self._unit(self._hasty_engine, _BEGIN, work)

    def jot(self, work: Callable[[Session], Result]) -> Result:
        """Write in the event loop's own thread, as `glance` reads there."""
        return self._unit(self._hasty_engine, _BEGIN_TO_WRITE, work)

    def close(self) -> None:
        for threads in (self._reader, self._soon_reader, self._writer):
            threads.shutdown()
        for connection in self._connections:
            connection.close()
        self._begin_anew()

    def _unit(self, engine: sa.Engine, begin: Prepared, work: Callable[[Session], Result]) -> Result:
        """Do a unit in a transaction that begins and ends past SQLAlchemy, which takes longer over that than the unit.

        For SQLAlchemy one is under way all the time, until an error ends it.
        """
        connection, session = self._kept(engine)
        begin.run(connection)
        try:
            with ExitStack() as undone:
                undone.callback(connection.rollback)
                if not connection.in_transaction():
                    connection.begin()
                result = work(session)
                session.flush()
                _COMMIT.run(connection)
                undone.pop_all()
        finally:
            # Most units ask it for its connection alone, which leaves nothing in it.
            if session.in_transaction():
                session.close()
        return result

    def _kept(self, engine: sa.Engine) -> tuple[Connection, Session]:
        """Return what this thread works with: the loop's reads and writes, the others do one of both."""
        kept: tuple[Connection, Session] | None = getattr(self._here, "kept", None)
        if kept is None:
            connection = engine.connect()
            self._connections.append(connection)
            kept = self._here.kept = connection, _Unit(connection, expire_on_commit=False)
        return kept


_AWAY = ("08", "57P")
"""How the codes of a server begin that is shutting down, starting up, or lost the connection."""


def _away(error: DBAPIError) -> bool:
    """Tell whether there is no server to ask. Only its driver's errors have a code, and None where nobody answered."""
    code = getattr(error.orig, "sqlstate", "")
    return error.connection_invalidated or code is None or code.startswith(_AWAY)


class _translated:  # noqa: N801 - used like a function
    """Turn the driver's errors into StorageFailed, once, at this edge."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, trace: object) -> None:
        refusal = _refusal(error)
        if refusal is not None:
            raise refusal from error


def _refusal(error: BaseException | None) -> StorageFailed | None:
    match error:
        case sa.exc.IntegrityError():
            return None
        case DBAPIError():
            kind, cause = (StorageAway if _away(error) else StorageFailed), str(error.orig)
        case sa.exc.TimeoutError():
            # Every connection is in use, or waits for a server that does not answer.
            kind, cause = StorageAway, str(error.args[0])
        case _:
            return None
    return kind(T("The database refused to work: {cause}. Nothing was saved.", cause=cause))


def async_url(url: str) -> URL:
    """Return the URL with the async driver that Chimera uses for its database."""
    parsed = make_url(url)
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
    return parsed.set(drivername=driver.get(parsed.get_backend_name(), parsed.drivername))


def sync_url(url: URL) -> URL:
    """Return the same database for synchronous work (migrations, the engine's tables)."""
    return url.set(drivername="sqlite") if url.get_backend_name() == "sqlite" else url


def _make_engine(url: URL, *, is_sqlite: bool) -> AsyncEngine:
    if not is_sqlite:
        engine = create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)
        sa.event.listen(engine.sync_engine, "connect", let_go)
        return engine
    # isolation_level None: the begin event below decides how a transaction starts.
    arguments = {"async_creator_fn": connect, "isolation_level": None, "timeout": BUSY_SECONDS}
    engine = create_async_engine(url, pool_size=8, connect_args=arguments)
    sa.event.listen(engine.sync_engine, "connect", _set_pragmas)
    sa.event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _thread_engine(url: URL, busy_seconds: float) -> sa.Engine:
    arguments = {"isolation_level": None, "timeout": busy_seconds, "check_same_thread": False}
    engine = sa.create_engine(sync_url(url), connect_args=arguments, poolclass=sa.NullPool)
    sa.event.listen(engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: Any, record: object) -> None:
    del record
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _leave_checkpoints(connection: Any, record: object) -> None:
    """Leave it to the threads to bring the file up to its log: that waits for the disk."""
    del record
    connection.execute("PRAGMA wal_autocheckpoint=0")


def _begin(connection: Connection) -> None:
    """Begin past SQLAlchemy's statements, which would take longer over it than many a unit of work takes."""
    writing = connection.get_execution_options().get("chimera_writing", False)
    (_BEGIN_TO_WRITE if writing else _BEGIN).run(connection)
