"""A row of the outbox as the calls that bring it: texts in parts, a file with its caption."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiogram.methods import EditMessageMedia, EditMessageText, SendDocument, SendMessage, SendPhoto
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
)

from core.outbox.content import Attachment
from core.outbox.model import Message
from handlers.formatting import Part, units

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
CAPTION = 1024
_MOST_PARTS = 4

Send = SendMessage | SendDocument | SendPhoto | EditMessageText | EditMessageMedia


@dataclass(frozen=True, slots=True)
class Piece:
    """What one call carries."""

    text: str = ""
    entities: Sequence[MessageEntity] = field(default_factory=list)
    file: Attachment | None = None


def cut(parts: Sequence[Part], file: Attachment | None) -> list[Piece]:
    """Return a message in pieces, in the order in which they are sent.

    A file bears its words as a caption where they fit, else they go first. Words without end
    become a file themselves, below their first lines.
    """
    pieces = [Piece(text, entities) for text, entities in parts]
    if file is None and len(pieces) > _MOST_PARTS:
        whole = "\n".join(piece.text for piece in pieces)
        return [Piece(_first_line(pieces[0].text), file=Attachment("message.txt", whole.encode()))]
    if file is None:
        return pieces
    if len(pieces) == 1 and units(pieces[0].text) <= CAPTION:
        return [Piece(pieces[0].text, pieces[0].entities, file)]
    return [*pieces, Piece(file=file)]


def call(message: Message, piece: Piece, buttons: InlineKeyboardMarkup | None, *, first: bool) -> Send:
    """Return the call that brings a piece; the first one answers, or replaces, what the message does."""
    if first and (replaced := message.body.get("replaces")):
        return _edit(message.chat_id, replaced, piece, buttons)
    reply_to = message.body.get("reply_to") if first else None
    common: dict[str, Any] = {
        "chat_id": message.chat_id,
        "message_thread_id": message.thread_id,
        "reply_markup": buttons,
        "reply_parameters": reply(reply_to),
    }
    if piece.file is None:
        return SendMessage(
            text=piece.text, entities=list(piece.entities) or None, link_preview_options=NO_PREVIEW, **common
        )
    common |= {"caption": piece.text or None, "caption_entities": list(piece.entities) or None}
    data = BufferedInputFile(piece.file.data, piece.file.name)
    if piece.file.photo:
        return SendPhoto(photo=data, **common)
    return SendDocument(document=data, **common)


def _edit(chat_id: int, message_id: int, piece: Piece, buttons: InlineKeyboardMarkup | None) -> Send:
    where: dict[str, Any] = {"chat_id": chat_id, "message_id": message_id, "reply_markup": buttons}
    entities = list(piece.entities) or None
    if piece.file is None:
        return EditMessageText(text=piece.text, entities=entities, link_preview_options=NO_PREVIEW, **where)
    data = BufferedInputFile(piece.file.data, piece.file.name)
    kind = InputMediaPhoto if piece.file.photo else InputMediaDocument
    return EditMessageMedia(media=kind(media=data, caption=piece.text or None, caption_entities=entities), **where)


def reply(message_id: int | None) -> ReplyParameters | None:
    """Return what makes a message an answer, even when the question is gone by then."""
    if not message_id:
        return None
    return ReplyParameters(message_id=message_id, allow_sending_without_reply=True)


def _first_line(text: str) -> str:
    line = text.partition("\n")[0]
    return line if units(line) <= CAPTION else ""
