"""Live lines out of any known shape of answer (`protocols/crescevendas.md` 3).

A shape that is not recognised is an error, never "no discounts". Nothing that looks like a
line is dropped: a value that cannot be read is None, a code that cannot be read spoils all.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.catalogue.lines import LiveLine
from integrations.crescevendas.fields import (
    ENDS,
    LINES,
    STARTS,
    Names,
    pick,
    read_code,
    read_limit,
    read_price,
)
from integrations.crescevendas.windows import TimeReader

_WRAPPERS = ("response", "data", "discount_stores", "discount_store", *LINES)
_CAMPAIGN = ("discount_store", *LINES)
_PAGING = frozenset({"meta", "total", "next_page", "total_pages", "total_count", "pagination"})
_TOTALS = ("total", "total_count")
_STORES = ("store_registrations", "store_registration")
_BETWEEN = re.compile(r"[,;\s]+")
_DEEPEST = 8


class UnknownShape(ValueError):
    """The document is none of the known shapes."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a read: its lines, the number of things in its list, and what it says of others.

    `more` is None when the answer does not say whether a page follows; `paged` when it talks of pages at
    all. `passed` counts lines of campaigns that are for other stores only.
    """

    lines: Collection[LiveLine]
    items: int
    more: bool | None = None
    total: int | None = None
    paged: bool = False
    passed: int = 0


_Bounds = tuple[datetime | None, datetime | None]


class TolerantReader:
    """Reads documents (JSON with Decimal numbers) for one store's registration."""

    def __init__(self, names: Names, zone: ZoneInfo, registration: str) -> None:
        self._names = names
        self._times = TimeReader(zone)
        self._registration = _bare(registration)
        self._passed = 0

    def read(self, document: Any) -> Page:
        """Return the page. Raises UnknownShape."""
        self._passed = 0
        found = self._find(document, (None, None), 0)
        if found is None:
            raise UnknownShape
        lines, items = found
        more, total, paged = _paging(document)
        return Page(lines, items, more, total, paged, self._passed)

    def _find(
        self, node: Any, bounds: _Bounds, depth: int, *, listed: bool = False
    ) -> tuple[list[LiveLine], int] | None:
        """Return lines and length of the list inside a node, None if there is none to be found.

        In a list campaigns of other stores are passed over; an answer that is one is none to our question.
        """
        if depth > _DEEPEST:
            return None
        if isinstance(node, list):
            return [line for item in node for line in self._item(item, bounds, depth)], len(node)
        if not isinstance(node, dict):
            return None
        if not self._ours(node):
            if not listed:
                raise UnknownShape
            self._passed += sum(len(node[key]) for key in LINES if isinstance(node.get(key), list))
            return [], 1
        bounds = self._bounds(node, bounds)
        below = [node[key] for key in _WRAPPERS if key in node]
        found = [part for value in below if (part := self._find(value, bounds, depth + 1, listed=listed)) is not None]
        if len(found) > 1:
            raise UnknownShape
        return found[0] if found else None

    def _item(self, item: Any, bounds: _Bounds, depth: int) -> list[LiveLine]:
        """Return the lines of one item of a list: a line itself, or a campaign."""
        if isinstance(item, dict) and not any(key in item for key in _CAMPAIGN):
            if self._ours(item):
                return [self._line(item, bounds)]
            self._passed += 1
            return []
        found = None if isinstance(item, list) else self._find(item, bounds, depth + 1, listed=True)
        if found is None:
            raise UnknownShape
        return found[0]

    def _line(self, node: Mapping[str, Any], bounds: _Bounds) -> LiveLine:
        names = self._names
        code = read_code(pick(node, names.code))
        if code is None:
            raise UnknownShape
        starts, ends = self._bounds(node, bounds)
        return LiveLine(
            code,
            read_price(pick(node, names.price)),
            read_price(pick(node, names.final_price)),
            read_limit(pick(node, names.limit)),
            starts,
            ends,
        )

    def _bounds(self, node: Mapping[str, Any], outer: _Bounds) -> _Bounds:
        """Return the node's own window; a bound it does not name is the campaign's around it."""
        starts = next((node[key] for key in STARTS if node.get(key) is not None), None)
        ends = next((node[key] for key in ENDS if node.get(key) is not None), None)
        return (
            outer[0] if starts is None else self._times.read(starts),
            outer[1] if ends is None else self._times.read(ends),
        )

    def _ours(self, node: Mapping[str, Any]) -> bool:
        """Tell whether something is for this store, as it is unless it clearly names other ones only."""
        named = [one for key in _STORES for one in _registrations(node.get(key))]
        return not named or self._registration in map(_bare, named)


def _registrations(named: Any) -> list[str]:
    """Return the stores that are named, in a list or a text. Raises UnknownShape where it cannot be told which."""
    match named:
        case None:
            return []
        case str():
            return [one for one in _BETWEEN.split(named) if one]
        case int() if not isinstance(named, bool):
            return [str(named)]
        case list() if all(isinstance(one, str | int) for one in named):
            return list(map(str, named))
        case _:
            raise UnknownShape


def _paging(document: Any) -> tuple[bool | None, int | None, bool]:
    """Return whether the answer promises a further page (None: it does not say), the total, whether it has pages."""
    paged = False
    total: int | None = None
    for node in _headers(document, 0):
        if not _PAGING & node.keys():
            continue
        total = next((n for key in _TOTALS if (n := read_limit(node.get(key))) is not None), total)
        if "next_page" in node:
            return bool(node["next_page"]), total, True
        paged = True
    return None, total, paged


def _headers(node: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """Yield the objects that may talk of pages: the wrappers and their `meta`, outermost first."""
    if isinstance(node, dict) and depth <= _DEEPEST:
        yield node
        for key in ("response", "data", "meta", "pagination"):
            yield from _headers(node.get(key), depth + 1)


def _bare(registration: str) -> str:
    return "".join(filter(str.isalnum, registration)).upper().lstrip("0")
