"""Updates that are confirmed before they are handled: kept first, forgotten afterwards (X-9)."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from core.chat.model import HandledUpdate, ReceivedUpdate
from core.clock import Clock
from core.db.database import Database
from core.secrets import SealBroken, SecretBox

_PLACE = "received_updates.body"


@dataclass(frozen=True, slots=True)
class Kept:
    """An update that waits to be handled, as JSON."""

    update_id: int
    body: str


class Inbox:
    """Keeps updates sealed, since people may have typed secrets. Every method is safe to repeat."""

    def __init__(self, database: Database, clock: Clock, box: SecretBox) -> None:
        self._database = database
        self._clock = clock
        self._box = box

    async def keep(self, update_id: int, body: str) -> bool:
        """Keep an update; False for one that is known already, handled or not."""
        try:
            async with self._database.writing() as session:
                for table in (HandledUpdate, ReceivedUpdate):
                    if await session.get(table, update_id) is not None:
                        return False
                sealed = self._box.seal(body, _PLACE)
                session.add(ReceivedUpdate(update_id=update_id, received_at=self._clock.now(), body=sealed))
        except IntegrityError:
            # On PostgreSQL the same update may be kept twice at once: the other one has it.
            return False
        return True

    async def put_by(self, update_id: int, body: str) -> None:
        """Keep an update as it stands now, unless it was handled meanwhile."""
        async with self._database.writing() as session:
            if await session.get(HandledUpdate, update_id) is None:
                sealed = self._box.seal(body, _PLACE)
                await session.merge(ReceivedUpdate(update_id=update_id, received_at=self._clock.now(), body=sealed))

    async def waiting(self) -> list[Kept]:
        """Return what waits, in Telegram's order. What no longer opens (another key) is left out."""
        async with self._database.reading() as session:
            rows = list(await session.scalars(select(ReceivedUpdate).order_by(ReceivedUpdate.update_id)))
        return [kept for row in rows if (kept := self._open(row)) is not None]

    async def done(self, update_id: int) -> None:
        async with self._database.writing() as session:
            await session.execute(delete(ReceivedUpdate).where(ReceivedUpdate.update_id == update_id))

    def _open(self, row: ReceivedUpdate) -> Kept | None:
        try:
            return Kept(row.update_id, self._box.open(row.body, _PLACE))
        except SealBroken:
            return None
