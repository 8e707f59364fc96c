"""Telling who speaks. Read at every update, so that a changed role counts at once (X-3)."""

from core.db.database import Database
from core.people.claiming import UNNAMED
from core.people.model import Person
from core.people.repository import Member, find_member


class Identify:
    """Find out who a Telegram user is in a chat; None for strangers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, telegram_id: int, group_id: int | None) -> Member | None:
        return await self._database.read(lambda session: find_member(session, telegram_id, group_id))


class NoteReachable:
    """Remember that somebody wrote in private: only then may the bot write to them first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, person_id: int, name: str) -> None:
        async with self._database.writing() as session:
            person = await session.get_one(Person, person_id)
            person.private_chat = True
            if person.name == UNNAMED:
                person.name = name
