"""sendMessage, the edits of text and keyboard, the deletions."""

from typing import Any

from sandbox.telegram.access import editable_message, reachable_chat
from sandbox.telegram.entities import Formatted
from sandbox.telegram.errors import bad_request
from sandbox.telegram.model import Json, Message
from sandbox.telegram.params import Params
from sandbox.telegram.sending import edit, read_text, send
from sandbox.telegram.world import World

DELETABLE_SECONDS = 48 * 3600
MAX_DELETED_AT_ONCE = 100


def send_message(world: World, params: Params) -> Json:
    chat = reachable_chat(world, params)
    return send(world, params, chat, read_text(world, params)).as_json()


def edit_message_text(world: World, params: Params) -> Json | bool:
    message = editable_message(world, params)
    if message.file:
        raise bad_request("there is no text in the message to edit")
    return edit(world, params, message, read_text(world, params))


def edit_message_reply_markup(world: World, params: Params) -> Json | bool:
    message = editable_message(world, params)
    return edit(world, params, message, Formatted(message.text, message.entities))


def delete_message(world: World, params: Params) -> bool:
    chat = reachable_chat(world, params)
    message = chat.messages.get(params.integer("message_id"))
    if message is None or message.deleted:
        raise bad_request("message to delete not found", blame=message is None)
    _check_deletable(world, message)
    world.note_change(message, "deleted")
    return True


def delete_messages(world: World, params: Params) -> bool:
    """Delete up to 100 messages; those that cannot be found are skipped."""
    chat = reachable_chat(world, params)
    ids = params.structure("message_ids") or []
    if not isinstance(ids, list) or not 1 <= len(ids) <= MAX_DELETED_AT_ONCE:
        raise bad_request("message identifiers are not specified")
    if not all(isinstance(one, int) for one in ids):
        raise bad_request("message identifiers must be numbers")
    for message in map(chat.messages.get, ids):
        if message is not None and not message.deleted:
            _check_deletable(world, message)
            world.note_change(message, "deleted")
    return True


def _check_deletable(world: World, message: Message) -> None:
    chat = message.chat
    foreign = message.sender is not world.bot
    if foreign and not chat.is_private and chat.bot_status != "administrator":
        raise bad_request("message can't be deleted")
    if world.clock() - message.date > DELETABLE_SECONDS:
        raise bad_request("message can't be deleted for everyone")


METHODS: dict[str, Any] = {
    "sendMessage": send_message,
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
}
