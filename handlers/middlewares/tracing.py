"""One correlation id from the update through everything it causes (X-14)."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, Update
from structlog.contextvars import bind_contextvars, reset_contextvars

from core.chat.updates import correlation_of

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Tracing(BaseMiddleware):
    """Binds a correlation id to the logs, runs and audit entries of an update: a repeated one goes on under its own."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        cause = correlation_of(event.update_id) if isinstance(event, Update) else "tg:?"
        bound = bind_contextvars(correlation_id=cause)
        try:
            return await handler(event, data)
        finally:
            reset_contextvars(**bound)
