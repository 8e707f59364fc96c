"""Schedules made by taps: a schedule taken apart into entries with one time each, and put together again."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import time

from core.errors import BadInput
from core.schedules.cron import LAST, Fields, every, parse_cron
from core.schedules.saying import DAYS, step_of
from core.texts import T

WEEK = frozenset(DAYS)
MONTH_DAYS = ("1", "5", "10", "15", "20", "25", "28", LAST)
"""Days of a month to tap; any other can be typed."""
OFTEN = (5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720)
"""Minutes to tap for what comes often; each goes into an hour, or whole hours into a day, without a rest."""
_FIRST = time(5, 10)
_HOUR, _DAY = 60, 24 * 60


@dataclass(frozen=True, slots=True)
class Weekly:
    """At one time of day on some weekdays (`mon` to `sun`), all of them: every day."""

    at: time = _FIRST
    days: frozenset[str] = WEEK


@dataclass(frozen=True, slots=True)
class Monthly:
    """At one time of day on some days of the month, `last` among them."""

    at: time = _FIRST
    days: frozenset[str] = frozenset({"1"})


@dataclass(frozen=True, slots=True)
class Often:
    """Every so many minutes, from midnight on."""

    minutes: int = 30


@dataclass(frozen=True, slots=True)
class Raw:
    """A cron line that taps do not make."""

    line: str


Entry = Weekly | Monthly | Often | Raw


def take_apart(text: str | None) -> list[Entry]:
    """Return the entries of a schedule; none of what runs only by hand."""
    if not text:
        return []
    lines = zip(text.split(";"), parse_cron(text).lines, strict=True)
    return list(dict.fromkeys(entry for line, fields in lines for entry in _entries(line.strip(), fields)))


def put_together(entries: Iterable[Entry]) -> str | None:
    """Return the schedule of some entries; times on the same days share a cron line where one can hold them."""
    lines: dict[tuple[str, int], set[int]] = {}
    others: list[str] = []
    for entry in entries:
        match entry:
            case Weekly() | Monthly():
                lines.setdefault((_days(entry), entry.at.minute), set()).add(entry.at.hour)
            case Often(minutes):
                others.append(every(minutes))
            case Raw(line):
                others.append(line)
    daily = [f"{minute} {','.join(map(str, sorted(hours)))} {days}" for (days, minute), hours in lines.items()]
    return "; ".join([*daily, *dict.fromkeys(others)]) or None


def with_day(entry: Weekly | Monthly, day: str) -> Weekly | Monthly:
    """Return an entry with one day more, or without it. Raises BadInput when none would be left."""
    days = entry.days ^ {day}
    if not days:
        raise BadInput(T("One day has to stay. Tap another one first, or remove this time."))
    return replace(entry, days=days)


def shifted(entry: Weekly | Monthly, minutes: int) -> Weekly | Monthly:
    """Return an entry so many minutes later, or earlier, around the clock."""
    total = (entry.at.hour * _HOUR + entry.at.minute + minutes) % _DAY
    return replace(entry, at=time(total // _HOUR, total % _HOUR))


def _entries(line: str, fields: Fields) -> list[Entry]:
    minute, hour, day, month, weekday = fields
    if month != "*" or (day != "*" and weekday != "*"):
        return [Raw(line)]
    if day == weekday == "*" and (often := _how_often(minute, hour)) is not None:
        return [Often(often)]
    if "*" in (minute, hour):
        return [Raw(line)]
    times = sorted(time(int(h), int(m)) for h in hour.split(",") for m in minute.split(","))
    if day != "*":
        return [Monthly(at, frozenset(day.split(","))) for at in times]
    return [Weekly(at, WEEK if weekday == "*" else frozenset(weekday.split(","))) for at in times]


def _how_often(minute: str, hour: str) -> int | None:
    if hour == "*":
        return 1 if minute == "*" else (_HOUR if minute == "0" else step_of(minute, _HOUR))
    hours = step_of(hour, _DAY // _HOUR) if minute == "0" else None
    return None if hours is None else hours * _HOUR


def _days(entry: Weekly | Monthly) -> str:
    """Return the last three fields of an entry's line."""
    if isinstance(entry, Monthly):
        numbers = sorted(int(day) for day in entry.days if day != LAST)
        return f"{','.join([*map(str, numbers), *(['L'] if LAST in entry.days else [])])} * *"
    if entry.days == WEEK:
        return "* * *"
    return f"* * {','.join(day for day in DAYS if day in entry.days)}"
