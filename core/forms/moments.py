"""Times of day and dates as people write them."""

import re
from datetime import date, time, timedelta

from babel import Locale

from core.errors import BadInput
from core.forms.words import folded
from core.texts import T

_TIME = re.compile(
    r"(\d{1,2})(?:\s*[:h.]\s*([0-5]\d)?)?(?::[0-5]\d)?\s*(?:h|hs|hrs|horas?|min)?\s*(am|pm|a\.m\.|p\.m\.)?"
)
_DIGITS = re.compile(r"([01]\d|2[0-3])([0-5]\d)")
_NAMED_TIMES = {"noon": time(12), "meio-dia": time(12), "meio dia": time(12), "mediodia": time(12)}
_NAMED_TIMES |= {"midnight": time(0), "meia-noite": time(0), "meia noite": time(0), "medianoche": time(0)}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DATE = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})(?:\s*[/.-]\s*(\d{4}|\d{2}))?")
_NAMED_DAYS = {"today": 0, "hoje": 0, "hoy": 0, "tomorrow": 1, "amanha": 1, "manana": 1}
_EXAMPLE = date(2026, 11, 23)
_HOURS, _HALF_DAY = 24, 12
_CENTURY = 2000
_FULL_YEAR = 4
_LEAP = 9
"""The 29th of February exists every four, at most eight years."""


def read_time(text: str) -> time:
    """Read `06:00`, `6h`, `6h30`, `0630`, `6.30` or `6 pm`. Raises BadInput."""
    bare = folded(text)
    if bare in _NAMED_TIMES:
        return _NAMED_TIMES[bare]
    if digits := _DIGITS.fullmatch(bare):
        return time(int(digits[1]), int(digits[2]))
    match = _TIME.fullmatch(bare)
    if match is not None:
        hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").replace(".", "")
        if half and 1 <= hour <= _HALF_DAY:
            hour = hour % _HALF_DAY + (_HALF_DAY if half == "pm" else 0)
        elif half:
            hour = _HOURS
        if hour < _HOURS:
            return time(hour, minute)
    raise BadInput(T("“{text}” is not a time. Type it as 06:00 or 6h30.", text=text))


def read_date(text: str, locale: str, today: date, *, past: bool = False) -> date:
    """Read `23/11`, `23/11/2026`, `2026-11-23`, `tomorrow`; day or month first as the language has it.

    Without a year it is the next such day, or the last one where only what is past is meant. Raises BadInput.
    """
    bare = folded(text)
    if bare in _NAMED_DAYS:
        return today + timedelta(days=_NAMED_DAYS[bare])
    try:
        if iso := _ISO.fullmatch(bare):
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if match := _DATE.fullmatch(bare):
            day, month = _ordered(int(match[1]), int(match[2]), month_first=_month_first(locale))
            return _dated(day, month, match[3]) if match[3] else _nearest(day, month, today, past=past)
    except ValueError:
        pass
    raise BadInput(T("“{text}” is not a date. Type it as {example}.", text=text, example=_EXAMPLE))


def _ordered(first: int, second: int, *, month_first: bool) -> tuple[int, int]:
    """Return day and month. What can be no month is the day, whatever the language."""
    months = 12
    return (second, first) if second > months or (month_first and first <= months) else (first, second)


def _dated(day: int, month: int, year: str) -> date:
    return date(int(year) + (0 if len(year) == _FULL_YEAR else _CENTURY), month, day)


def _nearest(day: int, month: int, today: date, *, past: bool) -> date:
    for years in range(_LEAP):
        try:
            found = date(today.year + (-years if past else years), month, day)
        except ValueError:
            continue
        if found <= today if past else found >= today:
            return found
    raise ValueError("no such day")


def _month_first(locale: str) -> bool:
    pattern = str(Locale.parse(locale).date_formats["short"].pattern)
    return pattern.lower().find("m") < pattern.lower().find("d")
