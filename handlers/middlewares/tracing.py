"""One correlation id from the update through everything it causes (X-14)."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.types import TelegramObject

from core.ids import new_id

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Tracing(BaseMiddleware):
    """Binds a fresh correlation id to the logs, runs and audit entries of an update."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        with structlog.contextvars.bound_contextvars(correlation_id=new_id()):
            return await handler(event, data)
