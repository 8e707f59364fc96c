"""Every update counts once, and its answers are written together with that fact (X-9)."""

from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, Update

from core.chat.updates import Reply, Updates
from core.outbox.wake import Wake
from handlers.middlewares.tracing import Handler

REPLIES = "replies"


class Once(BaseMiddleware):
    """Skips known updates; at the end writes the answers and remembers the update."""

    def __init__(self, updates: Updates, wake: Wake) -> None:
        self._updates = updates
        self._wake = wake

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, Update) or await self._updates.known(event.update_id):
            return None
        replies: list[Reply] = []
        data[REPLIES] = replies
        result = await handler(event, data)
        await self._updates.finish(event.update_id, replies)
        self._wake.ring()
        return result
