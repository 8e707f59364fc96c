"""One owner per data folder and per worker name: a second one would steal running work."""

import fcntl
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg
from sqlalchemy.engine import make_url

from core.db.database import async_url, sync_url
from core.errors import StartError
from core.texts import T

LOCK_FILE = "lock"


class FolderBusy(StartError):
    """Another process owns the data folder."""


class FolderLock:
    """Held from before the first write until the process ends; the system frees it on any death."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Make the folder if need be and take it. Raises FolderBusy, StartError."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = (self._folder / LOCK_FILE).open("a+", encoding="ascii")
        except OSError as error:
            reason = error.strerror or "?"
            raise StartError(
                T("The data folder {folder} cannot be used: {reason}.", folder=str(self._folder), reason=reason)
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "?"
            file.close()
            raise FolderBusy(
                T(
                    "The data folder {folder} is in use by another Chimera (process {owner}). "
                    "Stop that one first, or choose another CHIMERA_DATA_DIR.",
                    folder=str(self._folder),
                    owner=owner,
                )
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class WorkerLock:
    """On PostgreSQL: a session lock on the worker's name, whatever machine it runs on."""

    def __init__(self, url: str, worker_id: str) -> None:
        self._url = url
        self._worker_id = worker_id
        self._connection: psycopg.Connection | None = None

    def acquire(self) -> None:
        """Take the name. Raises StartError when another live process has it."""
        try:
            self._connection = psycopg.connect(self._url, autocommit=True)
        except psycopg.Error as error:
            raise StartError(T("The database cannot be opened: {cause}", cause=" ".join(str(error).split()))) from None
        key = _key(self._worker_id)
        row = self._connection.execute("SELECT pg_try_advisory_lock(%s)", (key,)).fetchone()
        if row is None or not row[0]:
            self.release()
            raise StartError(
                T(
                    "Another Chimera works on this database under the name “{name}”. "
                    "Give this one its own CHIMERA_WORKER_ID.",
                    name=self._worker_id,
                )
            )

    def release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def alone(self) -> bool:
        """Tell, while we hold the name, that no other session goes by it: one may have lost its lock and live."""
        assert self._connection is not None  # noqa: S101 - asked of an acquired lock only
        asked = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = %s AND pid <> pg_backend_pid()"
        )
        row = self._connection.execute(asked, (session_name(self._worker_id),)).fetchone()
        return row is not None and row[0] == 0


class Workers:
    """Knows which names of workers nobody goes by any more. On SQLite that is every name but one's own."""

    def __init__(self, url: str | None) -> None:
        """`url` is the address of a PostgreSQL server, as psycopg reads it; None on SQLite."""
        self._url = url

    @contextmanager
    def vacant(self, worker_id: str) -> Iterator[bool]:
        """Tell whether no process works under a name, and keep it free meanwhile."""
        if self._url is None:
            yield True
            return
        lock = WorkerLock(self._url, worker_id)
        try:
            yield _held_alone(lock)
        finally:
            lock.release()


def _held_alone(lock: WorkerLock) -> bool:
    try:
        lock.acquire()
        return lock.alone()
    except (StartError, psycopg.Error):
        return False


def server_address(url: str) -> str | None:
    """Return a database's address as psycopg reads it; None on SQLite."""
    address = sync_url(async_url(url))
    if address.get_backend_name() != "postgresql":
        return None
    return address.set(drivername="postgresql").render_as_string(hide_password=False)


def named(url: str, worker_id: str) -> str:
    """Return the address of a PostgreSQL server with the worker's name for its sessions."""
    name = {"application_name": session_name(worker_id)}
    return make_url(url).update_query_dict(name).render_as_string(hide_password=False)


def session_name(worker_id: str) -> str:
    """Return what the sessions of a worker are called on the server, whatever characters its name has."""
    return f"chimera-{_key(worker_id):08x}"


def _key(worker_id: str) -> int:
    return zlib.crc32(f"chimera:{worker_id}".encode())
