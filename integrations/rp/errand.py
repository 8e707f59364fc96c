"""What the helper process does for this module: reading a page (`core.helper`)."""

from datetime import timedelta
from functools import lru_cache
from http import HTTPStatus

import msgspec

from integrations.answer import Answer
from integrations.rp.decide import Page, Plan
from integrations.rp.pages import PageReader

TASK = f"{__name__}:read_page"


class Order(msgspec.Struct, frozen=True):
    """Which prices are read, and the code that the page was asked for after."""

    club: tuple[str, ...]
    base: tuple[str, ...]
    cursor: int


encode_order = msgspec.json.Encoder().encode
decode_page = msgspec.json.Decoder(Page).decode
_encode_page = msgspec.json.Encoder().encode
_decode_order = msgspec.json.Decoder(Order).decode


def read_page(order: bytes, body: bytes) -> bytes:
    """Read a page as `PageReader` does. Raises what it raises."""
    wanted = _decode_order(order)
    answer = Answer(HTTPStatus.OK, {}, body, timedelta(), None)
    return _encode_page(_reader(wanted.club, wanted.base).read(answer, wanted.cursor))


@lru_cache(maxsize=64)
def _reader(club: tuple[str, ...], base: tuple[str, ...]) -> PageReader:
    """Return a reader that keeps what it learnt from earlier pages."""
    return PageReader(Plan.reading(club, base))
