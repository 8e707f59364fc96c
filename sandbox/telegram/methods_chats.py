"""What the bot may ask and do about a chat: getChat, members, chat actions, leaving."""

from typing import Any

from sandbox.telegram.access import reachable_chat, thread_of
from sandbox.telegram.errors import bad_request
from sandbox.telegram.members import bot_member, change_bot_status, member
from sandbox.telegram.model import Json
from sandbox.telegram.params import Params
from sandbox.telegram.world import World

ACTIONS = frozenset(
    {
        "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
        "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
    }
)  # fmt: skip

_FULL_INFO: Json = {
    "accent_color_id": 0,
    "max_reaction_count": 11,
    "accepted_gift_types": {
        "unlimited_gifts": False,
        "limited_gifts": False,
        "unique_gifts": False,
        "premium_subscription": False,
        "gifts_from_channels": False,
    },
}


def get_chat(world: World, params: Params) -> Json:
    chat = reachable_chat(world, params)
    pinned = chat.messages[chat.pinned[-1]].as_json(nested=True) if chat.pinned else None
    return {**chat.as_json(), **_FULL_INFO, **({"pinned_message": pinned} if pinned else {})}


def get_chat_member(world: World, params: Params) -> Json:
    chat = reachable_chat(world, params)
    user = world.users.get(params.integer("user_id"))
    if user is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return bot_member(chat, world.bot) if user is world.bot else member(chat, user)


def get_chat_administrators(world: World, params: Params) -> list[Json]:
    chat = reachable_chat(world, params)
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    people = [member(chat, user) for user in chat.members.values() if user.id in chat.admins]
    with_bots = params.boolean("return_bots") and chat.bot_status == "administrator"
    return [*people, bot_member(chat, world.bot)] if with_bots else people


def get_chat_member_count(world: World, params: Params) -> int:
    return len(reachable_chat(world, params).members) + 1


def send_chat_action(world: World, params: Params) -> bool:
    chat = reachable_chat(world, params)
    thread = thread_of(world, chat, params)
    if params.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.feed.announce("action", chat=chat.id, thread=thread, action=params.text("action"))
    return True


def leave_chat(world: World, params: Params) -> bool:
    chat = reachable_chat(world, params)
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    change_bot_status(world, chat, "left", world.bot)
    return True


METHODS: dict[str, Any] = {
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "sendChatAction": send_chat_action,
    "leaveChat": leave_chat,
}
