"""What the helper process does for this module: reading a page (`core.helper`)."""

from datetime import timedelta
from functools import lru_cache
from http import HTTPStatus

import msgspec

from core.catalogue.lines import Reject
from core.catalogue.packed import pack, packed_candidates
from integrations.answer import Answer
from integrations.rp.decide import Page, Plan
from integrations.rp.pages import PageReader

TASK = f"{__name__}:read_page"
_HEAD_ENDS = b"\n"
"""JSON on one line has none of these."""


class Order(msgspec.Struct, frozen=True):
    """Which prices are read, and the code that the page was asked for after."""

    club: tuple[str, ...]
    base: tuple[str, ...]
    cursor: int


class _Head(msgspec.Struct, frozen=True):
    """What is said of a page's candidates, which follow it."""

    count: int
    rejects: dict[Reject, list[str | int]]
    read: int
    last: int
    ascending: bool


encode_order = msgspec.json.Encoder().encode
_encode = msgspec.json.Encoder().encode
_decode_head = msgspec.json.Decoder(_Head).decode
_decode_order = msgspec.json.Decoder(Order).decode


def read_page(order: bytes, body: bytes) -> bytes:
    """Read a page as `PageReader` does. Raises what it raises."""
    wanted = _decode_order(order)
    answer = Answer(HTTPStatus.OK, {}, body, timedelta(), None)
    page = _reader(wanted.club, wanted.base).read(answer, wanted.cursor)
    head = _Head(len(page.candidates), page.rejects, page.read, page.last, page.ascending)
    return _encode(head) + _HEAD_ENDS + pack(page.candidates)


def decode_page(reply: bytes) -> Page:
    """Return the page of a reply; its candidates stay packed until somebody looks at them."""
    written, _, packed = reply.partition(_HEAD_ENDS)
    head = _decode_head(written)
    return Page(packed_candidates(packed, head.count), head.rejects, head.read, head.last, head.ascending)


@lru_cache(maxsize=64)
def _reader(club: tuple[str, ...], base: tuple[str, ...]) -> PageReader:
    """Return a reader that keeps what it learnt from earlier pages."""
    return PageReader(Plan.reading(club, base))
