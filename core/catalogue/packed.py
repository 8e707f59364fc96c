"""Long lists that stay JSON until somebody looks at one of their items."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TypeVar, overload

import msgspec

from core.catalogue.lines import Candidate, Line

Item = TypeVar("Item")

_encode = msgspec.json.Encoder().encode
_decode_candidates = msgspec.json.Decoder(list[Candidate]).decode
_decode_lines = msgspec.json.Decoder(list[Line]).decode


class _Coded(msgspec.Struct, gc=False):
    """All that is read of a line of which only the code is wanted."""

    code: str


_decode_codes = msgspec.json.Decoder(list[_Coded]).decode


class Packed(Sequence[Item]):
    """A list of `count` items in JSON; it is decoded once, when its first item is wanted."""

    def __init__(self, packed: bytes, count: int, decode: Callable[[bytes], list[Item]]) -> None:
        self.packed = packed
        self._count = count
        self._decode = decode

    @cached_property
    def _items(self) -> list[Item]:
        return self._decode(self.packed)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Item: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Item]: ...
    def __getitem__(self, place: int | slice) -> Item | Sequence[Item]:
        return self._items[place]

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)


def packed_candidates(packed: bytes, count: int) -> Packed[Candidate]:
    """Return `count` candidates that stay JSON until somebody looks at them."""
    return Packed(packed, count, _decode_candidates)


def packed_lines(packed: bytes, count: int) -> Packed[Line]:
    """Return `count` lines that stay JSON until somebody looks at them."""
    return Packed(packed, count, _decode_lines)


def codes_of(lines: Iterable[Line]) -> list[str]:
    """Return the codes of lines, in their order; packed ones stay packed."""
    return codes_in(lines.packed) if isinstance(lines, Packed) else [line.code for line in lines]


def codes_in(packed: bytes) -> list[str]:
    """Return the codes of a list of lines in JSON: a fifth of the work of reading the lines."""
    return [line.code for line in _decode_codes(packed)]


def pack(items: Sequence[Candidate] | Sequence[Line]) -> bytes:
    """Return candidates or lines as JSON, prices as text; lines in order come to their canonical form."""
    return items.packed if isinstance(items, Packed) else _encode(items)


def join(parts: Sequence[Sequence[Candidate]]) -> Sequence[Candidate]:
    """Return all candidates of the parts as one list, packed when one of them is."""
    if not any(isinstance(part, Packed) for part in parts):
        return [candidate for part in parts for candidate in part]
    joined = b",".join([pack(part)[1:-1] for part in parts if part])
    return packed_candidates(b"[%b]" % joined, sum(map(len, parts)))
