"""From the middlewares to the routers."""

from typing import Any

from aiogram import BaseMiddleware, Router
from aiogram.types import TelegramObject, Update

from handlers.middlewares.tracing import Handler


class Onward(BaseMiddleware):
    """Hands what an update is about to the routers. The library would first ask who handles updates as such: nobody."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, Update):
            return await handler(event, data)
        return await self._router.propagate_event(event.event_type, event.event, event_update=event, **data)
