"""Somebody in a chat, read out of an update."""

from dataclasses import dataclass

from aiogram.types import CallbackQuery, Chat, Message, Update, User

_NAME = 120


@dataclass(frozen=True, slots=True)
class Voice:
    """A person in a chat, read out of an update."""

    user: User
    chat: Chat
    message: Message | None
    thread_id: int | None

    @property
    def private(self) -> bool:
        return self.chat.type == "private"

    @property
    def name(self) -> str:
        return self.user.full_name[:_NAME]

    @property
    def group_id(self) -> int | None:
        return None if self.private else self.chat.id


def voice_of(update: Update) -> Voice | None:
    match update:
        case Update(message=Message(from_user=User(is_bot=False) as user, sender_chat=None, via_bot=None) as message):
            thread = message.message_thread_id if message.is_topic_message else None
            return Voice(user, message.chat, message, thread)
        case Update(edited_message=Message(from_user=User(is_bot=False) as user, chat=Chat(type="private") as chat)):
            return Voice(user, chat, None, None)
        case Update(callback_query=CallbackQuery() as query) if query.message is not None:
            carrier = query.message
            if carrier.chat.type == "private" and carrier.chat.id != query.from_user.id:
                return None
            topic = isinstance(carrier, Message) and carrier.is_topic_message
            thread = carrier.message_thread_id if topic and isinstance(carrier, Message) else None
            return Voice(query.from_user, carrier.chat, None, thread)
        case _:
            return None
