"""May the bot write there? Chats, threads and messages named by a call, or the refusal."""

from sandbox.telegram.errors import ApiError, bad_request, forbidden
from sandbox.telegram.model import Chat, Message
from sandbox.telegram.params import Params
from sandbox.telegram.world import World


def reachable_chat(world: World, params: Params, name: str = "chat_id") -> Chat:
    """Return the chat of `chat_id`; raises ApiError 400 or 403 if the bot is shut out of it."""
    chat = world.chat(params.text(name))
    if chat.migrated_to is not None:
        raise ApiError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            kind="migrated",
            blame=False,
            parameters={"migrate_to_chat_id": chat.migrated_to},
        )
    if not chat.started:
        raise forbidden("bot can't initiate conversation with a user", blame=True)
    if chat.bot_status == "kicked":
        reason = "blocked by the user" if chat.is_private else f"kicked from the {chat.type} chat"
        raise forbidden(f"bot was {reason}")
    if chat.bot_status == "left":
        raise forbidden(f"bot is not a member of the {chat.type} chat")
    return chat


def thread_of(world: World, chat: Chat, params: Params) -> int | None:
    """Return the topic to write to; the general topic is addressed by leaving the thread out."""
    if not params.has("message_thread_id"):
        return None
    thread = params.integer("message_thread_id")
    if thread not in chat.topics:
        raise bad_request("message thread not found", blame=thread not in chat.lost_topics)
    if thread in chat.closed_topics and not world.manages(chat):
        raise bad_request("TOPIC_CLOSED", blame=False)
    return thread


def replied_message(chat: Chat, params: Params) -> int | None:
    """Return the id of the message replied to, or None if it may be missing and is."""
    reply = params.structure("reply_parameters") or {}
    if not isinstance(reply, dict):
        raise bad_request("object expected as reply parameters")
    message_id = reply.get("message_id") or params.integer("reply_to_message_id")
    if not message_id:
        return None
    message = chat.messages.get(message_id)
    if message is not None and not message.deleted:
        return message.id
    if reply.get("allow_sending_without_reply") or params.boolean("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found", blame=message is None)


def editable_message(world: World, params: Params) -> Message:
    """Return the bot's own living message, or one sent through it inline; raises ApiError 400."""
    if params.has("inline_message_id"):
        return _inline_message(world, params.text("inline_message_id"))
    chat = reachable_chat(world, params)
    if not params.has("message_id"):
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(params.integer("message_id"))
    if message is None or message.deleted:
        raise bad_request("message to edit not found", blame=message is None)
    if message.sender is not world.bot or _has_fixed_keyboard(message):
        raise bad_request("message can't be edited")
    if message.thread_id in chat.closed_topics and not world.manages(chat):
        # What Telegram does here is not written down: the stricter reading.
        raise bad_request("TOPIC_CLOSED", blame=False)
    return message


def _has_fixed_keyboard(message: Message) -> bool:
    return bool(message.markup) and not {"inline_keyboard", "remove_keyboard"} & set(message.markup or {})


def _inline_message(world: World, inline_id: str) -> Message:
    message = world.inline_messages.get(inline_id)
    if message is None or message.deleted:
        raise bad_request("MESSAGE_ID_INVALID", blame=message is None)
    return message
