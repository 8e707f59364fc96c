"""Which day and which hours a campaign covers (`rules.md` 2, `protocols/crescevendas.md` 6)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.clock import local_date

END_OF_DAY = time(23, 59)
DEFAULT_LEAD = timedelta(minutes=5)
"""How long before its start a platform wants a campaign, unless its settings say otherwise."""
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end`, both aware instants on the same store-local `day`."""

    day: date
    start: datetime
    end: datetime

    def overlaps(self, start: datetime | None, end: datetime | None) -> bool:
        """Tell whether a period touches this window; an unknown bound does not exclude it."""
        return (start is None or start < self.end) and (end is None or end > self.start)


def plan_window(now: datetime, zone: ZoneInfo, opening: time, lead: timedelta) -> Window | None:
    """Return today's window for a store, or None when it is too late for today.

    Start is the opening time, or `now + lead` rounded up to the minute when that is later;
    the end is 23:59. Both are instants of the store's own zone.
    """
    day = local_date(now, zone)
    # Compared as instants: within one zone Python compares what the clock shows, which may come twice or never.
    opens, end = (datetime.combine(day, shown, zone).astimezone(UTC) for shown in (opening, END_OF_DAY))
    start = max(opens, _round_up(now + lead))
    return Window(day, start.astimezone(zone), end.astimezone(zone)) if start < end else None


def _round_up(instant: datetime) -> datetime:
    whole = instant.replace(second=0, microsecond=0)
    return whole if whole == instant else whole + _MINUTE
