"""The drawer's view of cards: which are alive, what they show, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor
from core.clock import Clock
from core.db.database import Database
from core.executions.model import Execution
from core.executions.views import RunView, load_run
from core.outbox.content import Choice
from core.outbox.model import ALIVE, DEAD, FINAL, LIVE, REDRAWN, Card
from core.outbox.writing import Outbox
from core.people.repository import find_person
from core.people.scopes import acting

DELETED_ONCE = "a person deleted it once"
_REASON = 250


@dataclass(frozen=True, slots=True)
class CardView:
    """A card with its run. `reader` is whose private chat it is in (None: a group), `barred` who left."""

    card: Card
    run: RunView
    reader: Actor | None = None
    barred: bool = False


class CardShelf:
    """Reads and settles cards. The row is there before the message (nothing is orphaned)."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox

    async def live(self) -> list[Card]:
        async with self._database.reading() as session:
            return list(await session.scalars(select(Card).where(Card.state.in_(ALIVE)).order_by(Card.id)))

    async def views(self, cards: Sequence[Card]) -> list[CardView]:
        """Read the runs of some cards, each once, as their readers may see them."""
        async with self._database.reading() as session:
            runs = {
                number: await session.run_sync(load_run, number) for number in {card.execution_id for card in cards}
            }
            pairs = [(card, run) for card in cards if (run := runs[card.execution_id]) is not None]
            return [await _view(session, card, run) for card, run in pairs]

    async def view(self, card_id: int) -> CardView | None:
        """Read a living card anew with its run; None when it lives no more."""
        async with self._database.reading() as session:
            card = await session.get(Card, card_id)
            run = (
                None if card is None or card.state not in ALIVE else await session.run_sync(load_run, card.execution_id)
            )
            return None if card is None or run is None else await _view(session, card, run)

    async def buttons(self, card: Card, choices: Sequence[Choice]) -> dict[str, str]:
        """Return the opaque id of each action's button on a card."""
        if not choices:
            return {}
        async with self._database.writing() as session:
            return await self._outbox.card_buttons(session, card, list(choices))

    async def previous(self, card: Card) -> int | None:
        """Return the message that shows the job's run before in the same chat and topic."""
        async with self._database.reading() as session:
            job = select(Execution.job_id).where(Execution.id == card.execution_id).scalar_subquery()
            found: int | None = await session.scalar(
                select(Card.message_id)
                .join(Execution, Execution.id == Card.execution_id)
                .where(
                    Execution.job_id == job,
                    Execution.id < card.execution_id,
                    Card.chat_id == card.chat_id,
                    Card.thread_id.is_not_distinct_from(card.thread_id),
                    Card.message_id.is_not(None),
                )
                .order_by(Execution.id.desc())
                .limit(1)
            )
        return found

    async def shown(self, card: Card, message_id: int, digest: str, *, final: bool) -> None:
        """Note what the chat shows now, under the chat's id at that time."""
        async with self._database.writing() as session:
            row = await session.get_one(Card, card.id)
            if row.state in ALIVE and row.chat_id == card.chat_id:
                row.message_id, row.shown, row.shown_at = message_id, digest, self._clock.now()
                row.state = FINAL if final else LIVE

    async def deleted(self, card_id: int) -> None:
        """Note that a person deleted the message: while its run goes on it is sent anew once, then it rests."""
        async with self._database.writing() as session:
            row = await session.get_one(Card, card_id)
            row.message_id = row.shown = None
            if row.state == REDRAWN:
                row.state, row.reason = DEAD, "a person deleted it"
            elif row.reason == DELETED_ONCE:
                row.state, row.reason = DEAD, "a person deleted it twice"
            else:
                row.reason = DELETED_ONCE

    async def dead(self, card_id: int, reason: str) -> None:
        async with self._database.writing() as session:
            row = await session.get_one(Card, card_id)
            row.state, row.reason = DEAD, reason[:_REASON]


async def _view(session: AsyncSession, card: Card, run: RunView) -> CardView:
    """Return a card as it may be shown: in a private chat the stores of the reader's scope only."""
    person = await find_person(session, card.organisation_id, card.chat_id) if card.chat_id > 0 else None
    if person is None:
        return CardView(card, run)
    reader = await acting(session, person, "chat", card.locale)
    own = replace(run, stores=[store for store in run.stores if reader.sees(store.store_id)])
    return CardView(card, own, reader, barred=not person.admitted)
