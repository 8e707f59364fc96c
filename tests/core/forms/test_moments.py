"""Times of day and dates as people write them."""

from contextlib import suppress
from datetime import date, time
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date, format_time
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.forms.moments import read_date, read_time
from core.i18n import LOCALES, Translator

TODAY = date(2026, 11, 23)


@given(st.times(), st.sampled_from(LOCALES))
def test_what_babel_writes_is_read_back(moment: time, locale: str) -> None:
    expected = moment.replace(second=0, microsecond=0)
    assert read_time(format_time(expected, "short", locale=locale)) == expected


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)), st.sampled_from(LOCALES))
def test_a_short_date_is_read_back_in_its_own_language(day: date, locale: str) -> None:
    assert read_date(format_date(day, "short", locale=locale), locale, TODAY) == day


@pytest.mark.parametrize("locale", LOCALES)
def test_the_example_of_a_refused_date_is_written_as_the_reader_writes_dates(locale: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_date("31/02/2027", locale, TODAY)
    said = Translator(locale, ZoneInfo("UTC"))(refused.value.text)
    assert format_date(date(2026, 11, 23), "short", locale=locale) in said


@given(st.text(max_size=40), st.sampled_from(LOCALES))
def test_no_text_crashes_a_time_or_a_date(text: str, locale: str) -> None:
    for read in (read_time, lambda given: read_date(given, locale, TODAY)):
        with suppress(BadInput):
            read(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6h", time(6)),
        ("06:00", time(6)),
        ("6h30", time(6, 30)),
        ("6:30h", time(6, 30)),
        ("0630", time(6, 30)),
        ("6.30", time(6, 30)),
        ("6 pm", time(18)),
        ("12 am", time(0)),
        ("12:15 p.m.", time(12, 15)),
        ("meio-dia", time(12)),
        ("Meia-noite", time(0)),
        ("23:59:59", time(23, 59)),
    ],
)
def test_times_are_read(text: str, expected: time) -> None:
    assert read_time(text) == expected


@pytest.mark.parametrize("text", ["", "24:00", "6:60", "25h", "13 pm", "six", "06:00 tomorrow", "1234567"])
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadInput, match="6h30"):
        read_time(text)


@pytest.mark.parametrize(
    ("text", "locale", "expected"),
    [
        ("23/11", "pt_BR", date(2026, 11, 23)),
        ("22/11", "pt_BR", date(2027, 11, 22)),
        ("23/11", "en", date(2026, 11, 23)),
        ("1/2", "es", date(2027, 2, 1)),
        ("1/2", "en", date(2027, 1, 2)),
        ("5-12-27", "pt_BR", date(2027, 12, 5)),
        ("2026-12-05", "en", date(2026, 12, 5)),
        ("amanhã", "pt_BR", date(2026, 11, 24)),
        ("hoy", "es", TODAY),
        ("29/2", "pt_BR", date(2028, 2, 29)),
    ],
)
def test_dates_are_read_in_the_order_of_the_language(text: str, locale: str, expected: date) -> None:
    assert read_date(text, locale, TODAY) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("23/11", date(2026, 11, 23)),
        ("24/11", date(2025, 11, 24)),
        ("29/2", date(2024, 2, 29)),
        ("24/11/27", date(2027, 11, 24)),
    ],
)
def test_where_only_the_past_is_meant_a_day_without_a_year_is_the_last_such_day(text: str, expected: date) -> None:
    assert read_date(text, "pt_BR", TODAY, past=True) == expected


@pytest.mark.parametrize("text", ["", "31/2", "13/13", "2026-02-30", "yesterday", "1/2/3/4", "99/99/9999", "0/1"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="2026-11-23"):
        read_date(text, "pt_BR", TODAY)
