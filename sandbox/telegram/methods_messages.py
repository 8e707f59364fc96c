"""sendMessage, the edits, the deletions and files sent by the bot."""

from typing import Any

from sandbox.telegram.access import editable_message, reachable_chat, replied_message, thread_of
from sandbox.telegram.entities import ENTITY_LIMIT, Formatted, check_entities, check_length, trim
from sandbox.telegram.errors import bad_request
from sandbox.telegram.html_parse import parse_html
from sandbox.telegram.keyboards import Markup, check_markup
from sandbox.telegram.model import Chat, Json, Message, StoredFile
from sandbox.telegram.params import Params
from sandbox.telegram.pictures import picture_size
from sandbox.telegram.world import World

DELETABLE_SECONDS = 48 * 3600
MAX_DELETED_AT_ONCE = 100


def send_message(world: World, params: Params) -> Json:
    chat = reachable_chat(world, params)
    body = check_length(_formatted(world, params, "text"), caption=False)
    return _send(world, params, chat, body)


def send_document(world: World, params: Params) -> Json:
    chat = reachable_chat(world, params)
    body = check_length(_formatted(world, params, "caption"), caption=True)
    return _send(world, params, chat, body, document=_file(world, params, "document"))


def send_photo(world: World, params: Params) -> Json:
    chat = reachable_chat(world, params)
    body = check_length(_formatted(world, params, "caption"), caption=True)
    return _send(world, params, chat, body, photo=_file(world, params, "photo"))


def edit_message_text(world: World, params: Params) -> Json:
    message = editable_message(world, params)
    if message.file:
        raise bad_request("there is no text in the message to edit")
    body = check_length(_formatted(world, params, "text"), caption=False)
    return _edit(world, params, message, body)


def edit_message_caption(world: World, params: Params) -> Json:
    message = editable_message(world, params)
    if not message.file:
        raise bad_request("there is no caption in the message to edit")
    return _edit(world, params, message, check_length(_formatted(world, params, "caption"), caption=True))


def edit_message_reply_markup(world: World, params: Params) -> Json:
    message = editable_message(world, params)
    return _edit(world, params, message, Formatted(message.text, message.entities))


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


def _formatted(world: World, params: Params, field: str) -> Formatted:
    """Read a text with its formatting; beyond 100 entities Telegram silently drops the rest."""
    raw = params.text(field)
    mode = params.text("parse_mode").lower()
    if mode not in {"", "html"}:
        raise bad_request("unsupported parse_mode", kind="unsupported_parse_mode")
    if mode:
        body = trim(parse_html(raw))
    else:
        entities = params.structure("caption_entities" if field == "caption" else "entities")
        body = trim(Formatted(raw, check_entities(raw, entities)))
    if len(body.entities) > ENTITY_LIMIT:
        world.violate("too_many_entities", "", f"{len(body.entities)} entities", params.journal())
    return Formatted(body.text, body.entities[:ENTITY_LIMIT])


def _send(world: World, params: Params, chat: Chat, body: Formatted, **files: StoredFile) -> Json:
    markup = check_markup(params.structure("reply_markup"), private=chat.is_private)
    reply_to, thread_id = replied_message(chat, params), thread_of(chat, params)
    world.limits.check(chat.id, private=chat.is_private)
    message = world.post(
        chat,
        world.bot,
        text=body.text,
        entities=body.entities,
        markup=markup,
        reply_to=reply_to,
        thread_id=thread_id,
        protected=params.boolean("protect_content"),
        silent=params.boolean("disable_notification"),
        **files,
    )
    return message.as_json()


def _edit(world: World, params: Params, message: Message, body: Formatted) -> Json:
    markup = _inline_only(check_markup(params.structure("reply_markup"), private=message.chat.is_private))
    world.limits.check(message.chat.id, private=message.chat.is_private)
    if (body.text, body.entities, markup) == (message.text, message.entities, message.markup):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same"
            " as a current content and reply markup of the message",
            kind="not_modified",
        )
    message.text, message.entities, message.markup = body.text, body.entities, markup
    world.note_change(message, "edited")
    return message.as_json()


def _inline_only(markup: Markup | None) -> Markup | None:
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected", kind="invalid_markup")
    return markup


def _file(world: World, params: Params, field: str) -> StoredFile:
    """Keep uploaded bytes, or look up a file id; nothing is fetched from the network."""
    upload = params.upload(field)
    if upload is None:
        return _known_file(world, params.text(field), field)
    if not upload.data:
        raise bad_request("file must be non-empty")
    size = picture_size(upload.data) if field == "photo" else (0, 0)
    return world.keep_file(upload.name, upload.data, upload.content_type, size)


def _known_file(world: World, reference: str, field: str) -> StoredFile:
    if not reference:
        raise bad_request(f"there is no {field} in the request")
    file = world.files.get(reference)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if bool(file.width) != (field == "photo"):
        raise bad_request("type of file mismatch")
    return file


METHODS: dict[str, Any] = {
    "sendMessage": send_message,
    "sendDocument": send_document,
    "sendPhoto": send_photo,
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
}
