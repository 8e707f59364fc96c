"""One correlation id from the update through everything it causes (X-14)."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, Update
from structlog.contextvars import bind_contextvars, reset_contextvars

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Tracing(BaseMiddleware):
    """Binds a correlation id to the logs, runs and audit entries of an update: a repeated one goes on under its own."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        number = event.update_id if isinstance(event, Update) else "?"
        bound = bind_contextvars(correlation_id=f"tg:{number}")
        try:
            return await handler(event, data)
        finally:
            reset_contextvars(**bound)
