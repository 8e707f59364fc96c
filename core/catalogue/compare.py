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
    other, the one that is not ours stands in the category of its value as well. `hours` are ours that
    are live for other hours than planned (`settled` alone looks at that).
    """

    missing: list[str] = []
    extra: list[str] = []
    final_price: list[Change] = []
    regular_price: list[Change] = []
    limit: list[Change] = []
    duplicates: list[str] = []
    others: list[str] = []
    hours: list[str] = []

    @property
    def equal(self) -> bool:
        """Tell whether every one of ours is live unchanged, and nothing that ought to be gone."""
        return not (self.missing or self.extra or self.altered or self.hours)

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
    """Judge a read-back (`rules.md` 3.2): `equal` when ours are there, and nothing else that is known is.

    Ours are there when they may last from the planned start to its end: a bound that is not told is not judged.
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
    hours = comparison.seen.intersection(comparison.ours).difference(_lasting(there, window, _may_span))
    return comparison.result(extra=left, others=comparison.unknown - left, hours=hours)


def shows(live: Collection[LiveLine], digest: str, window: Window) -> bool:
    """Tell cheaply whether an answer shows the list of this digest and nothing else; False when it cannot be told."""
    return isinstance(live, Told) and live.digest == digest and _may_span(*live.bounds, _in_utc(window))


def covered(expected: Iterable[Line], live: Iterable[LiveLine], window: Window) -> bool:
    """Tell whether each of ours has a live line from the planned start to its end, or from before to after.

    What is settled and covered need not be sent (`rules.md` 3.1). A line without a known window proves no cover.
    """
    return _lasting(live, window, _spans).issuperset(codes_of(expected))


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


def _lasting(
    live: Iterable[LiveLine], window: Window, spans: Callable[[datetime | None, datetime | None, Window], bool]
) -> set[str]:
    """Return the codes that have a line whose bounds span the window."""
    wanted = _in_utc(window)
    return {line.code for line in _where(live, lambda starts, ends: spans(starts, ends, wanted))}


def _spans(starts: datetime | None, ends: datetime | None, window: Window) -> bool:
    """Tell whether known bounds hold the whole of a window."""
    return starts is not None and ends is not None and _may_span(starts, ends, window)


def _may_span(starts: datetime | None, ends: datetime | None, window: Window) -> bool:
    """Tell whether bounds, as far as they are known, hold the whole of a window."""
    return (starts is None or starts <= window.start) and (ends is None or ends >= window.end)


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

    def result(self, *, extra: Iterable[str], others: Iterable[str], hours: Iterable[str] = ()) -> Difference:
        return Difference(
            missing=numerically(self.ours.keys() - self.seen),
            extra=numerically(extra),
            final_price=_ordered(self.final_price),
            regular_price=_ordered(self.regular_price),
            limit=_ordered(self.limit),
            duplicates=numerically(self.duplicates),
            others=numerically(others),
            hours=numerically(hours),
        )


def _ordered(changes: dict[str, Change]) -> list[Change]:
    return [changes[code] for code in numerically(changes)]
