"""Types of the document's fields; their errors are Texts, so that people read them in their language."""

import difflib
import functools
import re
import zoneinfo
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from babel.numbers import is_currency
from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema

from core.cnpj import parse_cnpj
from core.configuration.signs import composed, is_one_line, shows
from core.errors import BadInput
from core.i18n import LOCALES
from core.texts import T, Text

_OPENING = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_CLOCK = r"(\d{1,2})[h:]?(\d\d)?h?"
_HOURS = re.compile(rf"\D*?{_CLOCK} *(?:[-\u2013]|\D*?[a-zàéãú] ) *{_CLOCK}")
_HOUR, _MINUTE = 24, 60
NO_QUIET = "none"
"""Stands where a channel has no quiet hours, whatever the organisation's are."""
_NO_HOURS = frozenset({NO_QUIET, "never", "no", "nenhuma", "nenhum", "nunca", "não", "nao", "sem", "ninguna"})
_MOST_NAMED = 12


class FieldProblem(ValueError):
    """What is wrong with one field; pydantic carries it along with the field's place."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


def hint(wanted: str, known: Iterable[str]) -> Text:
    """Return the sentence that helps after an unknown name: the nearest one, or all there are."""
    names = sorted(known)
    near = difflib.get_close_matches(wanted, names, n=1)
    if near:
        return T("Did you mean “{near}”?", near=near[0])
    if not names:
        return T("There is none yet.")
    if len(names) > _MOST_NAMED:
        return T("There are {names} and others.", names=names[:_MOST_NAMED])
    return T("There is: {names}.", names=names)


def _as_text(value: Any) -> Any:
    """Accept a number without quotes: codes and names of stores are often only digits."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _one_line(text: str) -> str:
    if not is_one_line(text):
        raise FieldProblem(T("must be one line of plain text, without control characters."))
    if not shows(text):
        raise FieldProblem(T("must not be empty."))
    return composed(text)


def _cnpj(text: str) -> str:
    try:
        return parse_cnpj(text)
    except BadInput as error:
        raise FieldProblem(error.text) from None


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _zone(text: str) -> str:
    if text not in _zones():
        near = difflib.get_close_matches(text, _zones(), n=1)
        example = near[0] if near else "America/Sao_Paulo"
        raise FieldProblem(T("“{zone}” is not a time zone. Did you mean “{near}”?", zone=text, near=example))
    return text


def _locale(text: str) -> str:
    if text not in LOCALES:
        raise FieldProblem(T("“{locale}” is not a language of Chimera. {hint}", locale=text, hint=hint(text, LOCALES)))
    return text


def _opening(text: str) -> str:
    if not _OPENING.fullmatch(text):
        raise FieldProblem(T("“{opening}” is not a time. Write it as HH:MM, for example 06:00.", opening=text))
    return text


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise FieldProblem(T("“{day}” is not a date. Write it as {example}.", day=text, example="2026-12-25")) from None


def _currency(text: str) -> str:
    if not is_currency(text.upper()):
        raise FieldProblem(
            T(
                "“{currency}” is not a currency. Give its three letters, such as {example}.",
                currency=text,
                example="BRL",
            )
        )
    return text.upper()


def _quiet(text: str) -> str:
    """Return `22:00-06:00` for that and the like: `22h-6h`, `das 22h às 6h`, `22 to 6:30`."""
    found = _HOURS.fullmatch(" ".join(text.lower().split()))
    times = [(int(found[at]), int(found[at + 1] or 0)) for at in (1, 3)] if found else []
    if not times or any(hour >= _HOUR or minute >= _MINUTE for hour, minute in times):
        raise FieldProblem(
            T("“{hours}” are no hours. Write from and until, such as {example}.", hours=text, example="22:00-06:00")
        )
    begin, end = (f"{hour:02}:{minute:02}" for hour, minute in times)
    if begin == end:
        raise FieldProblem(T("must end at another time than they begin. Leave it empty for none."))
    return f"{begin}-{end}"


def _own_quiet(text: str) -> str:
    """Return hours, or `NO_QUIET` for what people say for none."""
    return NO_QUIET if text.strip().lower() in _NO_HOURS else _quiet(text)


def _line(longest: int) -> Any:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


# The length is that of the stripped text as long as it stands right beside `str`.
Name = Annotated[str, _line(120), AfterValidator(_one_line), BeforeValidator(_as_text)]
Tag = Annotated[str, _line(60), AfterValidator(_one_line), BeforeValidator(_as_text)]
Code = Annotated[str, _line(32), AfterValidator(_one_line), BeforeValidator(_as_text)]
ModuleName = Annotated[str, _line(64)]
Cron = Annotated[str, _line(120), AfterValidator(_one_line)]
Cnpj = Annotated[str, BeforeValidator(_as_text), AfterValidator(_cnpj)]
Zone = Annotated[str, AfterValidator(_zone)]
Language = Annotated[str, AfterValidator(_locale)]
Currency = Annotated[str, BeforeValidator(_as_text), AfterValidator(_currency)]
QuietHours = Annotated[str, AfterValidator(_quiet)]
OwnQuietHours = Annotated[str, AfterValidator(_own_quiet)]
TimeOfDay = Annotated[
    str, AfterValidator(_opening), WithJsonSchema({"type": "string", "pattern": f"^({_OPENING.pattern})$"})
]
Day = Annotated[str, AfterValidator(_day)]
