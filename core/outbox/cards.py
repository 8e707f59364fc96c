"""The drawer's view of cards: which are alive, what they show, and what became of them."""

from collections.abc import Sequence

from sqlalchemy import select

from core.clock import Clock
from core.db.database import Database
from core.executions.views import RunView, load_run
from core.outbox.content import Choice
from core.outbox.model import Card
from core.outbox.writing import Outbox

LIVE, FINAL, DEAD = "live", "final", "dead"
DELETED_ONCE = "a person deleted it once"
_REASON = 250


class CardShelf:
    """Reads and settles cards. The row is there before the message (nothing is orphaned)."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox

    async def live(self) -> list[Card]:
        async with self._database.reading() as session:
            return list(await session.scalars(select(Card).where(Card.state == LIVE).order_by(Card.id)))

    async def runs(self, execution_ids: Sequence[int]) -> dict[int, RunView]:
        """Read the runs of some cards, each once."""
        async with self._database.reading() as session:
            found = {number: await load_run(session, number) for number in execution_ids}
        return {number: run for number, run in found.items() if run is not None}

    async def card(self, card_id: int) -> tuple[Card, RunView] | None:
        """Read a living card anew with its run; None when it lives no more."""
        async with self._database.reading() as session:
            card = await session.get(Card, card_id)
            run = None if card is None or card.state != LIVE else await load_run(session, card.execution_id)
            return None if card is None or run is None else (card, run)

    async def buttons(self, card: Card, choices: Sequence[Choice]) -> dict[str, str]:
        """Return the opaque id of each action's button on a card."""
        if not choices:
            return {}
        async with self._database.writing() as session:
            return await self._outbox.card_buttons(session, card, list(choices))

    async def shown(self, card: Card, message_id: int, digest: str, *, final: bool) -> None:
        """Note what the chat shows now, under the chat's id at that time."""
        async with self._database.writing() as session:
            row = await session.get_one(Card, card.id)
            if row.state == LIVE and row.chat_id == card.chat_id:
                row.message_id, row.shown, row.shown_at = message_id, digest, self._clock.now()
                row.state = FINAL if final else LIVE

    async def deleted(self, card_id: int) -> None:
        """Note that a person deleted the message: once it is sent anew, then it rests."""
        async with self._database.writing() as session:
            row = await session.get_one(Card, card_id)
            row.message_id = row.shown = None
            if row.reason == DELETED_ONCE:
                row.state, row.reason = DEAD, "a person deleted it twice"
            else:
                row.reason = DELETED_ONCE

    async def dead(self, card_id: int, reason: str) -> None:
        async with self._database.writing() as session:
            row = await session.get_one(Card, card_id)
            row.state, row.reason = DEAD, reason[:_REASON]
