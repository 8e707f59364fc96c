"""When a store opens: usually, on single weekdays, on holidays (`rules.md` 2, CH-23)."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

DEFAULT_OPENING = "06:00"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Opening = str | Mapping[str, Any]
"""A time, `06:00`; or `{default, mon … sun, holidays: {date: time}}`, of which any may be left out."""


def opening_on(opening: Opening, day: date) -> time:
    """Return when a store opens on a day: a holiday's time comes before its weekday's."""
    if isinstance(opening, str):
        return time.fromisoformat(opening)
    weekday = opening.get(WEEKDAYS[day.weekday()], opening.get("default", DEFAULT_OPENING))
    return time.fromisoformat(opening.get("holidays", {}).get(day.isoformat(), weekday))
