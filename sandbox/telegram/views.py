"""What chat pages are told, as JSON: people, chats, messages as they stand now."""

from dataclasses import asdict
from typing import Any

from sandbox.telegram.entities import Formatted, with_detected
from sandbox.telegram.feed import Change, News
from sandbox.telegram.model import Chat, Json, Message, StoredFile, User


def message_view(message: Message) -> Json:
    """Describe a message for a page: what is shown now, with its formatting and rows of buttons."""
    return {
        "id": message.id,
        "chat": message.chat.id,
        "from": message.sender.first_name,
        "person": None if message.is_from_bot else message.sender.id,
        "date": message.date,
        "text": message.text,
        "entities": with_detected(Formatted(message.text, message.entities)),
        "html": message.html,
        "buttons": [[asdict(button) for button in row] for row in message.buttons],
        "markup": message.markup,
        "edits": message.edits,
        "edited_at": message.edited_at,
        "deleted": message.deleted,
        "reply_to": message.reply_to,
        "thread": message.thread_id,
        "file": _file_view(message.file),
        "photo": message.photo is not None,
        "spoiler": message.spoiler,
        "caption_above": message.caption_above,
        "album": message.media_group_id,
        "via": message.via_bot.username if message.via_bot else None,
        "forwarded": message.forward_origin is not None,
        "service": message.service,
    }


def _file_view(file: StoredFile | None) -> Json | None:
    if file is None:
        return None
    size = {"width": file.width, "height": file.height} if file.width else {}
    return {"id": file.file_id, "name": file.name, "size": len(file.data), "type": file.content_type, **size}


def chat_view(chat: Chat) -> Json:
    return {
        **chat.as_json(),
        "title": chat.title,
        "forum": chat.forum,
        "members": [one.as_json() for one in chat.members.values()],
        "admins": sorted(chat.admins),
        "topics": {str(thread): name for thread, name in chat.topics.items()},
        "closed_topics": sorted(chat.closed_topics),
        "pinned": chat.pinned,
        "bot_status": chat.bot_status,
        "migrated_to": chat.migrated_to,
        "messages": len(chat.messages),
    }


def person_view(user: User) -> Json:
    return {"id": user.id, "name": user.first_name, "language": user.language, "username": user.username}


def change_view(change: Change) -> Json:
    return {"kind": change.kind, "message": message_view(change.message)}


def news_view(item: Change | News) -> dict[str, Any]:
    return change_view(item) if isinstance(item, Change) else {"kind": item.kind, **item.about}
