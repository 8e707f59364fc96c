"""One update of a conversation after the other (chat and person), and where the chat keeps its memory."""

import asyncio
from typing import Any

import structlog
from aiogram.exceptions import AiogramError
from aiogram.fsm.middleware import FSMContextMiddleware
from aiogram.fsm.storage.base import BaseEventIsolation, BaseStorage
from aiogram.types import CallbackQuery, TelegramObject, Update

from core.i18n import Translator, pick_locale
from core.nursery import Nursery
from core.texts import T
from handlers.formatting import say
from handlers.middlewares.tracing import Handler
from handlers.talk import UTC

ANSWERED = "answered"
"""Says that a tap has had its answer already."""
NO_ANSWER_DUE = ""
"""Stands for the id of a tap that an earlier process answered before it was cut off."""
MOMENT = T("One moment …")
_PATIENCE_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Turns(FSMContextMiddleware):
    """The library's own, without its read of a state at every update: what is open, the dialogs know.

    A tap whose turn does not come soon is answered meanwhile: what goes before it may be a message
    that Telegram lets nobody send for a minute.
    """

    def __init__(self, storage: BaseStorage, isolation: BaseEventIsolation, nursery: Nursery) -> None:
        super().__init__(storage, isolation)
        self._nursery = nursery

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        data["fsm_storage"] = self.storage
        context = self.resolve_event_context(data["bot"], data)
        if context is None:
            return await handler(event, data)
        tap = event.callback_query if isinstance(event, Update) else None
        late = None
        if tap is not None and tap.id == NO_ANSWER_DUE:
            data[ANSWERED] = True
        elif tap is not None:
            late = asyncio.get_running_loop().call_later(_PATIENCE_SECONDS, self._answer, tap, data)
        async with self.events_isolation.lock(context.key):
            if late is not None:
                late.cancel()
            data["state"] = context
            return await handler(event, data)

    def _answer(self, tap: CallbackQuery, data: dict[str, Any]) -> None:
        data[ANSWERED] = True
        self._nursery.start("answer tap", put_off(tap))


async def put_off(tap: CallbackQuery) -> None:
    """Answer a tap before it is known what comes of it; that follows as a message."""
    try:
        await tap.answer(say(Translator(pick_locale(tap.from_user.language_code), UTC), MOMENT))
    except AiogramError as error:
        log.warning("tap_unanswered", detail=str(error))
