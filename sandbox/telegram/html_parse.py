"""The HTML parse mode: strict, counting byte offsets as the real server does."""

import re
import sys
from dataclasses import dataclass

from sandbox.telegram.entities import Entity, Formatted, is_url, sort_entities, utf16_length
from sandbox.telegram.errors import cannot_parse

TYPES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "s": "strikethrough",
    "strike": "strikethrough", "del": "strikethrough", "u": "underline", "ins": "underline",
    "tg-spoiler": "spoiler", "span": "spoiler", "tg-emoji": "custom_emoji", "a": "text_link", "pre": "pre",
    "code": "code", "blockquote": "blockquote",
}  # fmt: skip

_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_REFERENCE = re.compile(rb"&(?:#(?P<dec>\d{1,7})|#[xX](?P<hex>[0-9a-fA-F]{1,6})|(?P<name>lt|gt|amp|quot));?")
_SURROGATES = range(0xD800, 0xE000)
_SPACES = b" \t\r\n\v\f"
_TOKEN = re.compile(rb"[A-Za-z0-9.\-]*")


@dataclass
class _Open:
    tag: str
    argument: str
    offset: int
    position: int


class HtmlParser:
    """One pass over one text; `parse` returns plain text and entities or raises ApiError 400."""

    def __init__(self, text: str) -> None:
        self._source = text.encode()
        self._at = 0
        self._plain: list[str] = []
        self._units = 0
        self._stack: list[_Open] = []
        self._entities: list[Entity] = []

    def parse(self) -> Formatted:
        while self._at < len(self._source):
            if self._peek() == b"<":
                self._tag()
            else:
                self._text()
        if self._stack:
            tag = self._stack[-1].tag
            raise cannot_parse(f'Can\'t find end tag corresponding to start tag "{tag}"')
        return Formatted("".join(self._plain), sort_entities(self._entities))

    def _peek(self) -> bytes:
        return self._source[self._at : self._at + 1]

    def _emit(self, text: str) -> None:
        self._plain.append(text)
        self._units += utf16_length(text)

    def _text(self) -> None:
        end = self._source.find(b"<", self._at)
        end = len(self._source) if end < 0 else end
        self._emit(_decode(self._source[self._at : end]))
        self._at = end

    def _tag(self) -> None:
        begin = self._at
        self._at += 1
        if self._peek() == b"/":
            self._end_tag(begin)
        else:
            self._start_tag(begin)

    def _name(self) -> str:
        start = self._at
        while self._peek() and self._peek() not in _SPACES and self._peek() != b">":
            self._at += 1
        return self._source[start : self._at].decode(errors="replace").lower()

    def _skip_spaces(self) -> None:
        while self._peek() and self._peek() in _SPACES:
            self._at += 1

    def _start_tag(self, begin: int) -> None:
        tag = self._name()
        if not self._peek():
            raise cannot_parse(f"Unclosed start tag at byte offset {begin}")
        if tag not in TYPES:
            raise cannot_parse(f'Unsupported start tag "{tag}" at byte offset {begin}')
        argument = ""
        self._skip_spaces()
        while self._peek() != b">":
            argument = self._attribute(tag, begin) or argument
            self._skip_spaces()
        self._at += 1
        if tag == "span" and argument != "spoiler":
            raise cannot_parse(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self._stack.append(_Open(tag, argument, self._units, len(self._plain)))

    def _attribute(self, tag: str, begin: int) -> str:
        start = self._at
        while self._peek() and self._peek() not in _SPACES + b"=>":
            self._at += 1
        name = self._source[start : self._at].decode(errors="replace").lower()
        if not name:
            raise cannot_parse(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        self._skip_spaces()
        if self._peek() != b"=":
            return self._bare_attribute(tag, name, begin)
        self._at += 1
        self._skip_spaces()
        value = self._attribute_value()
        if not self._peek():
            raise cannot_parse(f"Unclosed start tag at byte offset {begin}")
        return _argument(tag, name, value)

    def _bare_attribute(self, tag: str, name: str, begin: int) -> str:
        if not self._peek():
            raise cannot_parse(f'Unclosed start tag "{tag}" at byte offset {begin}')
        if (tag, name) == ("blockquote", "expandable"):
            return "1"
        raise cannot_parse(
            f'Expected equal sign in declaration of an attribute of the tag "{tag}" at byte offset {begin}'
        )

    def _attribute_value(self) -> str:
        quote = self._peek()
        start = self._at
        if quote in (b"'", b'"'):
            end = self._source.find(quote, start + 1)
            self._at = len(self._source) if end < 0 else end + 1
            return _decode(self._source[start + 1 : self._at - 1])
        match = _TOKEN.match(self._source, start)
        token = match.group() if match else b""
        self._at += len(token)
        if self._peek() and self._peek() not in _SPACES + b">":
            raise cannot_parse(f"Unexpected end of name token at byte offset {start}")
        return token.decode().lower()

    def _end_tag(self, begin: int) -> None:
        if not self._stack:
            raise cannot_parse(f"Unexpected end tag at byte offset {begin}")
        self._at += 1
        name = self._name()
        self._skip_spaces()
        if self._peek() != b">":
            raise cannot_parse(f"Unclosed end tag at byte offset {begin}")
        self._at += 1
        opened = self._stack.pop()
        if name and name != opened.tag:
            raise cannot_parse(
                f'Unmatched end tag at byte offset {begin}, expected "</{opened.tag}>", found "</{name}>"'
            )
        if self._units > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity: Entity = {
            "type": TYPES[opened.tag],
            "offset": opened.offset,
            "length": self._units - opened.offset,
        }
        if opened.tag == "a" and not self._link(entity, opened):
            return
        if opened.tag == "tg-emoji":
            if not opened.argument.isdigit():
                raise cannot_parse("Invalid custom emoji identifier specified")
            entity["custom_emoji_id"] = opened.argument
        if opened.tag == "blockquote" and opened.argument:
            entity["type"] = "expandable_blockquote"
        if opened.tag in {"pre", "code"} and self._joined_code(entity, opened):
            return
        self._entities.append(entity)

    def _link(self, entity: Entity, opened: _Open) -> bool:
        url = opened.argument or "".join(self._plain[opened.position :])
        mention = re.fullmatch(r"tg://user\?id=(\d+)", url)
        if mention:
            entity.update(type="text_mention", user={"id": int(mention[1]), "is_bot": False, "first_name": ""})
            return True
        entity["url"] = url
        return is_url(url)

    def _joined_code(self, entity: Entity, opened: _Open) -> bool:
        """Let a `code` that fills its `pre` only name the language."""
        if opened.tag == "code" and opened.argument and self._stack and self._stack[-1].tag == "pre":
            self._stack[-1].argument = opened.argument
            return self._stack[-1].offset == opened.offset
        if opened.tag == "pre" and opened.argument:
            entity["language"] = opened.argument
        return False


def _argument(tag: str, name: str, value: str) -> str:
    if (tag, name) in {("a", "href"), ("tg-emoji", "emoji-id")}:
        return value
    if (tag, name) == ("code", "class") and value.startswith("language-"):
        return value.removeprefix("language-")
    if (tag, name) == ("span", "class") and value.startswith("tg-"):
        return value.removeprefix("tg-")
    return "1" if (tag, name) == ("blockquote", "expandable") else ""


def _decode(raw: bytes) -> str:
    return _REFERENCE.sub(_character, raw).decode(errors="replace")


def _character(match: re.Match[bytes]) -> bytes:
    if match["name"]:
        return _NAMED[match["name"]].encode()
    code = int(match["dec"]) if match["dec"] else int(match["hex"], 16)
    if code == 0 or code > sys.maxunicode or code in _SURROGATES:
        return match.group()
    return chr(code).encode()


def parse_html(text: str) -> Formatted:
    """Parse Telegram's HTML subset; raises ApiError 400 "can't parse entities: ..."."""
    return HtmlParser(text).parse()
