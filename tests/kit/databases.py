"""Databases whose engines outlive a test: what SQLAlchemy compiled for one test serves the next."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.db.database import Database


class Databases:
    """Lends one database after the other. All files of SQLite are reached through one link."""

    def __init__(self, template: Path, folder: Path) -> None:
        self._template = template
        self._link = folder / "now"
        self._kept: dict[str, Database] = {}

    @asynccontextmanager
    async def at(self, url: str) -> AsyncIterator[Database]:
        """Lend the database of an address."""
        database = self._kept.pop(url, None) or Database(url)
        yield database
        await database.close()
        self._kept[url] = database

    @asynccontextmanager
    async def in_folder(self, folder: Path) -> AsyncIterator[Database]:
        """Lend an empty, migrated file in a folder, where it stays."""
        shutil.copy(self._template, folder / "chimera.db")
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(folder)
        async with self.at(f"sqlite:///{self._link / 'chimera.db'}") as database:
            yield database
