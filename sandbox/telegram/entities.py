"""Formatted text: UTF-16 arithmetic, checks of entity lists, trimming and length limits."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.telegram.errors import bad_request

Entity = dict[str, Any]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
ENTITY_LIMIT = 100
_SECOND_HALVES = range(0xDC00, 0xE000)

ENTITY_TYPES = frozenset(
    {
        "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic",
        "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre",
        "text_link", "text_mention", "custom_emoji", "date_time",
    }
)  # fmt: skip

# Nothing is looked for inside these.
_LITERAL = frozenset({"code", "pre", "text_link", "url", "mention", "text_mention", "bot_command"})

_DETECTED = re.compile(
    r"(?P<bot_command>(?<![\w/@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{5,32})?)"
    r"|(?P<url>https?://[^\s<>]+)"
    r"|(?P<mention>(?<!\w)@[A-Za-z0-9_]{5,32})"
)


@dataclass(frozen=True)
class Formatted:
    """Plain text with its entities; offsets and lengths count UTF-16 code units."""

    text: str
    entities: list[Entity]


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def utf16_slice(text: str, offset: int, length: int) -> str:
    raw = text.encode("utf-16-le")
    return raw[offset * 2 : (offset + length) * 2].decode("utf-16-le", errors="replace")


def sort_entities(entities: Iterable[Entity]) -> list[Entity]:
    return sorted(entities, key=lambda one: (one["offset"], -one["length"]))


def detect(text: str) -> Formatted:
    """Mark in what a person typed the entities Telegram finds by itself."""
    found = [
        {
            "type": match.lastgroup,
            "offset": utf16_length(text[: match.start()]),
            "length": utf16_length(match.group()),
        }
        for match in _DETECTED.finditer(text)
    ]
    return Formatted(text, found)


def with_detected(formatted: Formatted) -> list[Entity]:
    """Return the entities of a bot's text together with those that Telegram's clients find by themselves."""
    given = formatted.entities
    found = [one for one in detect(formatted.text).entities if all(_fits(one, other) for other in given)]
    return sort_entities([*given, *found])


def _fits(found: Entity, given: Entity) -> bool:
    """Tell whether one may stand beside or inside the other."""
    start, end = found["offset"], found["offset"] + found["length"]
    begin, finish = given["offset"], given["offset"] + given["length"]
    apart = end <= begin or start >= finish
    return apart or (begin <= start and end <= finish and given["type"] not in _LITERAL)


def check_entities(text: str, raw: Any) -> list[Entity]:
    """Validate the `entities` parameter against its text; raises ApiError 400."""
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise bad_request("can't parse entities JSON object", kind="unparsable_entities")
    total = utf16_length(text)
    return sort_entities(_check_entity(one, text, total) for one in raw)


def _check_entity(one: Any, text: str, total: int) -> Entity:
    if not isinstance(one, dict) or one.get("type") not in ENTITY_TYPES:
        raise _wrong("can't parse MessageEntity: unsupported type specified")
    offset, length = one.get("offset"), one.get("length")
    if not isinstance(offset, int) or not isinstance(length, int):
        raise _wrong('can\'t parse MessageEntity: Field "offset" must be of type Number')
    if offset < 0 or length <= 0:
        raise _wrong("entity offset must be non-negative and its length positive")
    end = offset + length
    if end > total:
        raise _wrong(
            f"entity beginning at UTF-16 offset {offset} ends after the end of the text at UTF-16 offset {end}"
        )
    for edge, verb in ((offset, "begins"), (end, "ends")):
        if _inside_pair(text, edge):
            raise _wrong(f"entity {verb} in a middle of a UTF-16 symbol at UTF-16 offset {edge}")
    _check_entity_fields(one)
    return {key: value for key, value in one.items() if value is not None}


def _check_entity_fields(one: Entity) -> None:
    if one["type"] == "text_link":
        url = str(one.get("url") or "")
        if not is_url(url):
            raise _wrong(f"entity URL '{url}' is invalid: Wrong HTTP URL")
    if one["type"] == "custom_emoji" and not str(one.get("custom_emoji_id") or "").isdigit():
        raise _wrong("invalid custom emoji identifier specified")


def _wrong(description: str) -> Exception:
    return bad_request(description, kind="unparsable_entities")


def _inside_pair(text: str, offset: int) -> bool:
    unit = text.encode("utf-16-le")[offset * 2 : offset * 2 + 2]
    return unit != b"" and int.from_bytes(unit, "little") in _SECOND_HALVES


def is_url(url: str) -> bool:
    """Tell whether the server takes the address: known scheme, host with a dot (no 'localhost')."""
    match = re.match(r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>[^/?#:\s]+)", url, re.IGNORECASE)
    if not match:
        return False
    scheme = (match["scheme"] or "http").lower()
    if scheme in {"tg", "ton"}:
        return True
    return scheme in {"http", "https"} and "." in match["host"].strip(".")


def trim(formatted: Formatted) -> Formatted:
    """Cut blanks at both ends as the server does (at the front only up to the first entity)."""
    text = formatted.text.rstrip(" \n")
    first = min((one["offset"] for one in formatted.entities), default=len(text))
    cut = 0
    while cut < min(first, len(text)) and text[cut] in " \n":
        cut += 1
    text = text[cut:]
    total = utf16_length(text)
    kept = []
    for one in formatted.entities:
        start = one["offset"] - cut
        length = min(one["length"], total - start)
        if length > 0:
            kept.append({**one, "offset": start, "length": length})
    return Formatted(text, kept)


def check_length(formatted: Formatted, *, caption: bool = False) -> Formatted:
    """Raise 400 for a text that is empty or too long once its entities are parsed."""
    length = utf16_length(formatted.text)
    if caption:
        if length > CAPTION_LIMIT:
            raise bad_request("message caption is too long")
        return formatted
    if not formatted.text.strip():
        raise bad_request("message text is empty")
    if length > TEXT_LIMIT:
        raise bad_request("message is too long")
    return formatted
