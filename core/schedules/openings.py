"""When a store opens, as people type it and read it: a time, or times by weekday and on single days."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, time
from typing import Any

from core.errors import BadInput
from core.forms.moments import read_time
from core.forms.words import folded, plain
from core.schedules.cron import parse_cron
from core.schedules.reading import read_schedule
from core.schedules.saying import DAYS, joined, say_days
from core.stores.opening import DEFAULT_OPENING
from core.texts import T, Text

ReadDay = Callable[[str], date]

_DASHES = str.maketrans("\u2013\u2014", "--")
_TIME = r"\d{1,2}(?:[:.h]\d{2}|\s?h(?:s|rs|oras?)?\b)?(?:\s?[ap]m\b)?"
_UNTIL = r"(?:-|\bas?\b|\bto\b|\bate\b|\buntil\b|\bhasta\b)\s*(?:las\s+)?"
_CLOSING = re.compile(rf"(?<![\w/-])({_TIME})\s*{_UNTIL}{_TIME}(?![\w/])")
_FROM = re.compile(r"\b(?:das|de|from|desde)\s+(?:las?\s+)?(?=\d)")
_DOTS = re.compile(r":(?!\d)|(?<=[a-z])\.")
_USUAL = re.compile(rf"^({_TIME})\s*,\s*(?=[a-z])")
_BARE = re.compile(r"(?<![\w:./-])(\d{1,2})(?![\w:./]|\s?(?:[ap]m|h|hs|hrs|horas?)\b)")
_DATE = r"\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}(?:/\d{2,4})?"
_DATED = re.compile(rf"(?<![\w/])({_DATE})\s*,?\s*(?:as|at|a las)?\s*({_TIME})")
_MOST_DATES = 4


def read_opening(text: str, read_day: ReadDay | None = None) -> str | dict[str, Any]:
    """Read `06:00`, `seg a sáb 7h, dom 8h`, or hours of which only the beginning counts: `mon-sat 7-22`.

    With `read_day` single days may have their own time. Raises BadInput.
    """
    try:
        return read_time(text).isoformat("minutes")
    except BadInput:
        pass
    words = _opening_only(" ".join(folded(plain(text).replace("\n", ";")).translate(_DASHES).split()))
    try:
        words, holidays = _dated(words, read_day) if read_day is not None else (words, {})
        usual, days = _by_day(one for one in words.split(";") if one.strip(" ,"))
    except BadInput:
        raise _unknown(text) from None
    named = {day: days.get(day, usual) for day in DAYS}
    if None in named.values():
        raise BadInput(T("And on the other days? Type them too, such as “{text}; every day 06:00”.", text=text))
    default = usual or Counter(named.values()).most_common(1)[0][0]
    return {"default": default, **named, "holidays": holidays}


def _opening_only(words: str) -> str:
    """Return the words with the time of opening alone where hours are given, and bare hours as `7h`."""
    words = _FROM.sub("", _CLOSING.sub(r"\1", _DOTS.sub("", words)))
    return _USUAL.sub(r"\1;", _BARE.sub(r"\1h", words))


def _dated(words: str, read_day: ReadDay) -> tuple[str, dict[str, str]]:
    """Return the words without those about single days, and the times of those."""
    found = {read_day(day).isoformat(): read_time(at).isoformat("minutes") for day, at in _DATED.findall(words)}
    return _DATED.sub(";", words), found


def _by_day(parts: Iterable[str]) -> tuple[str | None, dict[str, str]]:
    """Return the time of every day, if one is given, and those of weekdays. Raises BadInput."""
    usual: list[str] = []
    days: dict[str, str] = {}
    for part in parts:
        for minute, hour, day, month, weekdays in parse_cron(read_schedule(part.strip(" ,"))).lines:
            if (day, month) != ("*", "*") or not (hour.isdecimal() and minute.isdecimal()):
                raise _unknown(part)
            at = time(int(hour), int(minute)).isoformat("minutes")
            if weekdays == "*":
                usual.append(at)
                continue
            named = weekdays.split(",")
            if not days.keys().isdisjoint(named):
                raise _unknown(part)
            days |= dict.fromkeys(named, at)
    if len(usual) > 1:
        raise _unknown("")
    return next(iter(usual), None), days


def say_opening(opening: str | dict[str, Any]) -> Text:
    """Return a time, or the times of all weekdays and of single days, in words."""
    if isinstance(opening, str):
        return T("{value}", value=time.fromisoformat(opening))
    by_time: dict[str, list[str]] = {}
    for day in DAYS:
        by_time.setdefault(opening.get(day) or opening.get("default", DEFAULT_OPENING), []).append(day)
    said = [_at(say_days(days), at) for at, days in by_time.items()]
    if len(said) == 1:
        said = [T("every day at {times}", times=T("{time}", time=time.fromisoformat(next(iter(by_time)))))]
    holidays = sorted(opening.get("holidays", {}).items())
    said += [_at(T("{value}", value=date.fromisoformat(day)), at) for day, at in holidays[:_MOST_DATES]]
    if len(holidays) > _MOST_DATES:
        said.append(T("… and {n} more", n=len(holidays) - _MOST_DATES))
    return joined(said)


def _at(days: Text, at: str) -> Text:
    return T("{days} at {times}", days=days, times=T("{time}", time=time.fromisoformat(at)))


def _unknown(text: str) -> BadInput:
    return BadInput(
        T(
            "“{text}” is no opening time that I understand. Type “06:00”, or by day: “mon to sat 7:00; sun 8:00”.",
            text=text,
        )
    )
