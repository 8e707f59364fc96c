"""Databases whose engines outlive a test: what SQLAlchemy compiled for one test serves the next."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.db.database import Database, _Threads
from core.db.door import Door


class Kept(Database):
    """Ends its connections where another database closes, and can be used again."""

    async def close(self) -> None:
        await self.engine.dispose()
        self._door, self.writes_for_people = Door(), 0
        if (used := self._threads) is not None:
            used.close()
            self._threads = fresh = _Threads(self.url)
            fresh._engine, fresh._writing_engine = used._engine, used._writing_engine
            fresh._hasty_engine = used._hasty_engine


class Databases:
    """Lends one database after the other. All files of SQLite are reached through one link."""

    def __init__(self, template: Path, folder: Path) -> None:
        self._template = template
        self._link = folder / "now"
        self._kept: dict[str, Kept] = {}

    @asynccontextmanager
    async def at(self, url: str) -> AsyncIterator[Database]:
        """Lend the database of an address."""
        database = self._kept.pop(url, None) or Kept(url)
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
