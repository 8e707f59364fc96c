"""Cron lines: five fields as crond reads them, on APScheduler's triggers.

Differences that this file takes care of (`design.md` 2): APScheduler counts 0 as Monday, knows
neither 7 nor `@daily`, and wants both day fields to match where crond takes either.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

from core.errors import BadInput
from core.texts import T, Text

_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BOUNDS = {"minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "day_of_week": (0, 7)}
_NAMES: dict[str, Text] = {
    "minute": T("minute"),
    "hour": T("hour"),
    "day": T("day"),
    "month": T("month"),
    "day_of_week": T("day of week"),
}
_HOUR, _DAY = 60, 24
LAST = "last"
"""The last day of a month, written `L`."""
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LONGEST_JUMP = timedelta(hours=3)
"""More than daylight saving turns a clock anywhere."""
_PART = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?")


Fields = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Cron:
    """A schedule, understood: one cron line, or several between semicolons."""

    text: str
    lines: tuple[Fields, ...]

    def next_after(self, instant: datetime, zone: ZoneInfo) -> datetime | None:
        """Return the first due instant (UTC) after `instant` for a clock in `zone`, or None when there is none."""
        found = [due for line in self.lines if (due := self._next(line, instant, zone)) is not None]
        return min(found, default=None)

    def next_runs(self, instant: datetime, zone: ZoneInfo, count: int) -> list[datetime]:
        """Return the first few due instants (UTC) after `instant`."""
        runs: list[datetime] = []
        while len(runs) < count and (due := self.next_after(runs[-1] if runs else instant, zone)) is not None:
            runs.append(due)
        return runs

    def _next(self, fields: Fields, instant: datetime, zone: ZoneInfo) -> datetime | None:
        if fields[1] == "*":
            return _passing(_trigger(fields, zone), instant, zone)
        return _on_the_wall(_trigger(fields, ZoneInfo("UTC")), instant, zone)


def _trigger(fields: Fields, zone: ZoneInfo) -> Any:
    minute, hour, day, month, weekday = fields
    either = day != "*" and weekday != "*"
    choices = [(day, "*"), ("*", weekday)] if either else [(day, weekday)]
    triggers = [
        CronTrigger(minute=minute, hour=hour, month=month, day=d, day_of_week=w, timezone=zone) for d, w in choices
    ]
    return OrTrigger(triggers) if either else triggers[0]


def _passing(trigger: Any, instant: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the next instant of what comes in every hour that passes, be the clock turned or not."""
    # "Now" counts as due for APScheduler; what was due at `instant` itself is past for us.
    due: datetime | None = trigger.get_next_fire_time(None, instant.astimezone(zone))
    while due is not None and due <= instant:
        due = trigger.get_next_fire_time(due, due)
    return None if due is None else due.astimezone(UTC)


def _on_the_wall(trigger: Any, instant: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the next instant of what comes at times of day: once each, also when the clock is turned.

    A time that the clock leaves out comes as much later as the clock jumps; of one that it shows
    twice the first counts. `trigger` reckons as if the clock on the wall were UTC.
    """
    found: datetime | None = None
    wall: datetime | None = trigger.get_next_fire_time(None, _wall(instant, zone) - _LONGEST_JUMP)
    while wall is not None and (found is None or wall < _wall(found, zone)):
        due = wall.replace(tzinfo=zone).astimezone(UTC)
        if due > instant and (found is None or due < found):
            found = due
        wall = trigger.get_next_fire_time(wall, wall)
    return found


def _wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=UTC, fold=0)


def parse_cron(text: str) -> Cron:
    """Return the schedule understood. Raises BadInput that says which field is wrong."""
    return Cron(text, tuple(_line(part) for part in text.split(";")))


def every(minutes: int) -> str:
    """Return the cron line for every so many minutes from midnight on, which go into an hour, or whole hours a day."""
    hours, rest = divmod(minutes, _HOUR)
    if rest:
        return "* * * * *" if minutes == 1 else f"*/{minutes} * * * *"
    if hours == 1:
        return "0 * * * *"
    return "0 0 * * *" if hours == _DAY else f"0 */{hours} * * *"


def _line(text: str) -> Fields:
    line = _NICKNAMES.get(text.strip().lower(), text.strip())
    parts = line.split()
    if len(parts) != len(_BOUNDS):
        raise BadInput(
            T(
                "“{text}” is no schedule: it has five fields, minute hour day month weekday, as in 10 5 * * *.",
                text=text,
            )
        )
    minute, hour, day, month, weekday = (_field(text, name, part) for name, part in zip(_BOUNDS, parts, strict=True))
    if weekday == "*" and not _comes(day, month):
        raise BadInput(T("The schedule “{text}” never comes: no such day exists in those months.", text=text))
    return minute, hour, day, month, weekday


def _comes(day: str, month: str) -> bool:
    if "*" in (day, month) or LAST in day:
        return True
    longest = max(_LONGEST[int(number) - 1] for number in month.split(","))
    return min(int(number) for number in day.split(",")) <= longest


def _field(text: str, name: str, part: str) -> str:
    pieces = [_piece(text, name, piece) for piece in part.lower().split(",")]
    return "*" if "*" in pieces else ",".join(pieces)


def _piece(text: str, name: str, piece: str) -> str:
    if name == "day" and piece in ("l", LAST):
        return LAST
    match = _PART.fullmatch(piece)
    if match is None:
        raise _wrong(text, name, piece)
    first, last, step = match.groups()
    low, high = _BOUNDS[name]
    if first == "*":
        if step is None:
            return "*"
        high = 6 if name == "day_of_week" else high
        return _spell(name, range(low, high + 1, _step(text, name, piece, step)))
    start = _number(text, name, first)
    end = _number(text, name, last) if last else (high if step else start)
    if end < start:
        raise _wrong(text, name, piece)
    return _spell(name, range(start, end + 1, _step(text, name, piece, step or "1")))


def _spell(name: str, numbers: range) -> str:
    if name != "day_of_week":
        return ",".join(str(number) for number in numbers)
    return ",".join(dict.fromkeys(_DAYS[number % 7] for number in numbers))


def _step(text: str, name: str, piece: str, step: str) -> int:
    if int(step) == 0:
        raise _wrong(text, name, piece)
    return int(step)


def _number(text: str, name: str, word: str) -> int:
    low, high = _BOUNDS[name]
    if name == "day_of_week" and word[:3] in _DAYS:
        return _DAYS.index(word[:3])
    if name == "month" and word[:3] in _MONTHS:
        return _MONTHS.index(word[:3]) + 1
    if not word.isdecimal() or not low <= int(word) <= high:
        raise _wrong(text, name, word)
    return int(word)


def _wrong(text: str, name: str, piece: str) -> BadInput:
    low, high = _BOUNDS[name]
    return BadInput(
        T(
            "“{piece}” is no {field} in the schedule “{text}”: use {low}-{high}, lists, ranges or */n.",
            piece=piece,
            field=_NAMES[name],
            text=text,
            low=str(low),
            high=str(high),
        )
    )
