"""Messages that travel: forwarded with their origin, copied without; and messages that are pinned."""

from typing import Any

from sandbox.telegram.access import reachable_chat
from sandbox.telegram.entities import Formatted
from sandbox.telegram.errors import bad_request
from sandbox.telegram.model import Chat, Json, Message
from sandbox.telegram.params import Params
from sandbox.telegram.sending import read_caption, send
from sandbox.telegram.world import World


def forward_message(world: World, params: Params) -> Json:
    source = _source(world, params, "forward")
    origin: Json = {"type": "user", "date": int(source.date), "sender_user": source.sender.as_json()}
    return _send_like(world, params, source, forward_origin=source.forward_origin or origin).as_json()


def copy_message(world: World, params: Params) -> Json:
    """Copy a message; a file may get another caption. Only the new id comes back."""
    source = _source(world, params, "copy")
    body = read_caption(world, params) if source.file and params.has("caption") else None
    return {"message_id": _send_like(world, params, source, body).id}


def _source(world: World, params: Params, verb: str) -> Message:
    chat = reachable_chat(world, params, "from_chat_id")
    message = chat.messages.get(params.integer("message_id"))
    if message is None or message.deleted:
        raise bad_request(f"message to {verb} not found", blame=message is None)
    if message.service or message.protected:
        raise bad_request(f"message can't be {'copied' if verb == 'copy' else 'forwarded'}")
    return message


def _send_like(world: World, params: Params, source: Message, body: Formatted | None = None, **extra: Any) -> Message:
    chat = reachable_chat(world, params)
    return send(
        world,
        params,
        chat,
        body or Formatted(source.text, source.entities),
        document=source.document,
        photo=source.photo,
        **extra,
    )


def pin_chat_message(world: World, params: Params) -> bool:
    chat = _pinning_chat(world, params)
    message = chat.messages.get(params.integer("message_id"))
    if message is None or message.deleted:
        raise bad_request("message to pin not found", blame=message is None)
    if message.id not in chat.pinned:
        chat.pinned.append(message.id)
        pinned = message.as_json(nested=True)
        world.post(chat, world.bot, thread_id=message.thread_id, service={"pinned_message": pinned})
        world.feed.announce("chat", chat=chat.id)
    return True


def unpin_chat_message(world: World, params: Params) -> bool:
    """Unpin the named message, else the newest pinned one."""
    chat = _pinning_chat(world, params)
    wanted = params.integer("message_id") or next(reversed(chat.pinned), 0)
    if wanted not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(wanted)
    world.feed.announce("chat", chat=chat.id)
    return True


def unpin_all_chat_messages(world: World, params: Params) -> bool:
    chat = _pinning_chat(world, params)
    chat.pinned = []
    world.feed.announce("chat", chat=chat.id)
    return True


def _pinning_chat(world: World, params: Params) -> Chat:
    chat = reachable_chat(world, params)
    if not chat.is_private and chat.bot_status != "administrator":
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat


METHODS: dict[str, Any] = {
    "forwardMessage": forward_message,
    "copyMessage": copy_message,
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
    "unpinAllChatMessages": unpin_all_chat_messages,
}
