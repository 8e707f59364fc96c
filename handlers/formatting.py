"""Messages as nodes, rendered to text and entities: never markup in a string.

So nothing a store or a person is called can turn into markup, and a long message can be cut
anywhere without breaking it.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity
from aiogram.utils.formatting import Bold
from aiogram.utils.formatting import Text as Node

from core.i18n import Translator
from core.logs import escape_controls
from core.texts import Text

LIMIT = 4096
"""What one message holds, in UTF-16 code units, as Telegram counts."""
TOAST = 200
_LABEL = 60
_UNIT = 2
_SENTENCE_END = re.compile(r"\w\w[.!?”)]+(?=\s)")
_HIGH_SURROGATES = range(0xD800, 0xDC00)
_ENCODING = "utf-16-le"
BUTTON_PREFIX = "b:"

Part = tuple[str, list[MessageEntity]]


def neutral(data: str) -> str:
    """Return data so that it cannot break a line, reverse text, or fail to be encoded."""
    if data.isprintable():
        return data
    whole = data.encode(_ENCODING, "surrogatepass").decode(_ENCODING, "replace")
    return escape_controls(whole)


def say(translator: Translator, text: Text) -> str:
    """Render a text for its reader, with its data neutralised."""
    return translator.render(text, neutral)


def shorten(text: str, limit: int) -> str:
    """Return the text in at most `limit` UTF-16 units, with an ellipsis if it was cut."""
    if len(text) * _UNIT <= limit or units(text) <= limit:
        return text
    raw = text.encode(_ENCODING)[: (limit - 1) * _UNIT]
    return raw.decode(_ENCODING, "ignore").rstrip() + "…"


def brief(text: str, limit: int) -> str:
    """Return the text in at most `limit` UTF-16 units: whole sentences, where one of them has room."""
    if units(text) <= limit:
        return text
    ends = [found.end() for found in _SENTENCE_END.finditer(text) if units(text[: found.end()]) <= limit - _UNIT]
    return f"{text[: ends[-1]]} …" if ends else shorten(text, limit)


def units(text: str) -> int:
    return len(text.encode(_ENCODING)) // _UNIT


def draw_lines(translator: Translator, lines: Iterable[Text], title: Text | None = None) -> Node:
    """Return lines below a bold heading."""
    shown = [say(translator, line) for line in lines]
    if title is None:
        return Node("\n".join(shown))
    return Node(Bold(say(translator, title)), *(f"\n{line}" for line in shown))


def split(node: Node, limit: int = LIMIT) -> list[Part]:
    """Cut a message into parts that Telegram takes, at line ends or blanks where it can.

    Nothing is lost but the white space at a cut; entities are cut with their text.
    """
    text, entities = node.render()
    raw = text.encode(_ENCODING)
    parts: list[Part] = []
    start = 0
    while start < len(raw) // _UNIT:
        end = _end(raw, start, limit)
        piece = raw[start * _UNIT : end * _UNIT].decode(_ENCODING)
        lead = units(piece) - units(piece.lstrip())
        if piece.strip():
            body = piece.strip()
            first = start + lead
            parts.append((body, _within(entities, first, first + units(body))))
        start = end
    return parts


def _end(raw: bytes, start: int, limit: int) -> int:
    """Return where a part that begins at `start` ends, in units."""
    total = len(raw) // _UNIT
    end = min(start + limit, total)
    if end == total:
        return end
    if int.from_bytes(raw[(end - 1) * _UNIT : end * _UNIT], "little") in _HIGH_SURROGATES:
        end -= 1
    piece = raw[start * _UNIT : end * _UNIT].decode(_ENCODING)
    for mark in ("\n", " "):
        at = piece.rfind(mark)
        if at > len(piece) // 2:
            return start + units(piece[:at])
    return end


def _within(entities: Sequence[MessageEntity], start: int, end: int) -> list[MessageEntity]:
    kept = []
    for one in entities:
        first, last = max(one.offset, start), min(one.offset + one.length, end)
        if first < last:
            kept.append(one.model_copy(update={"offset": first - start, "length": last - first}))
    return kept


def keyboard(rows: Sequence[Sequence[tuple[str, str]]]) -> InlineKeyboardMarkup | None:
    """Return the buttons (label, opaque id), or None when there are none."""
    drawn = [
        [InlineKeyboardButton(text=shorten(label, _LABEL), callback_data=BUTTON_PREFIX + key) for label, key in row]
        for row in rows
        if row
    ]
    return InlineKeyboardMarkup(inline_keyboard=drawn) if drawn else None


def draw_body(translator: Translator, body: dict[str, Any]) -> tuple[list[Part], InlineKeyboardMarkup | None]:
    """Draw a message of the outbox: its parts and the buttons of the last one."""
    title = Text.from_json(body["title"]) if "title" in body else None
    node = draw_lines(translator, map(Text.from_json, body["lines"]), title)
    rows = [
        [(say(translator, Text.from_json(one["label"])), one["id"]) for one in row] for row in body.get("buttons", ())
    ]
    return split(node), keyboard(rows)
