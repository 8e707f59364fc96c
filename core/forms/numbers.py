"""Numbers, money and spans of time as people write them.

The reader's language decides what a lone separator means; with both, the last one is the decimal.
"""

import re
from datetime import timedelta
from decimal import Decimal

from core.errors import BadInput
from core.forms.words import folded
from core.money import to_cents
from core.texts import T, Text

_NUMBER = re.compile(r"([+-]?)\s*(\d[\d.,' ]*)")
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
# Minus sign, en dash and apostrophe, as telephones like to set them.
_SIGNS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2019": "'"})
_CURRENCY = re.compile(r"r\$|brl|\$|€|eur|reais|real")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,' ]\d{3})+")
_MOST_DIGITS = 18
_COMMA_IS_DECIMAL = ("pt", "es")
_PART = re.compile(r"([\d.,]+)\s*([a-z%]+)")
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)")
_UNITS: dict[str, tuple[str, ...]] = {
    "ms": ("ms", "milissegundo", "milissegundos", "millisecond", "milliseconds", "milisegundo", "milisegundos"),
    "s": ("s", "sec", "secs", "seg", "segs", "second", "seconds", "segundo", "segundos"),
    "min": ("m", "min", "mins", "minute", "minutes", "minuto", "minutos"),
    "h": ("h", "hr", "hrs", "hour", "hours", "hora", "horas"),
    "d": ("d", "day", "days", "dia", "dias"),
}
_LENGTHS = {"ms": Decimal("0.001"), "s": Decimal(1), "min": Decimal(60), "h": Decimal(3600), "d": Decimal(86400)}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words}
_LONGEST_SPAN = timedelta(days=3660)


def read_decimal(text: str, locale: str) -> Decimal:
    """Read `1.234,56`, `1,234.56`, `1 234`, `+5`, `R$ 8,90` or `80 %` exactly. Raises BadInput."""
    cleaned = _CURRENCY.sub("", folded(text.translate(_SIGNS))).strip().removesuffix("%").strip()
    match = _NUMBER.fullmatch(_SPACES.sub(" ", cleaned))
    if match is None:
        raise BadInput(_no_number(text, locale))
    sign, digits = match.groups()
    value = _decimal(digits.strip(), locale)
    if value is None or len(value.as_tuple().digits) > _MOST_DIGITS:
        raise BadInput(_no_number(text, locale))
    return -value if sign == "-" else value


def read_whole(text: str, locale: str, unit: str = "", example: int = 100) -> int:
    """Read a whole number, which may come with its unit or, for times, another one. Raises BadInput."""
    wrong = BadInput(T("“{text}” is not a whole number. Type one such as {example}.", text=text, example=example))
    if unit in _LENGTHS and (span := _span(text, locale)) is not None:
        value = span / _LENGTHS[unit]
    elif (grouped := _whole_of_groups(text)) is not None:
        value = grouped
    else:
        try:
            value = read_decimal(text, locale)
        except BadInput:
            raise wrong from None
    if value != value.to_integral_value():
        raise wrong
    return int(value)


def read_money(text: str, locale: str) -> Decimal:
    """Read an amount with at most two places: a third one would be rounded without asking. Raises BadInput."""
    value = read_decimal(text, locale)
    cents = to_cents(value)
    if cents != value:
        example = _example(locale)
        raise BadInput(T("“{text}” has more than two places. Type one such as {example}.", text=text, example=example))
    return cents


def read_span(text: str, locale: str) -> timedelta:
    """Read `5 min`, `+1h30`, `90 s`, `2 dias` or `1:30`. Raises BadInput."""
    seconds = _span(text, locale)
    if seconds is None:
        raise BadInput(T("“{text}” is not a length of time. Type one such as 5 min, 2 h or 1h30.", text=text))
    span = timedelta(microseconds=int(seconds * 1_000_000))
    if span > _LONGEST_SPAN:
        raise BadInput(T("“{text}” is too long a time. Type a shorter one.", text=text))
    return span


def _decimal(digits: str, locale: str) -> Decimal | None:
    """Return the number behind digits with separators, or None where they stand in no known order."""
    digits = digits.replace("'", " ")
    comma, dot = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and dot >= 0:
        mark = "," if comma > dot else "."
    elif comma < 0 and dot < 0:
        mark = ""
    else:
        lone = "," if comma >= 0 else "."
        is_decimal = (lone == ",") == locale.startswith(_COMMA_IS_DECIMAL)
        grouped = _THOUSANDS.fullmatch(digits) is not None
        mark = lone if digits.count(lone) == 1 and (is_decimal or not grouped) else ""
    whole, _, fraction = digits.rpartition(mark) if mark else (digits, "", "")
    if not whole.isdecimal() and _THOUSANDS.fullmatch(whole) is None:
        return None
    if mark and not fraction.isdecimal():
        return None
    bare = re.sub(r"[.,' ]", "", whole)
    return Decimal(f"{bare}.{fraction}" if fraction else bare)


def _whole_of_groups(text: str) -> Decimal | None:
    """Where only a whole number makes sense, `1.234` and `1,234` are the same in every language."""
    bare = folded(text).strip()
    return Decimal(re.sub(r"[.,]", "", bare)) if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", bare) else None


def _span(text: str, locale: str) -> Decimal | None:
    """Return seconds, or None for what names no unit of time."""
    bare = folded(text.translate(_SIGNS)).lstrip("+").strip()
    if clock := _CLOCK.fullmatch(bare):
        return Decimal(int(clock[1]) * 3600 + int(clock[2]) * 60)
    # `1h30` means minutes behind the hours.
    bare = re.sub(r"(h|hora|horas)\s*(\d{1,2})$", r"h \2min", bare)
    bare = re.sub(r"\s+(?:e|y|and)\s+", " ", bare)
    parts = _PART.findall(bare)
    if not parts or _PART.sub("", bare).strip(" ,"):
        return None
    total = Decimal(0)
    for amount, word in parts:
        value = _decimal(amount, locale)
        if word not in _UNIT_OF or value is None:
            return None
        total += value * _LENGTHS[_UNIT_OF[word]]
    return total


def _example(locale: str) -> str:
    return "1.234,56" if locale.startswith(_COMMA_IS_DECIMAL) else "1,234.56"


def _no_number(text: str, locale: str) -> Text:
    return T("“{text}” is not a number. Type one such as {example}.", text=text, example=_example(locale))
