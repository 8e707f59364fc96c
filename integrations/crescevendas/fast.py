"""The short way for clean answers: straight from bytes to live lines (`performance.md` P-1).

Strict on purpose: an unknown key or a value of another kind makes `read` return None, and the
answer takes the tolerant way, which would read whatever passes here alike.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from types import GenericAlias
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec.json import Decoder

from core.catalogue.lines import LiveLine
from core.money import Cents
from integrations.crescevendas.fields import LARGEST, read_code
from integrations.crescevendas.tolerant import Page
from integrations.crescevendas.windows import TimeReader

_Fields = list[tuple[str, Any] | tuple[str, Any, Any]]


class FastReader:
    """Reads the two commonest shapes under one set of field names.

    They are `{"response": {"discounts": [line]}}`, and one campaign with its lines at the root.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        lines = GenericAlias(list, (_line_type(names),))
        flat = _strict("Flat", [("discounts", lines), ("code", int, HTTPStatus.OK.value)])
        campaign: _Fields = [
            ("discount_store_lines", lines),
            ("store_registrations", list[str]),
            ("start_date", str),
            ("end_date", str),
            ("id", int | str | None, None),
            ("name", str | None, None),
            ("override", int | None, None),
        ]
        self._cents = Cents()
        read = self._cents.__getitem__
        self._flat: Decoder[Any] = Decoder(_strict("Wrapped", [("response", flat)]), float_hook=read)
        self._campaign: Decoder[Any] = Decoder(_strict("Campaign", campaign), float_hook=read)

    def read(self, body: bytes, zone: ZoneInfo, registration: str) -> Page | None:
        """Return the page of a clean answer, None when it must be read the tolerant way."""
        times = TimeReader(zone)
        try:
            if body.startswith(b'{"response"'):
                return self._read_flat(body, times)
            return self._read_campaign(body, times, registration)
        except (msgspec.MsgspecError, UnicodeDecodeError, InvalidOperation, _Odd):
            return None

    def _read_flat(self, body: bytes, times: TimeReader) -> Page | None:
        response = self._flat.decode(body).response
        if response.code != HTTPStatus.OK:
            return None
        return self._page(response.discounts, times, None, None)

    def _read_campaign(self, body: bytes, times: TimeReader, registration: str) -> Page | None:
        campaign = self._campaign.decode(body)
        if registration not in campaign.store_registrations:
            return None
        starts, ends = times.read(campaign.start_date), times.read(campaign.end_date)
        return self._page(campaign.discount_store_lines, times, starts, ends)

    def _page(self, lines: list[Any], times: TimeReader, starts: datetime | None, ends: datetime | None) -> Page:
        """Turn decoded lines into live ones; only values both ways read alike get through."""
        live = []
        instants = times.instants
        for line in lines:
            code, price, final = line.code, line.price, line.final_price
            if isinstance(code, int):
                code = str(code)
            elif code[:1] in _ODD_START or not code.isalnum():
                code = _plain(code)
            if type(price) is not Decimal:
                price = self._in_cents(price)
            if type(final) is not Decimal:
                final = self._in_cents(final)
            begins = starts if line.start_at is None else instants[line.start_at]
            live.append(
                LiveLine(
                    code, price, final, line.limit, begins, ends if line.expire_at is None else instants[line.expire_at]
                )
            )
        return Page(live, len(live))

    def _in_cents(self, value: Any) -> Decimal:
        """Return a price that is a whole number, or one in quotes, in cents. Raises _Odd."""
        plain = type(value) is int or (type(value) is str and value.isascii() and value.replace(".", "", 1).isdigit())
        cents = self._cents.of(value) if plain else None
        if cents is None:
            raise _Odd
        return cents


class _Odd(ValueError):
    """A value that only the tolerant way may judge."""


_ODD_START = frozenset({"", "0"})


def _plain(code: str) -> str:
    text = read_code(code)
    if text is None:
        raise _Odd
    return text


def _line_type(names: Mapping[str, str]) -> type[msgspec.Struct]:
    fields: _Fields = [
        ("code", int | str),
        ("price", Any),
        ("final_price", Any),
        ("limit", Annotated[int, msgspec.Meta(ge=-LARGEST, le=LARGEST)]),
        ("start_at", str | None, None),
        ("expire_at", str | None, None),
    ]
    return _strict("LiveLineOnTheWire", fields, rename=dict(names))


def _strict(name: str, fields: _Fields, rename: dict[str, str] | None = None) -> type[msgspec.Struct]:
    return msgspec.defstruct(name, fields, rename=rename, forbid_unknown_fields=True, frozen=True, gc=False)
