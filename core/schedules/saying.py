"""Schedules in words, for the forms that people make; anything else is shown as its cron line."""

from datetime import time

from core.errors import BadInput
from core.schedules.cron import LAST, Fields, parse_cron
from core.texts import TN, T, Text

DAYS: dict[str, Text] = {
    "mon": T("Monday"),
    "tue": T("Tuesday"),
    "wed": T("Wednesday"),
    "thu": T("Thursday"),
    "fri": T("Friday"),
    "sat": T("Saturday"),
    "sun": T("Sunday"),
}
SHORT_DAYS: dict[str, Text] = {
    "mon": T("Mon"),
    "tue": T("Tue"),
    "wed": T("Wed"),
    "thu": T("Thu"),
    "fri": T("Fri"),
    "sat": T("Sat"),
    "sun": T("Sun"),
}
_ORDER = tuple(DAYS)
_SHORTEST_RANGE = 3
_HOUR, _DAY = 60, 24


def say_schedule(text: str | None) -> Text:
    """Return a schedule in words."""
    if not text:
        return T("only by hand")
    try:
        lines = parse_cron(text).lines
    except BadInput:
        return T("cron line {line}", line=text)
    said = [_say(line) for line in lines]
    known = [one for one in said if one is not None]
    if len(known) < len(said):
        return T("cron line {line}", line=text)
    return joined(known)


def joined(parts: list[Text]) -> Text:
    """Return parts of a schedule as one text."""
    result = parts[0]
    for one in parts[1:]:
        result = T("{one}; {other}", one=result, other=one)
    return result


def _say(line: Fields) -> Text | None:
    minute, hour, day, month, weekday = line
    if month != "*" or (day != "*" and weekday != "*"):
        return None
    if day == weekday == "*" and (often := _often(minute, hour)) is not None:
        return often
    times = _times(minute, hour)
    if times is None:
        return None
    if day != "*":
        return _monthly(day, times)
    if weekday == "*":
        return T("every day at {times}", times=times)
    return T("{days} at {times}", days=say_days(weekday.split(",")), times=times)


def _often(minute: str, hour: str) -> Text | None:
    """Return the words for every so many minutes or hours, or None."""
    if hour == "*" and minute == "*":
        return T("every minute")
    if hour == "*" and (step := step_of(minute, _HOUR)) is not None:
        return TN("every minute", "every {n} minutes", step)
    if minute.isdecimal() and hour == "*":
        return T("every hour at minute {minute}", minute=int(minute))
    if minute.isdecimal() and (step := step_of(hour, _DAY)) is not None:
        return TN("every hour", "every {n} hours, from {first}", step, first=time(0, int(minute)))
    return None


def step_of(field: str, around: int) -> int | None:
    """Return the distance of numbers that come evenly all around the clock, beginning at 0."""
    numbers = [int(one) for one in field.split(",")] if field.replace(",", "").isdecimal() else []
    if len(numbers) <= 1 or numbers[0] != 0:
        return None
    step = numbers[1]
    return step if numbers == list(range(0, around, step)) and around % step == 0 else None


def _times(minute: str, hour: str) -> Text | None:
    if not (minute.replace(",", "").isdecimal() and hour.replace(",", "").isdecimal()):
        return None
    times = [time(int(h), int(m)) for h in hour.split(",") for m in minute.split(",")]
    return _listed([T("{time}", time=one) for one in sorted(times)])


def _monthly(day: str, times: Text) -> Text:
    numbers = [one for one in day.split(",") if one != LAST]
    if not numbers:
        return T("on the last day of the month at {times}", times=times)
    days = _listed([T("{day}", day=one) for one in numbers])
    several = len(numbers) + day.count("-")
    if LAST in day.split(","):
        return TN(
            "on day {days} and the last day of the month at {times}",
            "on days {days} and the last day of the month at {times}",
            several,
            days=days,
            times=times,
        )
    return TN(
        "on day {days} of the month at {times}",
        "on days {days} of the month at {times}",
        several,
        days=days,
        times=times,
    )


def say_days(names: list[str]) -> Text:
    """Return weekdays, three or more in a row as a range."""
    chosen = sorted({_ORDER.index(name) for name in names})
    if len(chosen) >= _SHORTEST_RANGE and chosen == list(range(chosen[0], chosen[-1] + 1)):
        return T("{first} to {last}", first=DAYS[_ORDER[chosen[0]]], last=DAYS[_ORDER[chosen[-1]]])
    return _listed([DAYS[_ORDER[index]] for index in chosen])


def _listed(parts: list[Text]) -> Text:
    if len(parts) == 1:
        return parts[0]
    return T("{items} and {last}", items=parts[:-1], last=parts[-1])
