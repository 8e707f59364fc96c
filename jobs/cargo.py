"""What leaves for a store: a prepared list, and what has to be known of it on its way."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from core.catalogue.compare import foreign
from core.catalogue.lines import Line, LiveLine
from core.catalogue.packed import codes_of
from core.catalogue.places import Place
from core.catalogue.sets import Baseline
from core.windows import Window


@dataclass(frozen=True, slots=True)
class Cargo:
    """A prepared list on its way. Its data is of `read_at`, and may be sent as long as it is `fresh_for`.

    `unproven` are codes that left for the store today and were never read back. What only
    `removes` lines leaves although sending is paused; what `empties` the store says so. `origin` is
    that of the scan behind the list, None for a list that no scan is behind. `place` is where it goes,
    `here` what was verified there last; `baseline` may have been verified elsewhere.
    """

    lines: Sequence[Line]
    digest: str
    baseline: Baseline | None
    counts: dict[str, Any]
    place: Place
    here: Baseline | None
    read_at: datetime
    fresh_for: timedelta
    unproven: frozenset[str] = frozenset()
    removes: bool = False
    empties: bool = False
    origin: str | None = None

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether the data may be sent still; of an age that is not known (the clock was set back) it may not."""
        return self.read_at <= now <= self.read_at + self.fresh_for

    @property
    def known(self) -> frozenset[str]:
        """Codes that may be live by our own doing: verified before, or sent today."""
        return self.unproven.union(self.here.codes if self.here else ())

    def foreign(self, live: Collection[LiveLine], window: Window) -> list[str]:
        """Return the codes of live lines that are neither ours nor what is to be sent (`rules.md` 3.4)."""
        last = self.here
        today = last.codes if last is not None and last.day == window.day else ()
        values = chain(self.lines, last.lines.values() if last is not None else ())
        return foreign(self.unproven.union(today), values, live, window)

    @property
    def gone(self) -> list[Line]:
        """Lines of the last verified list that this one no longer has."""
        if self.baseline is None or self.baseline.digest == self.digest:
            return []
        kept = set(codes_of(self.lines))
        return [line for line in self.baseline.lines.values() if line.code not in kept]
