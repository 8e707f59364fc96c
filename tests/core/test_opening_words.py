"""Opening times typed in three languages, by weekday too, and said back in them."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from core.configuration.opening import Opening
from core.errors import BadInput
from core.forms.moments import read_date
from core.i18n import Translator
from core.schedules.openings import read_opening, say_opening

UTC = ZoneInfo("UTC")
KEPT: TypeAdapter[Any] = TypeAdapter(Opening)
SUNDAY = {"default": "07:00", "sun": "08:00"}
NEAR = {"2026-12-25": "10:00", "2027-01-01": "11:00"}
MANY = {f"2026-12-0{day}": "10:00" for day in range(1, 7)}


def read(text: str, locale: str = "pt_BR") -> Any:
    typed = read_opening(text, lambda day: read_date(day, locale, date(2026, 11, 30)))
    return KEPT.dump_python(KEPT.validate_python(typed), mode="json")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("7h", "07:00"),
        ("0630", "06:30"),
        ("7h-22h", "07:00"),
        ("segunda a domingo das 7 às 22", "07:00"),
        ("seg-sab 7h-22h, dom 8h-20h", SUNDAY),
        ("7h, dom 8h", SUNDAY),
        ("todos os dias 7h; dom 8h", SUNDAY),
        ("Segunda a sábado das 7h às 22h e domingo das 8h às 20h", SUNDAY),
        ("seg. a sáb. 7h\ndom. 8h", SUNDAY),
        ("2ª a sáb das 7 às 22, dom 8", SUNDAY),
        ("de lunes a sábado de 7 a 22; domingos 8 a 14", SUNDAY),
        ("lunes-sábado 7:00 a.m. a 9:00 p.m.; domingo desde las 8 hasta las 20", SUNDAY),
        ("mon\u2013sat: 7:00 AM \u2013 10:00 PM, sun: 8am", SUNDAY),
        ("weekdays 7, weekends 9", {"default": "07:00", "sat": "09:00", "sun": "09:00"}),
        ("25/12 10h-14h; 2027-01-01 11:00; 7h", {"default": "07:00", "holidays": NEAR}),
    ],
)  # fmt: skip
def test_hours_are_read_by_weekday_and_day_and_of_them_the_beginning_counts(typed: str, kept: Any) -> None:
    assert read(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "whenever", "25h", "seg a sáb", "dia 1 6h", "every 2 hours", "seg 7h, seg 8h; 9h", "seg a sáb 7h e 8h; dom 9h",
     "dom e feriados 8h; seg a sáb 7h", "7h; 8h", "99/99 7h; 8h"],
)  # fmt: skip
def test_what_leaves_a_doubt_is_refused(typed: str) -> None:
    with pytest.raises(BadInput):
        read(typed)


def test_days_that_are_not_named_are_asked_for_instead_of_keeping_some_time_or_other() -> None:
    with pytest.raises(BadInput, match="And on the other days"):
        read("dom 8h")


@pytest.mark.parametrize(
    ("kept", "locale", "said"),
    [
        ("07:00", "pt_BR", "07:00"),
        (SUNDAY, "pt_BR", "segunda a sábado às 07:00; domingo às 08:00"),
        (SUNDAY, "es", "lunes a sábado a las 7:00; domingo a las 8:00"),
        ({"default": "07:00", "holidays": {"2026-12-25": "10:00"}}, "en", "every day at 7:00 AM; 12/25/26 at 10:00 AM"),
        ({"default": "07:00", "holidays": MANY}, "en",
         f"every day at 7:00 AM; {'; '.join(f'12/{day}/26 at 10:00 AM' for day in range(1, 5))}; … and 2 more"),
    ],
)  # fmt: skip
def test_they_are_said_with_all_that_is_different(kept: Any, locale: str, said: str) -> None:
    assert Translator(locale, UTC)(say_opening(kept)).replace("\u202f", " ") == said
