"""Numbers, money and spans of time, as people in three languages write them."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import BadInput
from core.forms.numbers import read_decimal, read_money, read_span, read_whole
from core.i18n import LOCALES

LOCALE = st.sampled_from(LOCALES)
AMOUNT = st.decimals(min_value=0, max_value=10**9, places=2, allow_nan=False, allow_infinity=False)


@given(AMOUNT, LOCALE)
def test_what_babel_writes_is_read_back_exactly(amount: Decimal, locale: str) -> None:
    assert read_money(format_decimal(amount, "#,##0.00", locale=locale), locale) == amount


@given(st.integers(0, 10**12), LOCALE, LOCALE)
@example(5000, "en", "pt_BR")
def test_whole_numbers_with_thousands_are_read_whichever_language_they_come_from(
    number: int, written: str, reader: str
) -> None:
    assert read_whole(format_decimal(number, "#,##0", locale=written), reader) == number


@given(st.text(max_size=60), LOCALE)
def test_no_text_crashes_a_number(text: str, locale: str) -> None:
    for read in (read_decimal, read_whole, read_money):
        with suppress(BadInput):
            read(text, locale)


@given(st.text(max_size=60), LOCALE)
def test_no_text_crashes_a_span(text: str, locale: str) -> None:
    with suppress(BadInput):
        read_span(text, locale)


@pytest.mark.parametrize(
    ("text", "locale", "value"),
    [
        ("1.234,56", "pt_BR", "1234.56"),
        ("1.234,56", "en", "1234.56"),
        ("1,234.56", "pt_BR", "1234.56"),
        ("R$ 8,90", "pt_BR", "8.90"),
        ("8.90", "pt_BR", "8.90"),
        ("8,90", "en", "8.90"),
        ("1.234", "pt_BR", "1234"),
        ("1,234", "en", "1234"),
        ("1.234", "en", "1.234"),
        ("1 234,5", "es", "1234.5"),
        ("+5", "en", "5"),
        ("\u22125,5", "es", "-5.5"),
        ("80 %", "en", "80"),
        ("1.234.567", "en", "1234567"),
    ],
)
def test_separators_follow_the_language_where_they_could_mean_two_things(text: str, locale: str, value: str) -> None:
    assert read_decimal(text, locale) == Decimal(value)


@pytest.mark.parametrize("text", ["", "abc", "1,2,3", "1.2.3", "12.34,56.78", "1e5", "--5", "∞", "NaN", "9" * 40, "1,"])
def test_what_is_no_number_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadInput, match=r"1\.234,56"):
        read_decimal(text, "pt_BR")


def test_money_is_never_rounded_without_asking() -> None:
    with pytest.raises(BadInput, match="more than two places"):
        read_money("1,999", "pt_BR")
    assert read_money("1,990", "pt_BR") == Decimal("1.99")


@pytest.mark.parametrize("text", ["1,5", "0.5", "0,500", "half", "1h30x"])
def test_what_is_no_whole_number_is_refused_with_one(text: str) -> None:
    with pytest.raises(BadInput, match="such as 100"):
        read_whole(text, "pt_BR")


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("+5 min", "min", 5),
        ("2h", "min", 120),
        ("1h30", "min", 90),
        ("1 hora e 30 minutos", "min", 90),
        ("90 s", "ms", 90_000),
        ("1,5 s", "ms", 1500),
        ("100", "ms", 100),
        ("2 dias", "h", 48),
        ("0:45", "min", 45),
    ],
)
def test_a_number_of_minutes_may_be_said_as_a_time(text: str, unit: str, value: int) -> None:
    assert read_whole(text, "pt_BR", unit) == value


def test_seconds_that_make_no_whole_minute_are_refused() -> None:
    with pytest.raises(BadInput, match="not a whole number"):
        read_whole("90 s", "pt_BR", "min")


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("+5 min", timedelta(minutes=5)),
        ("1h 30m", timedelta(minutes=90)),
        ("2 days", timedelta(days=2)),
        ("1:30", timedelta(minutes=90)),
        ("500 ms", timedelta(milliseconds=500)),
        ("1 h y 5 min", timedelta(minutes=65)),
    ],
)
def test_spans_are_read(text: str, span: timedelta) -> None:
    assert read_span(text, "es") == span


@pytest.mark.parametrize("text", ["5", "soon", "5 parsecs", "min 5", "99999999 days", ""])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_span(text, "en")
