"""Photos, documents and albums sent by the bot, and the edits of what hangs on them."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sandbox.telegram.access import editable_message, reachable_chat
from sandbox.telegram.entities import Formatted, check_length
from sandbox.telegram.errors import bad_request
from sandbox.telegram.files import read_file
from sandbox.telegram.model import Json, StoredFile
from sandbox.telegram.params import Params
from sandbox.telegram.sending import edit, formatted, read_caption, send
from sandbox.telegram.world import World

ALBUM_SIZES = range(2, 11)
KINDS = ("photo", "document")


@dataclass(frozen=True)
class _Item:
    """One InputMedia, read."""

    kind: str
    file: StoredFile
    body: Formatted

    @property
    def files(self) -> dict[str, StoredFile | None]:
        return {kind: self.file if kind == self.kind else None for kind in KINDS}


def send_document(world: World, params: Params) -> Json:
    chat = reachable_chat(world, params)
    body = read_caption(world, params)
    return send(world, params, chat, body, document=read_file(world, params, "document")).as_json()


def send_photo(world: World, params: Params) -> Json:
    chat = reachable_chat(world, params)
    body = read_caption(world, params)
    above, spoiler = params.boolean("show_caption_above_media"), params.boolean("has_spoiler")
    photo = read_file(world, params, "photo")
    return send(world, params, chat, body, photo=photo, caption_above=above, spoiler=spoiler).as_json()


def send_media_group(world: World, params: Params) -> list[Json]:
    """Send an album of 2-10 photos, or of as many documents; the two do not mix."""
    chat = reachable_chat(world, params)
    raw = params.structure("media")
    if not isinstance(raw, list) or len(raw) not in ALBUM_SIZES:
        raise bad_request("there must be 2-10 media in the album")
    items = [_item(world, params, one) for one in raw]
    if len({one.kind for one in items}) > 1:
        raise bad_request("Can't use the media of the specified type in the album")
    group = str(uuid4().int >> 65)
    sent = [send(world, params, chat, one.body, media_group_id=group, **one.files) for one in items]
    return [one.as_json() for one in sent]


def edit_message_media(world: World, params: Params) -> Json | bool:
    """Exchange the file and its caption; a text message takes one too."""
    message = editable_message(world, params)
    item = _item(world, params, params.structure("media"))
    return edit(world, params, message, item.body, **item.files)


def edit_message_caption(world: World, params: Params) -> Json | bool:
    message = editable_message(world, params)
    if not message.file:
        raise bad_request("there is no caption in the message to edit")
    return edit(world, params, message, read_caption(world, params))


def _item(world: World, params: Params, raw: Any) -> _Item:
    if not isinstance(raw, dict):
        raise bad_request("can't parse InputMedia: expected an Object")
    kind = str(raw.get("type", ""))
    if kind not in KINDS:
        raise bad_request("can't parse InputMedia: type of the media is not supported")
    file = read_file(world, params, kind, str(raw.get("media") or "attach://"))
    mode, entities = str(raw.get("parse_mode") or ""), raw.get("caption_entities")
    body = formatted(world, str(raw.get("caption") or ""), mode, entities)
    return _Item(kind, file, check_length(body, caption=True))


METHODS: dict[str, Any] = {
    "sendDocument": send_document,
    "sendPhoto": send_photo,
    "sendMediaGroup": send_media_group,
    "editMessageMedia": edit_message_media,
    "editMessageCaption": edit_message_caption,
}
