"""Schedules as people type them: `every day 05:10`, `seg a sex 6h`, `a cada 30 min`, or a cron line."""

import re
from datetime import time

from core.errors import BadInput
from core.forms.moments import read_time
from core.forms.words import folded, plain
from core.schedules.cron import every, parse_cron
from core.texts import T

_CRON = re.compile(r"@\w+|[\d*/,\-lL]+(?:\s+[\w*/,\-]+){4}")
_OFTEN = re.compile(
    r"(?:every|a cada|cada|de)\s+(\d{1,3}\s+)?(min|mins|minutes?|minutos?|m|h|hs|hours?|horas?)(?:\s+em\s+.*)?"
)
_TIME = re.compile(r"\b(\d{1,2}(?:[:.]\d{2}|h\d{2}|\s?hs?\b|\s?horas?\b)(?:\s?[ap]m)?|\d{1,2}\s?[ap]m)\b")
_NAMED = {"meio[- ]?dia|mediodia|noon": "12:00", "meia[- ]?noite|medianoche|midnight": "00:00"}
_HALVES = re.compile(
    r"\b(\d{1,2})((?:[:.h]\d{2})?)(?:\s?hs?|\s?horas?)?\s+(?:da|de la|in the|at)\s+"
    r"(?:(manha|madrugada|manana|morning)|(tarde|noite|noche|afternoon|evening|night))\b"
)
_BARE = re.compile(
    r"\b(?:as|at|a las|a la)\s+(\d{1,2}(?:\s*(?:,|\be\b|\by\b|\band\b)\s*\d{1,2})*)\b"
    r"(?![:.]\d|\s?(?:h|hs|horas?|[ap]m)\b)"
)
_JOINED = re.compile(r"^[,\s]*(?:(?:e|y|and)\b)?[,\s]*|[,\s]+(?:(?:e|y|and)\s*)?$")
_NOISE = re.compile(
    r"\b(as|a las|a la|at|on|em|no|na|nos|nas|los|las|o|os|the|de cada mes|do mes|del mes|of the month)\b"
)
_RANGE = re.compile(r"(\w+?)(?:-feira)?\s*(?:-|\ba\b|\bto\b|\bate\b|\bal?\b|\bthrough\b)\s*(\w+?)(?:-feira)?")
_MONTHLY = re.compile(
    r"(?:every month |monthly |todo mes |mensal |cada mes |mensual |every |todo |todos )?"
    r"(?:(?:days?|dias?|el)\s+(?:\d{1,2}(?:st|nd|rd|th|o)?[\s,]*(?:e|y|and)?[\s,]*)+"
    r"|(?:\d{1,2}(?:st|nd|rd|th)[\s,]*(?:and)?[\s,]*)+)"
)
_LAST = re.compile(r"(?:every |todo |cada )?(?:ultimo dia|last day|ultimo)")
_EVERY_DAY = frozenset(("", "every day", "daily", "todo dia", "todos dias", "todos os dias", "diariamente"))
_EVERY_DAY |= {"diario", "todos los dias", "cada dia"}
_WORKDAYS = frozenset(("weekdays", "weekday", "workdays", "workday", "dias uteis", "dia util", "dias de semana"))
_WORKDAYS |= {"dias laborables", "dia laborable", "dias habiles", "dia habil", "entre semana"}
_WEEKEND = frozenset(("weekend", "weekends", "fim de semana", "fins de semana", "fin de semana", "fines de semana"))
_DAYS: dict[str, int] = {
    word: number
    for number, words in enumerate(
        (
            ("sun", "sunday", "dom", "domingo"),
            ("mon", "monday", "seg", "segunda", "2a", "lun", "lunes"),
            ("tue", "tues", "tuesday", "ter", "terca", "3a", "mar", "martes"),
            ("wed", "wednesday", "qua", "quarta", "4a", "mie", "miercoles"),
            ("thu", "thur", "thurs", "thursday", "qui", "quinta", "5a", "jue", "jueves"),
            ("fri", "friday", "sex", "sexta", "6a", "vie", "viernes"),
            ("sat", "saturday", "sab", "sabado"),
        )
    )
    for word in words
}
_HOUR, _DAY, _WEEK, _NOON = 60, 24, 7, 12
_NIGHTS = frozenset(("noite", "noche", "night"))


def read_schedule(text: str) -> str:
    """Return the cron line (or several, between semicolons) that the words mean. Raises BadInput."""
    parts = [part.strip() for part in re.split(r"[;\n]", plain(text)) if part.strip()]
    if not parts:
        raise _unknown(text)
    return "; ".join(line for part in parts for line in _part(part))


def _part(text: str) -> list[str]:
    if _CRON.fullmatch(text):
        parse_cron(text)
        return [text]
    words = _spelled(" ".join(folded(text).split()))
    if match := _OFTEN.fullmatch(words):
        return [_often(int(match[1] or 1), match[2], text)]
    return [line for days, times in _groups(words, text) for line in _lines(days, times, text)]


def _spelled(words: str) -> str:
    """Return the words with times as digits: `as 7` as `7h`, `6 da tarde` as `6 pm`, `noon` as `12:00`."""
    for names, moment in _NAMED.items():
        words = re.sub(rf"\b(?:{names})\b", moment, words)
    words = re.sub(r"\b(?:primeiro dia|primer dia|first day)\b", "dia 1", words)
    words = re.sub(r"^hourly$", "every hour", words)
    words = _HALVES.sub(_half, words)
    return _BARE.sub(lambda match: re.sub(r"\d+", r"\g<0>h", match[1]), words)


def _half(match: re.Match[str]) -> str:
    """Return a time of the morning or the evening; noon at night is midnight."""
    hour, minutes = int(match[1]), match[2] or "h"
    if match[4] is not None and hour == _NOON and match[4] in _NIGHTS:
        hour = 0
    if not 1 <= hour <= _NOON:
        return f"{hour}{minutes}"
    return f"{hour}{minutes} {'am' if match[3] is not None else 'pm'}"


def _groups(words: str, text: str) -> list[tuple[str, list[time]]]:
    """Return days with their times: words between two times are the days of either the times before or after them."""
    between = [""]
    times: list[list[time]] = [[]]
    end = 0
    for match in _TIME.finditer(words):
        gap = _clean(words[end : match.start()])
        if times[-1] and gap:
            times.append([])
            between.append(gap)
        elif gap:
            between[-1] = gap
        times[-1].append(read_time(match[0].replace(" ", "")))
        end = match.end()
    tail = _clean(words[end:])
    if not times[0]:
        _days(tail, text)
        raise BadInput(T("At what time? Type it too, such as “{text} 06:00”.", text=text))
    if len(times) == 1:
        return [(" ".join(f"{between[0]} {tail}".split()), times[0])]
    if bool(between[0]) is bool(tail):
        raise _unknown(text)
    days = between if between[0] else [*between[1:], tail]
    return list(zip(days, times, strict=True))


def _clean(words: str) -> str:
    return " ".join(_JOINED.sub("", " ".join(_NOISE.sub(" ", words).split())).split())


def _lines(words: str, times: list[time], text: str) -> list[str]:
    days = _days(words, text)
    minutes = sorted({moment.minute for moment in times})
    lines = []
    for minute in minutes:
        hours = sorted({moment.hour for moment in times if moment.minute == minute})
        lines.append(f"{minute} {','.join(map(str, hours))} {days}")
    return lines


def _often(number: int, unit: str, text: str) -> str:
    """Return the line for every so many minutes or hours; what does not divide evenly would drift."""
    around = _HOUR if unit.startswith("m") else _DAY
    if not 0 < number <= around or around % number:
        choices = [str(one) for one in range(1, around + 1) if around % one == 0]
        raise BadInput(T("“{text}” does not come out even. Use one of: {choices}.", text=text, choices=choices))
    return every(number if around == _HOUR else number * _HOUR)


def _days(words: str, text: str) -> str:
    """Return the last three fields of the line."""
    if words in _EVERY_DAY:
        return "* * *"
    words = re.sub(r"^(?:de|every|cada|todos|todo)\s+(?=\D)", "", words)
    if words in _WORKDAYS:
        return "* * 1-5"
    if words in _WEEKEND:
        return "* * 0,6"
    if _LAST.fullmatch(words):
        return "L * *"
    if _MONTHLY.fullmatch(words):
        numbers = sorted({int(one) for one in re.findall(r"\d+", words)})
        if not all(1 <= number <= 31 for number in numbers):  # noqa: PLR2004 - days of a month
            raise _unknown(text)
        return f"{','.join(map(str, numbers))} * *"
    return f"* * {','.join(map(str, _weekdays(words, text)))}"


def _weekdays(words: str, text: str) -> list[int]:
    found: set[int] = set()
    for piece in re.split(r"\s*,\s*|\s+(?:e|y|and)\s+", words):
        name = re.sub(r"^(every|toda|todas|todo|todos|cada)\s+", "", piece.strip())
        if match := _RANGE.fullmatch(name):
            first, last = (_weekday(one, text) for one in match.groups())
            found |= {(first + step) % _WEEK for step in range((last - first) % _WEEK + 1)}
        else:
            found.add(_weekday(name, text))
    return sorted(found)


def _weekday(name: str, text: str) -> int:
    bare = name.removesuffix("-feira").removesuffix(" feira")
    for word in (bare, bare.removesuffix("s")):
        if word in _DAYS:
            return _DAYS[word]
    raise _unknown(text)


def _unknown(text: str) -> BadInput:
    return BadInput(
        T(
            "“{text}” is no schedule that I understand. Type “every day 05:10”, “mon to fri 6:00; sat 8:00”,"
            " “every 30 minutes”, “day 1 06:00”, “last day 06:00”, or a cron line.",
            text=text,
        )
    )
