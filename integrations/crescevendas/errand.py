"""What the helper process does for this module: reading what is live (`core.helper`)."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from core.catalogue.lines import Line
from core.catalogue.prepare import digest
from integrations.crescevendas.fast import FastReader

TASK = f"{__name__}:read_live"
Names = tuple[tuple[str, str], ...]


class Order(msgspec.Struct, frozen=True):
    """How lines are spelled, the zone of times without offset, and the store."""

    names: Names
    zone: str
    registration: str


class Found(msgspec.Struct, frozen=True):
    """The lines of a clean answer as they came, and what holds for all of them."""

    lines: msgspec.Raw
    count: int
    digest: str
    starts: datetime | None
    ends: datetime | None


class NotPlain(ValueError):
    """Lines of several windows, or an answer that only the tolerant way may judge."""


encode = msgspec.json.Encoder().encode
decode_found = msgspec.json.Decoder(Found).decode
_decode_order = msgspec.json.Decoder(Order).decode


def read_live(order: bytes, body: bytes) -> bytes:
    """Read an answer as `FastReader` does. Raises NotPlain."""
    wanted = _decode_order(order)
    page = _reader(wanted.names).read(body, ZoneInfo(wanted.zone), wanted.registration)
    bounds = {(line.starts, line.ends) for line in page.lines} if page is not None else set()
    if page is None or len(bounds) != 1:
        raise NotPlain
    starts, ends = bounds.pop()
    lines = msgspec.convert(page.lines, list[Line], from_attributes=True)
    return encode(Found(msgspec.Raw(encode(lines)), len(lines), digest(lines), starts, ends))


@lru_cache(maxsize=64)
def _reader(names: Names) -> FastReader:
    return FastReader(dict(names))
