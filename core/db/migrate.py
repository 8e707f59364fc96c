"""Brings the database to this code's version at start; refuses one that is newer."""

import asyncio
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DBAPIError

import migrations
from core.db.database import sync_url
from core.errors import StartError
from core.texts import T

# An arbitrary constant: two processes that start at once migrate one after the other.
_LOCK = 4_270_811


async def migrate(url: URL) -> None:
    """Upgrade to the newest revision, in a thread (Alembic is synchronous). Raises StartError."""
    await asyncio.to_thread(upgrade, url)


def upgrade(url: URL, revision: str = "head") -> None:
    """Upgrade the database at `url`, creating it on SQLite. Raises StartError."""
    engine = sa.create_engine(sync_url(url))
    try:
        with engine.connect() as connection:
            _refuse_newer(connection)
            _run(connection, "upgrade", revision)
    except DBAPIError as error:
        cause = str(error.orig).strip()
        raise StartError(T("The database cannot be opened: {cause}", cause=cause)) from error
    finally:
        engine.dispose()


def downgrade(url: URL, revision: str) -> None:
    """Step back to `revision`; for tests and for going back to older code by hand."""
    engine = sa.create_engine(sync_url(url))
    with engine.connect() as connection:
        _run(connection, "downgrade", revision)
    engine.dispose()


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration with the packaged scripts."""
    made = Config()
    made.set_main_option("script_location", str(Path(migrations.__file__).parent))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def _run(connection: Connection, direction: str, revision: str) -> None:
    postgres = connection.dialect.name == "postgresql"
    if postgres:
        connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.commit()
    try:
        getattr(command, direction)(config(connection), revision)
        connection.commit()
    finally:
        if postgres:
            connection.rollback()
            connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()


def _refuse_newer(connection: Connection) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if current is not None and current not in known:
        raise StartError(
            T(
                "The database was written by a newer Chimera (revision {revision}). "
                "Install that version again, or restore a backup from before the upgrade.",
                revision=current,
            )
        )
