"""The durable sender: every row of the outbox arrives, in order within its chat (CH-14)."""

import itertools
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog
from aiogram.types import InlineKeyboardMarkup

from core.lanes import Lanes, Work
from core.outbox.model import Message
from core.outbox.queue import OutboxQueue, Outgoing
from core.outbox.wake import Listener
from core.texts import T
from handlers.delivery.letters import Piece, call, cut
from handlers.delivery.pacing import PacerClosed
from handlers.delivery.postman import CALL_SECONDS, Postman
from handlers.delivery.troubles import Kind, Trouble
from handlers.formatting import draw_body

_BYTES_A_SECOND = 50_000

log = structlog.get_logger(__name__)


class OutboxSender(Lanes):
    """Sends what waits, one chat beside the other, one message after the other in each.

    A call whose answer was lost (time-out, reset, kill -9) may have arrived or not. It is made
    again: nothing may be lost, and a message twice does no harm. Buttons count on the copy
    whose id is known only.
    """

    name = "outbox"

    def __init__(self, queue: OutboxQueue, postman: Postman, wake: Listener) -> None:
        super().__init__(wake)
        self._queue = queue
        self._postman = postman

    async def look(self) -> Mapping[int, Work]:
        return {chat_id: partial(self._empty, chat_id) for chat_id in await self._queue.chats()}

    async def _empty(self, chat_id: int) -> None:
        """Empty the queue of one chat; every second message may be one that waited long for more urgent ones."""
        patience = timedelta(seconds=self._postman.pacer.paces.patience)
        turns = itertools.cycle((None, patience))
        with suppress(PacerClosed):
            while not self.stopping and (outgoing := await self._queue.head(chat_id)) is not None:
                async with self._postman.pacer.turn(chat_id, outgoing.message.priority):
                    # Something more urgent may have come while this one waited for its turn.
                    urgent = await self._queue.head(chat_id, next(turns))
                    if urgent is not None:
                        await self._send(urgent)

    async def _send(self, outgoing: Outgoing) -> None:
        message = outgoing.message
        if not await self._queue.begin(message.id):
            return
        try:
            translator = outgoing.translator
            parts, buttons = draw_body(translator, message.body)
        except Exception:
            # A row that cannot be drawn would block its chat for ever.
            log.exception("message_undrawable", message=message.id)
            await self._queue.dead(message.id, T("it cannot be drawn. The log tells more."))
            return
        file = await self._queue.file(message)
        if file is None and "file" in message.body:
            await self._queue.dead(message.id, T("its file is gone."))
        elif pieces := cut(parts, file):
            await self._send_piece(message, pieces, buttons)
        else:
            await self._queue.dead(message.id, T("it is empty."))

    async def _send_piece(self, message: Message, pieces: list[Piece], buttons: InlineKeyboardMarkup | None) -> None:
        """Send the next piece of a message (most have one); the last one carries the buttons."""
        number = min(message.body.get("parts_sent", 0), len(pieces) - 1)
        last, piece = number == len(pieces) - 1, pieces[number]
        method = call(message, piece, buttons if last else None, first=number == 0)
        seconds = CALL_SECONDS + (len(piece.file.data) / _BYTES_A_SECOND if piece.file else 0)
        result = await self._postman.deliver(message.chat_id, method, seconds, edited_in=message.thread_id)
        if isinstance(result, Trouble) and result.kind is Kind.NO_REPLY:
            method = method.model_copy(update={"reply_parameters": None})
            result = await self._postman.deliver(message.chat_id, method, seconds)
        if isinstance(result, Trouble) and result.kind is Kind.SAME:
            result = int(message.body["replaces"])
        if isinstance(result, Trouble):
            await self._settle(message, result)
        elif last:
            await self._queue.sent(message.id, result)
        else:
            await self._queue.part_sent(message.id, number + 1)

    async def _settle(self, message: Message, trouble: Trouble) -> None:
        if trouble.kind in (Kind.LATER, Kind.FLOOD, Kind.MOVED):
            await self._queue.back(message.id)
        elif trouble.kind is Kind.LOST:
            await self._queue.anew(message.id)
        else:
            await self._queue.dead(
                message.id, trouble.text or T("Telegram refused it: {detail}", detail=trouble.detail)
            )
