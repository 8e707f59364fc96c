"""What happens to chats themselves: the bot is added, blocked, let in again, or the group moves."""

from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import ChatMemberUpdated, Message, TelegramObject, Update

from core.channels.linking import OfferLink, Place
from core.outbox.closing import Chats
from handlers.delivery.troubles import BLOCKED
from handlers.middlewares.tracing import Handler

_OUT = ("left", "kicked")


class Places(BaseMiddleware):
    """Deals with updates about a chat; they are nobody's request, so no rights are asked for."""

    def __init__(self, chats: Chats, offer: OfferLink) -> None:
        self._chats = chats
        self._offer = offer

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        match event:
            case Update(my_chat_member=ChatMemberUpdated() as change, update_id=number):
                await self._changed(change, f"tg:{number}:link")
            case Update(message=Message(migrate_to_chat_id=int() as new) as message):
                await self._chats.move(message.chat.id, new)
            case Update(message=Message(migrate_from_chat_id=int() as old) as message):
                await self._chats.move(old, message.chat.id)
            case _:
                return await handler(event, data)
        return None

    async def _changed(self, change: ChatMemberUpdated, key: str) -> None:
        if change.new_chat_member.status in _OUT:
            await self._chats.close(change.chat.id, BLOCKED)
            return
        await self._chats.reopen(change.chat.id)
        added = change.old_chat_member.status in _OUT and change.chat.type != "private"
        if added and not change.from_user.is_bot:
            place = Place(change.chat.id, change.chat.title or "", bool(change.chat.is_forum))
            await self._offer(change.from_user.id, place, key=key)
