"""Lists that are longer than a screen: one page of them, and how many there are in all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page somebody wants, counted from 0, and how many rows fit on one."""

    number: int = 0
    size: int = 6

    def clamp(self, total: int) -> "Paging":
        """Return the page nearest to the wanted one that has rows."""
        last = max(0, -(-total // self.size) - 1)
        return Paging(min(max(self.number, 0), last), self.size)

    @property
    def offset(self) -> int:
        return self.number * self.size


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """The rows of one page; `page` is the one that was found, which may be nearer than the wanted one."""

    rows: Sequence[Row]
    total: int
    page: Paging

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.page.size))


def cut(rows: Sequence[Row], paging: Paging) -> Slice[Row]:
    """Return one page of rows that are all at hand."""
    page = paging.clamp(len(rows))
    return Slice(rows[page.offset : page.offset + page.size], len(rows), page)
