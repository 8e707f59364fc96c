"""Messages that hold a secret are taken away as soon as they are read."""

import structlog
from aiogram.exceptions import AiogramError
from aiogram.types import ChatMemberAdministrator, Message

from core.texts import T
from handlers.dialogs.menu import Menu

log = structlog.get_logger(__name__)


async def take_away(menu: Menu, message: Message) -> None:
    """Delete a message that holds a secret; say so where the bot may not, or Telegram does not let it."""
    try:
        gone = await _may_delete(message) and await menu.messages.take_away(message.chat.id, message.message_id)
    except AiogramError as error:
        log.warning("secret_not_deleted", detail=str(error))
        gone = False
    if not gone:
        menu.note(T("I could not take your message away. Delete it yourself, it holds a secret."))


async def _may_delete(message: Message) -> bool:
    """Tell whether the bot may delete here: in a group only administrators take others' messages away."""
    if message.chat.type == "private" or message.bot is None:
        return True
    me = await message.bot.get_chat_member(message.chat.id, message.bot.id)
    return isinstance(me, ChatMemberAdministrator) and me.can_delete_messages
