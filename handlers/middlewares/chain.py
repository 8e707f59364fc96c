"""Several middlewares as one."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject

from handlers.middlewares.tracing import Handler


class Chain(BaseMiddleware):
    """Puts one middleware round the other. The library would copy names and docs of each at every update."""

    def __init__(self, middlewares: Sequence[BaseMiddleware]) -> None:
        self._inside_out = tuple(reversed(middlewares))

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        for middleware in self._inside_out:
            handler = partial(middleware, handler)
        return await handler(event, data)
