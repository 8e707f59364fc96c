"""For whom lists of commands are shown, and which ones the messenger has already."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.access import Role
from core.chat.model import CommandList
from core.db.database import Database
from core.people.model import ADMITTED, Person


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody with a private chat. `locale` None follows the settings of their Telegram."""

    telegram_id: int
    role: Role
    locale: str | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """Who reads commands, and by place the digest of the list that is shown there."""

    readers: list[Reader]
    shown: dict[str, str]


class ShownCommands:
    """Remembers the lists across restarts, so that they are set only when they differ."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self) -> Shelf:
        return await self._database.read(_look)

    async def note(self, place: str, digest: str | None) -> None:
        """Remember what a place shows now, None for nothing of its own."""

        def write(session: Session) -> None:
            if digest is None:
                session.execute(delete(CommandList).where(CommandList.place == place))
            else:
                session.merge(CommandList(place=place, digest=digest))

        await self._database.write(write)


def _look(session: Session) -> Shelf:
    """Read both; who belongs to several organisations counts as in private: by the first."""
    people = session.scalars(select(Person).where(ADMITTED, Person.private_chat).order_by(Person.id.desc()))
    readers = {one.telegram_id: Reader(one.telegram_id, Role.named(one.role), one.locale) for one in people}
    shown = {one.place: one.digest for one in session.scalars(select(CommandList))}
    return Shelf(list(readers.values()), shown)
