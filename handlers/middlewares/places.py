"""What happens to chats themselves: the bot is blocked, let in again, or the group moves."""

from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import ChatMemberUpdated, Message, TelegramObject, Update

from core.outbox.closing import Chats
from core.texts import T
from handlers.middlewares.tracing import Handler

_OUT = ("left", "kicked")


class Places(BaseMiddleware):
    """Deals with updates about a chat; they are nobody's request, so no rights are asked for."""

    def __init__(self, chats: Chats) -> None:
        self._chats = chats

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        match event:
            case Update(my_chat_member=ChatMemberUpdated() as change):
                await self._changed(change)
            case Update(message=Message(migrate_to_chat_id=int() as new) as message):
                await self._chats.move(message.chat.id, new)
            case Update(message=Message(migrate_from_chat_id=int() as old) as message):
                await self._chats.move(old, message.chat.id)
            case _:
                return await handler(event, data)
        return None

    async def _changed(self, change: ChatMemberUpdated) -> None:
        if change.new_chat_member.status in _OUT:
            await self._chats.close(change.chat.id, T("the bot was blocked or removed there."))
        else:
            await self._chats.reopen(change.chat.id)
