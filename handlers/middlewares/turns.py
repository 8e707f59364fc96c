"""One update of a conversation after the other (chat and person), and where the chat keeps its memory."""

from typing import Any

from aiogram.fsm.middleware import FSMContextMiddleware
from aiogram.types import TelegramObject

from handlers.middlewares.tracing import Handler


class Turns(FSMContextMiddleware):
    """The library's own, without its read of a state at every update: what is open, the dialogs know."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        data["fsm_storage"] = self.storage
        context = self.resolve_event_context(data["bot"], data)
        if context is None:
            return await handler(event, data)
        async with self.events_isolation.lock(context.key):
            data["state"] = context
            return await handler(event, data)
