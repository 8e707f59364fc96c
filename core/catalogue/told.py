"""What a platform told of a store, when nobody has looked at single lines yet."""

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import cached_property

import msgspec

from core.catalogue.lines import Line, LiveLine

_decode = msgspec.json.Decoder(list[Line]).decode


class Told(Collection[LiveLine]):
    """Live lines that share one window, still in JSON: nearly always their digest says all there is to know.

    `digest` is what `core.catalogue.prepare.digest` makes of a list with the very same values.
    """

    def __init__(self, packed: bytes, count: int, digest: str, bounds: tuple[datetime | None, datetime | None]) -> None:
        self.digest = digest
        self.bounds = bounds
        self._packed = packed
        self._count = count

    @cached_property
    def _lines(self) -> list[LiveLine]:
        starts, ends = self.bounds
        lines = _decode(self._packed)
        return [LiveLine(line.code, line.price, line.final_price, line.limit, starts, ends) for line in lines]

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[LiveLine]:
        return iter(self._lines)

    def __contains__(self, line: object) -> bool:
        return line in self._lines
