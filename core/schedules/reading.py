"""Schedules as people type them: `every day 05:10`, `seg a sex 6h`, `a cada 30 min`, or a cron line."""

import re

from core.errors import BadInput
from core.forms.moments import read_time
from core.forms.words import folded, plain
from core.schedules.cron import parse_cron
from core.texts import T

_CRON = re.compile(r"@\w+|[\d*/,\-lL]+(?:\s+[\w*/,\-]+){4}")
_OFTEN = re.compile(
    r"(?:every|a cada|cada|de)\s+(\d{1,3}\s+)?(min|mins|minutes?|minutos?|m|h|hs|hours?|horas?)(?:\s+em\s+.*)?"
)
_TIME = re.compile(r"\b(\d{1,2}(?:[:.]\d{2}|h\d{2}|\s?hs?\b|\s?horas?\b)(?:\s?[ap]m)?|\d{1,2}\s?[ap]m)\b")
_NOISE = re.compile(
    r"\b(as|a las|a la|at|on|em|no|na|nos|nas|los|las|o|os|the|de cada mes|do mes|del mes|of the month)\b"
)
_RANGE = re.compile(r"(\w+?)s?(?:-feira)?\s*(?:-|\ba\b|\bto\b|\bate\b|\bal?\b|\bthrough\b)\s*(\w+?)s?(?:-feira)?")
_MONTHLY = re.compile(
    r"(?:every |todo |todos )?(?:days?|dias?)\s+((?:\d{1,2}(?:st|nd|rd|th)?[\s,]*(?:e|y|and)?[\s,]*)+)"
)
_LAST = re.compile(r"(?:every |todo |cada )?(?:ultimo dia|last day|ultimo)")
_EVERY_DAY = frozenset(("", "every day", "daily", "todo dia", "todos dias", "todos os dias", "diariamente"))
_EVERY_DAY |= {"diario", "todos los dias", "cada dia"}
_WORKDAYS = frozenset(("weekdays", "workdays", "dias uteis", "dia util", "dias laborables", "dias de semana"))
_WEEKEND = frozenset(("weekend", "weekends", "fim de semana", "fins de semana", "fin de semana", "fines de semana"))
_DAYS: dict[str, int] = {
    word: number
    for number, words in enumerate(
        (
            ("sun", "sunday", "dom", "domingo"),
            ("mon", "monday", "seg", "segunda", "lun", "lunes"),
            ("tue", "tues", "tuesday", "ter", "terca", "mar", "martes"),
            ("wed", "wednesday", "qua", "quarta", "mie", "miercoles"),
            ("thu", "thur", "thurs", "thursday", "qui", "quinta", "jue", "jueves"),
            ("fri", "friday", "sex", "sexta", "vie", "viernes"),
            ("sat", "saturday", "sab", "sabado"),
        )
    )
    for word in words
}
_HOUR, _DAY, _WEEK = 60, 24, 7


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
    words = " ".join(folded(text).split())
    if match := _OFTEN.fullmatch(words):
        return [_often(int(match[1] or 1), match[2], text)]
    times = [read_time(found.replace(" ", "")) for found in _TIME.findall(words)]
    if not times:
        raise _unknown(text)
    rest = _TIME.sub(" ", words)
    rest = " ".join(re.sub(r"[,\s]+(?:e|y|and)?\s*$", "", _NOISE.sub(" ", rest).strip(" ,")).split())
    days = _days(rest.strip(" ,"), text)
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
    if around == _HOUR:
        return "0 * * * *" if number == _HOUR else ("* * * * *" if number == 1 else f"*/{number} * * * *")
    return "0 0 * * *" if number == _DAY else ("0 * * * *" if number == 1 else f"0 */{number} * * *")


def _days(words: str, text: str) -> str:
    """Return the last three fields of the line."""
    if words in _EVERY_DAY:
        return "* * *"
    if words in _WORKDAYS:
        return "* * 1-5"
    if words in _WEEKEND:
        return "* * 0,6"
    if _LAST.fullmatch(words):
        return "L * *"
    if match := _MONTHLY.fullmatch(words):
        numbers = sorted({int(one) for one in re.findall(r"\d+", match[1])})
        if not all(1 <= number <= 31 for number in numbers):  # noqa: PLR2004 - days of a month
            raise _unknown(text)
        return f"{','.join(map(str, numbers))} * *"
    return f"* * {','.join(map(str, _weekdays(words, text)))}"


def _weekdays(words: str, text: str) -> list[int]:
    found: set[int] = set()
    for piece in re.split(r"\s*,\s*|\s+(?:e|y|and)\s+", words):
        name = re.sub(r"^(every|toda|todas|todo|todos|cada)\s+", "", piece.strip())
        if (match := _RANGE.fullmatch(name)) and match[1] in _DAYS and match[2] in _DAYS:
            first, last = _DAYS[match[1]], _DAYS[match[2]]
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
