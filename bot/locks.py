"""One owner per data folder and per worker name: a second one would steal running work."""

import fcntl
import os
import zlib
from pathlib import Path
from typing import IO

import psycopg

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
            raise StartError(T("The database cannot be opened: {cause}", cause=str(error).strip())) from None
        key = zlib.crc32(f"chimera:{self._worker_id}".encode())
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
