"""Keeps the cards of runs drawn: one message each, edited until it shows the end (X-11).

What is drawn is always the newest state, so changes in between are left out by themselves.
Which message a card has and what it shows is in the database: after a restart the same
message goes on. Only an answer that the network lost, or a kill between sending and noting, leaves
a second one: nobody knows its number, so nobody can edit it. That is why the first thing a card
says of a run at work holds for ever, and how it stands comes with the first edit. The buttons of a
second one are dead, since they count on the noted message only.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiogram.methods import EditMessageText, SendMessage, TelegramMethod

from core.clock import Clock
from core.i18n import Translator
from core.lanes import POLL_SECONDS, Lanes, Work
from core.notices.chats import NOTICE
from core.outbox.cards import CardShelf, CardView
from core.outbox.model import Card
from core.outbox.wake import Listener
from core.texts import Text
from handlers.cards.run_card import Look, Picture, draw_begun, draw_run
from handlers.delivery.letters import NO_PREVIEW, reply
from handlers.delivery.pacing import EDIT, PacerClosed
from handlers.delivery.postman import Postman
from handlers.delivery.troubles import Kind, Trouble
from handlers.formatting import keyboard, say, split


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds between two edits of one card, in a private chat and in a group."""

    private: float = 3.0
    group: float = 6.0

    def of(self, chat_id: int) -> float:
        return self.private if chat_id > 0 else self.group


_BEGUN = "begun"
"""What a card shows that only says which run it is of: no digest of a picture."""


class CardDrawer(Lanes):
    """Draws every living card, each in its own time."""

    name = "cards"

    def __init__(
        self,
        shelf: CardShelf,
        postman: Postman,
        clock: Clock,
        wake: Listener,
        *,
        rhythm: Rhythm | None = None,
        clock_note: Text | None = None,
    ) -> None:
        super().__init__(wake)
        self._shelf = shelf
        self._postman = postman
        self._clock = clock
        self._rhythm = rhythm or Rhythm()
        self._clock_note = clock_note
        self._rests: dict[int, float] = {}
        self._resumed = False

    async def look(self) -> Mapping[int, Work]:
        """Return the cards that no longer show how their run stands, and may be edited now."""
        now = asyncio.get_running_loop().time()
        living = await self._shelf.live()
        self._rests = {card.id: self._rests.get(card.id, now + self._left(card)) for card in living}
        self._resumed = True
        ready = [one for one in living if one.id not in self.busy and self._rests.get(one.id, 0) <= now]
        views = await self._shelf.views(ready)
        return {view.card.id: partial(self._draw, view) for view in views if self._outdated(view)}

    def _outdated(self, view: CardView) -> bool:
        return self._digest(view) != view.card.shown or not view.run.state.open

    async def _draw(self, view: CardView) -> None:
        """Draw one card after its turn has come; whatever comes of it, the next try is a while later."""
        card = view.card
        urgent = card.message_id is None or not view.run.state.open
        with suppress(PacerClosed):
            async with self._postman.pacer.turn(card.chat_id, NOTICE if urgent else EDIT):
                self._rest(card)
                found = await self._shelf.view(card.id)
                if found is not None and found.card.chat_id == card.chat_id:
                    await self._show(found)

    async def _show(self, view: CardView) -> None:
        card, final = view.card, not view.run.state.open
        digest = _BEGUN if _begins(view) else self._digest(view)
        if view.barred:
            await self._shelf.dead(card.id, "its reader was removed")
            return
        if digest == card.shown and card.message_id is not None:
            await self._shelf.shown(card, card.message_id, digest, final=final)
            return
        result = await self._postman.deliver(card.chat_id, await self._call(view), edited_in=card.thread_id)
        self._rest(card)
        match result:
            case int():
                await self._shelf.shown(card, card.message_id or result, digest, final=final)
            case Trouble(kind=Kind.SAME) if card.message_id is not None:
                await self._shelf.shown(card, card.message_id, digest, final=final)
            case Trouble(kind=Kind.LOST):
                await self._shelf.deleted(card.id)
                self._rests.pop(card.id, None)
                self.bell.ring()
            case Trouble(kind=Kind.LATER | Kind.FLOOD | Kind.MOVED | Kind.GONE):
                pass
            case Trouble(detail=detail):
                await self._shelf.dead(card.id, detail)

    async def _call(self, view: CardView) -> TelegramMethod[Any]:
        card, picture = view.card, self._picture(view, timeless=False, begins=_begins(view))
        translator = Translator(card.locale, view.run.zone, view.run.currency)
        choices = [choice for row in picture.choices for choice in row]
        ids = await self._shelf.buttons(card, choices)
        rows = [[(say(translator, one.label), ids[one.action]) for one in row] for row in picture.choices]
        text, entities = split(picture.node)[0]
        if card.message_id is None:
            return SendMessage(
                chat_id=card.chat_id,
                message_thread_id=card.thread_id,
                text=text,
                entities=entities,
                reply_markup=keyboard(rows),
                reply_parameters=reply(await self._shelf.previous(card)),
                link_preview_options=NO_PREVIEW,
            )
        return EditMessageText(
            chat_id=card.chat_id,
            message_id=card.message_id,
            text=text,
            entities=entities,
            reply_markup=keyboard(rows),
            link_preview_options=NO_PREVIEW,
        )

    def _picture(self, view: CardView, *, timeless: bool, begins: bool = False) -> Picture:
        card, run = view.card, view.run
        now = None if timeless else self._clock.now()
        look = Look(
            Translator(card.locale, run.zone, run.currency), now, card.chat_id < 0, self._clock_note, view.reader
        )
        return draw_begun(run, look) if begins else draw_run(run, look)

    def _digest(self, view: CardView) -> str:
        """Return what stands for text and buttons; the passing of time alone is no change."""
        picture = self._picture(view, timeless=True)
        buttons = [[choice.action for choice in row] for row in picture.choices]
        return hashlib.sha256(repr((picture.node.as_pretty_string(), buttons)).encode()).hexdigest()

    def pause(self) -> float:
        """Seconds until the next look: when the next card may be edited again, at most a second."""
        now = asyncio.get_running_loop().time()
        return min([POLL_SECONDS, *(at - now for at in self._rests.values() if at > now)])

    def _left(self, card: Card) -> float:
        """Return how long a card rests that an earlier process drew last: it may have been killed amid an edit."""
        if card.message_id is None or card.shown_at is None:
            return 0
        if not self._resumed:
            return self._rhythm.of(card.chat_id)
        passed = (self._clock.now() - card.shown_at).total_seconds()
        # A clock that was set back makes no rest longer than the usual one.
        return min(self._rhythm.of(card.chat_id), max(0.0, self._rhythm.of(card.chat_id) - passed))

    def _rest(self, card: Card) -> None:
        self._rests[card.id] = asyncio.get_running_loop().time() + self._rhythm.of(card.chat_id)


def _begins(view: CardView) -> bool:
    """Tell whether a card's next message is its first one, of a run whose end is open."""
    return view.card.message_id is None and view.run.state.open
