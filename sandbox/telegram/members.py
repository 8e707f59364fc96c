"""ChatMember objects and the my_chat_member updates about the bot."""

from sandbox.telegram.model import BotStatus, Chat, Json, User
from sandbox.telegram.world import World

_RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
    "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
    "can_delete_stories", "can_pin_messages", "can_manage_topics", "can_send_welcome_messages",
)  # fmt: skip


def member(chat: Chat, user: User) -> Json:
    if user.id not in chat.members:
        return _status("left", user)
    return _status("administrator" if user.id in chat.admins else "member", user)


def bot_member(chat: Chat, bot: User) -> Json:
    return _status(chat.bot_status, bot)


def _status(status: str, user: User) -> Json:
    data: Json = {"status": status, "user": user.as_json()}
    if status == "administrator":
        data.update(dict.fromkeys(_RIGHTS, True), can_be_edited=False, is_anonymous=False)
    if status == "kicked":
        data["until_date"] = 0
    return data


def change_bot_status(world: World, chat: Chat, status: BotStatus, by: User) -> None:
    """Set what the bot is in the chat and queue the my_chat_member update."""
    old = bot_member(chat, world.bot)
    chat.bot_status = status
    world.feed.announce("chat", chat=chat.id)
    payload = {
        "chat": chat.as_json(),
        "from": by.as_json(),
        "date": int(world.clock()),
        "old_chat_member": old,
        "new_chat_member": bot_member(chat, world.bot),
    }
    world.updates.put("my_chat_member", payload)


def change_member_status(world: World, chat: Chat, user: User, status: BotStatus, by: User) -> None:
    """Set what a person is in a group; the bot hears of it as administrator, if it asked for that."""
    old = member(chat, user)
    if status in {"left", "kicked"}:
        chat.members.pop(user.id, None)
    else:
        chat.members[user.id] = user
    (chat.admins.add if status == "administrator" else chat.admins.discard)(user.id)
    payload = {
        "chat": chat.as_json(),
        "from": by.as_json(),
        "date": int(world.clock()),
        "old_chat_member": old,
        "new_chat_member": _status(status, user),
    }
    if world.manages(chat):
        world.updates.put("chat_member", payload)
