"""Time that can be turned: every 'now' of Chimera comes from a Clock."""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Tells the current instant, timezone-aware in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock, shifted by a constant offset (`CHIMERA_CLOCK`, `rules.md` 8)."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    @classmethod
    def starting_at(cls, instant: datetime) -> "SystemClock":
        """Return a clock that shows `instant` (aware) now and runs on from there."""
        return cls(instant.astimezone(UTC) - datetime.now(UTC))

    @property
    def shifted(self) -> bool:
        return bool(self.offset)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


class ManualClock:
    """A clock that stands still until it is moved; for tests and simulations."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant.astimezone(UTC)

    def now(self) -> datetime:
        return self.instant

    def move(self, step: timedelta) -> None:
        self.instant += step


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day of `instant` at a place."""
    return instant.astimezone(zone).date()
