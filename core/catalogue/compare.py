"""What is live against what ought to be (`rules.md` 3, `protocols/crescevendas.md` 4).

One dictionary per store: memory stays flat however many stores are compared. Only lines
whose window overlaps the planned one take part. A live value that could not be read (None)
is never equal to ours.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from core.catalogue.codes import numerically
from core.catalogue.lines import Line, LiveLine
from core.catalogue.packed import codes_of
from core.catalogue.told import Told
from core.windows import Window


class Change(msgspec.Struct, frozen=True):
    """One value of one product that differs; `theirs` is None when it could not be read."""

    code: str
    ours: Decimal | int
    theirs: Decimal | int | None


class Difference(msgspec.Struct, frozen=True):
    """The categories of a comparison; lists of codes are in numeric order.

    `extra` are live codes that ought not to be there, `others` live codes that are nobody's
    of ours and only reported (`settled` alone tells them apart). `duplicates` have several
    live lines in the window: harmless while they say the same; when they contradict each
    other, the one that is not ours stands in the category of its value as well.
    """

    missing: list[str] = []
    extra: list[str] = []
    final_price: list[Change] = []
    regular_price: list[Change] = []
    limit: list[Change] = []
    duplicates: list[str] = []
    others: list[str] = []

    @property
    def equal(self) -> bool:
        """Tell whether every one of ours is live unchanged, and nothing that ought to be gone."""
        return not (self.missing or self.extra or self.final_price or self.regular_price or self.limit)

    @property
    def altered(self) -> int:
        """Return how many products are there with another price or limit."""
        return len({change.code for change in (*self.final_price, *self.regular_price, *self.limit)})

    @property
    def counts(self) -> dict[str, int]:
        """Return the number of products per category, empty ones too."""
        return {name: len(getattr(self, name)) for name in self.__struct_fields__}


def compare_lines(expected: Iterable[Line], live: Iterable[LiveLine], window: Window) -> Difference:
    """Compare both sides fully: whatever is live and not expected is `extra`."""
    comparison = _Comparison(expected)
    comparison.take(in_window(live, window))
    return comparison.result(extra=comparison.unknown, others=())


def settled(expected: Iterable[Line], live: Iterable[LiveLine], known: Collection[str], window: Window) -> Difference:
    """Judge a read-back (`rules.md` 3.2): `equal` when ours are there and nothing else that is known is.

    `known` are codes that may be live by our own doing; those that are not expected must be gone.
    Live codes that are neither expected nor known are foreign (3.4): they go to `others`.
    """
    there = list(in_window(live, window))
    if not there:
        # The first look of nearly every day: yesterday's campaign is over.
        return Difference(missing=numerically(dict.fromkeys(codes_of(expected))))
    comparison = _Comparison(expected)
    comparison.take(there)
    left = comparison.unknown.intersection(known)
    return comparison.result(extra=left, others=comparison.unknown - left)


def foreign(ours: Collection[str], values: Iterable[Line], live: Iterable[LiveLine], window: Window) -> list[str]:
    """Return the codes of live lines that somebody else put there (`rules.md` 3.4).

    Ours are the codes that left for this very day, whatever became of them since, and lines with the `values` of
    what is to be sent or was verified last. A code that ours merely would use too makes no line ours.
    """
    there = [line for line in in_window(live, window) if line.code not in ours]
    known = {(line.code, line.price, line.final_price, line.limit) for line in values} if there else ()
    return numerically(
        {line.code for line in there if (line.code, line.price, line.final_price, line.limit) not in known}
    )


def shows(live: Collection[LiveLine], digest: str, window: Window) -> bool:
    """Tell cheaply whether an answer shows the list of this digest and nothing else; False when it cannot be told."""
    return isinstance(live, Told) and live.digest == digest and _in_utc(window).overlaps(*live.bounds)


def covered(expected: Iterable[Line], live: Iterable[LiveLine], window: Window) -> bool:
    """Tell whether each of ours has a live line from the planned start to its end, or from before to after.

    What is settled and covered need not be sent (`rules.md` 3.1). A line without a known window proves no cover.
    """
    start, end = window.start.astimezone(UTC), window.end.astimezone(UTC)
    lasting = {line.code for line in _where(live, lambda starts, ends: _spans(starts, ends, start, end))}
    return lasting.issuperset(codes_of(expected))


def in_window(live: Iterable[LiveLine], window: Window) -> Iterator[LiveLine]:
    """Yield the lines that overlap the window; an unknown bound does not exclude a line."""
    return _where(live, _in_utc(window).overlaps)


def _in_utc(window: Window) -> Window:
    return Window(window.day, window.start.astimezone(UTC), window.end.astimezone(UTC))


def _where(live: Iterable[LiveLine], test: Callable[[datetime | None, datetime | None], bool]) -> Iterator[LiveLine]:
    """Yield the lines whose bounds pass a test.

    Thousands of lines share the two instants of their campaign, so an answer is kept for as
    long as the very same objects come again.
    """
    starts: datetime | None = None
    ends: datetime | None = None
    passed = test(starts, ends)
    for line in live:
        if line.starts is not starts or line.ends is not ends:
            starts, ends = line.starts, line.ends
            passed = test(starts, ends)
        if passed:
            yield line


def _spans(starts: datetime | None, ends: datetime | None, start: datetime, end: datetime) -> bool:
    """Tell whether known bounds hold the whole of a period."""
    return starts is not None and ends is not None and starts <= start and ends >= end


class _Comparison:
    """One pass over the live lines of one store."""

    def __init__(self, expected: Iterable[Line]) -> None:
        self.ours = {line.code: line for line in expected}
        self.seen: set[str] = set()
        self.duplicates: set[str] = set()
        self.final_price: dict[str, Change] = {}
        self.regular_price: dict[str, Change] = {}
        self.limit: dict[str, Change] = {}

    @property
    def unknown(self) -> set[str]:
        """Return live codes that were not expected."""
        return self.seen.difference(self.ours)

    def take(self, live: Iterable[LiveLine]) -> None:
        ours, seen = self.ours, self.seen
        for theirs in live:
            code = theirs.code
            if code in seen:
                self.duplicates.add(code)
            else:
                seen.add(code)
            line = ours.get(code)
            if line is None:
                continue
            if line.final_price != theirs.final_price:
                self.final_price.setdefault(code, Change(code, line.final_price, theirs.final_price))
            if line.price != theirs.price:
                self.regular_price.setdefault(code, Change(code, line.price, theirs.price))
            if line.limit != theirs.limit:
                self.limit.setdefault(code, Change(code, line.limit, theirs.limit))

    def result(self, *, extra: Iterable[str], others: Iterable[str]) -> Difference:
        return Difference(
            missing=numerically(self.ours.keys() - self.seen),
            extra=numerically(extra),
            final_price=_ordered(self.final_price),
            regular_price=_ordered(self.regular_price),
            limit=_ordered(self.limit),
            duplicates=numerically(self.duplicates),
            others=numerically(others),
        )


def _ordered(changes: dict[str, Change]) -> list[Change]:
    return [changes[code] for code in numerically(changes)]
