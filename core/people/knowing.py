"""Telling who speaks. Read at every update, so that a changed role counts at once (X-3)."""

from datetime import timedelta

from core.clock import Clock
from core.db.database import Database
from core.people.claiming import UNNAMED
from core.people.model import Person
from core.people.repository import Member, find_member

CLOSE = timedelta(minutes=10)
"""Who was seen so short a time ago is not noted again, and counts as here."""


class Identify:
    """Find out who a Telegram user is in a chat; None for strangers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, telegram_id: int, group_id: int | None) -> Member | None:
        return await self._database.glance(lambda session: find_member(session.connection(), telegram_id, group_id))


class NoteSeen:
    """Remember that somebody was here, in which language, and whether in private: only then may the bot write first."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def due(self, person: Person, speaks: str | None) -> bool:
        """Tell whether it is time to note somebody again: not at every tap, to the minute nobody needs it.

        `speaks` is the language of their Telegram, as far as Chimera knows it.
        """
        seen = person.last_seen_at
        return seen is None or self._clock.now() - seen > CLOSE or speaks != person.client_locale

    async def __call__(self, person_id: int, name: str, speaks: str | None, *, private: bool) -> None:
        async with self._database.writing() as session:
            person = await session.get_one(Person, person_id)
            person.last_seen_at = self._clock.now()
            person.client_locale = speaks
            person.private_chat = person.private_chat or private
            if private and person.name == UNNAMED:
                person.name = name
