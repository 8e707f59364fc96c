"""From what somebody typed to the value of a field, as JSON: lenient in form, strict in meaning."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.errors import BadInput
from core.forms.choosing import pick, refuse
from core.forms.fields import CURRENCIES, FormField, Kind
from core.forms.moments import read_date, read_time
from core.forms.numbers import read_decimal, read_money, read_span, read_whole
from core.forms.words import plain, yes_or_no
from core.schedules.openings import read_opening
from core.schedules.reading import read_schedule
from core.texts import T

_EMAIL = re.compile(r"[^\s@<>\"(),:;\[\]]+@[^\s@<>\"(),:;\[\]]+\.[A-Za-z0-9-]{2,}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_HOST = re.compile(r"(?:[\w-]+\.)*[\w-]+(?::\d{1,5})?(?:/\S*)?")
_CHAT_LINK = re.compile(r"(?:https?://)?t\.me/(?:c/)?([A-Za-z0-9_]+)(?:/.*)?")
_CHAT_NAME = re.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}")
_WHOLE = re.compile(r"-?\d{1,18}")
_MOST_ITEMS = 500


@dataclass(frozen=True, slots=True)
class Reader:
    """Who typed: how numbers and dates are written there, and which day it is."""

    locale: str
    today: date


def parse(field: FormField, text: str, reader: Reader) -> Any:
    """Return the value as JSON. Raises BadInput that says how to write it."""
    if field.kind is Kind.SECRET:
        return _secret(text)
    return _PARSERS.get(field.kind, _text)(field, plain(text), reader)


def _secret(text: str) -> str:
    """Return a secret as it was typed, only the line around it taken off."""
    secret = text.strip("\r\n\t ")
    if not secret or "\0" in secret:
        raise BadInput(T("That is empty. Type something, or go back."))
    return secret


def _text(_field: FormField, text: str, _reader: Reader) -> Any:
    """Return text; where a field takes numbers too (a union of scalars), pydantic tells them apart."""
    return text


def _choice(field: FormField, text: str, reader: Reader) -> Any:
    found = pick(field, text, reader.locale)
    if found is not None:
        return found.value
    if field.refers == CURRENCIES:
        # Only some are offered; the model knows all of them.
        return text
    raise refuse(field, text)


def _choices(field: FormField, text: str, reader: Reader) -> list[Any]:
    found = {str(value): value for value in (_choice(field, word, reader) for word in split_list(text))}
    return list(found.values())


def _list(field: FormField, text: str, reader: Reader) -> list[Any]:
    item = field.item
    words = split_list(text)
    if len(words) > _MOST_ITEMS:
        raise BadInput(T("That is too long: at most {most} entries.", most=_MOST_ITEMS))
    return [parse(item, word, reader) if item is not None else word for word in words]


def split_list(text: str) -> list[str]:
    """Split at line ends and semicolons; only without any of them at commas, which numbers may hold."""
    marks = r"[\n;]" if re.search(r"[\n;]", text) else r",\s*(?=\S)"
    words = [word.strip().strip(",").strip() for word in re.split(marks, text)]
    return [word for word in words if word]


def _whole(field: FormField, text: str, reader: Reader) -> int:
    numbers = (one for one in (field.example, field.default) if isinstance(one, int))
    return read_whole(text, reader.locale, field.unit, next(numbers, 100))


def _url(_field: FormField, text: str, _reader: Reader) -> str:
    if _SCHEME.match(text) is None and _HOST.fullmatch(text):
        text = f"http://{text}"
    if _SCHEME.match(text) is None or re.search(r"\s", text):
        raise BadInput(T("“{text}” is not an address. Type one such as http://192.168.0.10:9000.", text=text))
    return text


def _email(_field: FormField, text: str, _reader: Reader) -> str:
    text = text.removeprefix("mailto:").strip("<> ")
    if _EMAIL.fullmatch(text) is None:
        raise BadInput(T("“{text}” is not an e-mail address. Type one such as ana@example.com.", text=text))
    return text


def _chat(_field: FormField, text: str, _reader: Reader) -> int | str:
    link = _CHAT_LINK.fullmatch(text)
    if link is not None:
        text = f"-100{link[1]}" if link[1].isdecimal() else f"@{link[1]}"
    if _WHOLE.fullmatch(text):
        return int(text)
    if _CHAT_NAME.fullmatch(text):
        return text
    raise BadInput(T("“{text}” is not a chat. Type its number or @name, or forward a message from it.", text=text))


_PARSERS: dict[Kind, Callable[[FormField, str, Reader], Any]] = {
    Kind.TOGGLE: lambda _, text, __: yes_or_no(text),
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.LIST: _list,
    Kind.URL: _url,
    Kind.EMAIL: _email,
    Kind.CHAT: _chat,
    Kind.SCHEDULE: lambda _, text, __: read_schedule(text),
    Kind.NUMBER: _whole,
    Kind.TOPIC: _whole,
    Kind.DECIMAL: lambda _, text, reader: float(read_decimal(text, reader.locale)),
    Kind.MONEY: lambda _, text, reader: str(read_money(text, reader.locale)),
    Kind.TIME: lambda _, text, __: read_time(text).isoformat("minutes"),
    Kind.OPENING: lambda _, text, reader: read_opening(text, lambda day: read_date(day, reader.locale, reader.today)),
    Kind.DATE: lambda _, text, reader: read_date(text, reader.locale, reader.today).isoformat(),
    Kind.DURATION: lambda _, text, reader: read_span(text, reader.locale).total_seconds(),
}
