"""What all sending and editing shares: formatted texts, markup, the pace, the refusals."""

from typing import Any

from sandbox.telegram.access import replied_message, thread_of
from sandbox.telegram.entities import ENTITY_LIMIT, Formatted, check_entities, check_length, trim
from sandbox.telegram.errors import bad_request
from sandbox.telegram.html_parse import parse_html
from sandbox.telegram.keyboards import Markup, check_markup, widest_row
from sandbox.telegram.model import Chat, Json, Message, StoredFile
from sandbox.telegram.params import Params
from sandbox.telegram.world import World

WIDEST_ROW = 8


def read_text(world: World, params: Params) -> Formatted:
    """Read the text of a message; raises ApiError 400 for an empty, overlong or unparsable one."""
    return check_length(formatted(world, params.text("text"), params.text("parse_mode"), params.structure("entities")))


def read_caption(world: World, params: Params) -> Formatted:
    """Read a caption; it may be empty."""
    entities = params.structure("caption_entities")
    return check_length(formatted(world, params.text("caption"), params.text("parse_mode"), entities), caption=True)


def formatted(world: World, raw: str, mode: str, entities: Any) -> Formatted:
    """Read a text with its formatting; beyond 100 entities Telegram silently drops the rest."""
    if mode.lower() not in {"", "html"}:
        raise bad_request("unsupported parse_mode", kind="unsupported_parse_mode")
    body = trim(parse_html(raw) if mode else Formatted(raw, check_entities(raw, entities)))
    if len(body.entities) > ENTITY_LIMIT:
        world.violate("too_many_entities", "", f"{len(body.entities)} entities", {"text": raw})
    return Formatted(body.text, body.entities[:ENTITY_LIMIT])


def read_markup(world: World, params: Params, *, private: bool) -> Markup | None:
    """Read the keyboard; rows wider than a phone shows are noted, as clients cut them off."""
    markup = check_markup(params.structure("reply_markup"), private=private)
    if (width := widest_row(markup)) > WIDEST_ROW:
        world.violate("invalid_markup", "", f"a row of {width} buttons", params.journal())
    return markup


def send(world: World, params: Params, chat: Chat, body: Formatted, **fields: Any) -> Message:
    """Post a message of the bot as the parameters say."""
    markup = read_markup(world, params, private=chat.is_private)
    reply_to, thread_id = replied_message(chat, params), thread_of(world, chat, params)
    world.limits.check(chat.id, private=chat.is_private)
    return world.post(
        chat,
        world.bot,
        text=body.text,
        entities=body.entities,
        markup=markup,
        reply_to=reply_to,
        thread_id=thread_id,
        protected=params.boolean("protect_content"),
        silent=params.boolean("disable_notification"),
        **fields,
    )


def edit(world: World, params: Params, message: Message, body: Formatted, **files: StoredFile | None) -> Json | bool:
    """Change a message of the bot. Its own messages come back whole, inline ones as true."""
    chat = message.chat
    markup = inline_only(read_markup(world, params, private=chat.is_private))
    world.limits.check(chat.id, private=chat.is_private)
    wanted = {"document": message.document, "photo": message.photo, **files}
    now = {"document": message.document, "photo": message.photo}
    if (body.text, body.entities, markup, wanted) == (message.text, message.entities, message.markup, now):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same"
            " as a current content and reply markup of the message",
            kind="not_modified",
        )
    message.text, message.entities, message.markup = body.text, body.entities, markup
    message.document, message.photo = wanted["document"], wanted["photo"]
    world.note_change(message, "edited")
    return True if params.has("inline_message_id") else message.as_json()


def inline_only(markup: Markup | None) -> Markup | None:
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected", kind="invalid_markup")
    return markup
