"""Schedules typed in three languages, and said back in them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.i18n import LOCALES, Translator
from core.schedules.cron import parse_cron
from core.schedules.reading import read_schedule
from core.schedules.saying import say_schedule

ZONE = ZoneInfo("America/Sao_Paulo")
MONDAY = datetime(2026, 11, 23, 8, 10, tzinfo=UTC)


def say(line: str | None, locale: str = "pt_BR") -> str:
    return Translator(locale, ZONE)(say_schedule(line)).replace("\u202f", " ")


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("every day 05:10", "10 5 * * *"),
        ("Todo dia às 5h10", "10 5 * * *"),
        ("todos los días a las 5:10", "10 5 * * *"),
        ("05:10", "10 5 * * *"),
        ("seg a sex 6h", "0 6 * * 1,2,3,4,5"),
        ("segunda a sexta-feira às 6h e 18h", "0 6,18 * * 1,2,3,4,5"),
        ("mon-fri 6am", "0 6 * * 1,2,3,4,5"),
        ("lun, mié y vie 6:30", "30 6 * * 1,3,5"),
        ("sáb e dom 8h", "0 8 * * 0,6"),
        ("fri to mon 6:00", "0 6 * * 0,1,5,6"),
        ("dias úteis 6h", "0 6 * * 1-5"),
        ("fim de semana 9h", "0 9 * * 0,6"),
        ("every day 6:00, 18:30", "0 6 * * *; 30 18 * * *"),
        ("seg a sex 6h; sáb 8h", "0 6 * * 1,2,3,4,5; 0 8 * * 6"),
        ("every 30 minutes", "*/30 * * * *"),
        ("a cada 2 horas", "0 */2 * * *"),
        ("cada hora", "0 * * * *"),
        ("dia 1 às 6h", "0 6 1 * *"),
        ("dias 1 e 15 06:00", "0 6 1,15 * *"),
        ("último dia 6h", "0 6 L * *"),
        ("last day of the month 06:00", "0 6 L * *"),
        ("10 5 * * 1-5", "10 5 * * 1-5"),
        ("@daily", "@daily"),
        ("dias 1 e 15 às 7", "0 7 1,15 * *"),
        ("monthly on the 31st at 8", "0 8 31 * *"),
        ("el 31 a las 8", "0 8 31 * *"),
        ("1st and 15th at 7", "0 7 1,15 * *"),
        ("primeiro dia do mês 6h", "0 6 1 * *"),
        ("every weekday at 6", "0 6 * * 1-5"),
        ("de lunes a viernes a las 6", "0 6 * * 1,2,3,4,5"),
        ("2ª a 6ª às 6 e 18", "0 6,18 * * 1,2,3,4,5"),
        ("seg a sex 6h e sáb 8h", "0 6 * * 1,2,3,4,5; 0 8 * * 6"),
        ("6h seg a sex, 8h sáb", "0 6 * * 1,2,3,4,5; 0 8 * * 6"),
        ("6h seg", "0 6 * * 1"),
        ("terça às 6 da tarde", "0 18 * * 2"),
        ("todo dia 12 da noite", "0 0 * * *"),
        ("meio-dia", "0 12 * * *"),
        ("hourly", "0 * * * *"),
    ],
)
def test_typed_words_become_a_line_that_can_be_said_back(typed: str, line: str) -> None:
    assert read_schedule(typed) == line
    assert parse_cron(line).next_after(MONDAY, ZONE) is not None
    assert "cron" not in say(line)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "whenever",
        "every 7 minutes",
        "every 0 hours",
        "seg",
        "mon 25:00",
        "seg 6h ter 8h qua",
        "mensal 6h",
        "31 at 8",
        "tomorrow at 6",
        "dia 32 6h",
        "blursday 6h",
        "61 5 * * *",
        "6h\0",
        " ; ",
    ],
)
def test_what_is_no_schedule_is_refused_with_the_way_to_write_it(typed: str) -> None:
    with pytest.raises(BadInput):
        read_schedule(typed)


def test_days_without_a_time_are_asked_for_one() -> None:
    with pytest.raises(BadInput, match="“sábado 06:00”"):
        read_schedule("sábado")


@given(st.text(max_size=60))
def test_no_text_crashes_and_what_is_read_can_be_run(text: str) -> None:
    try:
        line = read_schedule(text)
    except BadInput:
        return
    parse_cron(line)


@pytest.mark.parametrize(
    ("line", "english", "portuguese", "spanish"),
    [
        ("10 5 * * *", "every day at 5:10 AM", "todo dia às 05:10", "todos los días a las 5:10"),
        ("0 6 * * 1-5", "Monday to Friday at 6:00 AM", "segunda a sexta às 06:00", "lunes a viernes a las 6:00"),
        (
            "0 6,18 * * 1,3",
            "Monday and Wednesday at 6:00 AM and 6:00 PM",
            "segunda e quarta às 06:00 e 18:00",
            "lunes y miércoles a las 6:00 y 18:00",
        ),
        ("*/30 * * * *", "every 30 minutes", "a cada 30 minutos", "cada 30 minutos"),
        (
            "0 6 L * *",
            "on the last day of the month at 6:00 AM",
            "no último dia do mês às 06:00",
            "el último día del mes a las 6:00",
        ),
        ("0 6 1 * *", "on day 1 of the month at 6:00 AM", "no dia 1 do mês às 06:00", "el día 1 del mes a las 6:00"),
        (
            "0 6 1,15 * *",
            "on days 1 and 15 of the month at 6:00 AM",
            "nos dias 1 e 15 do mês às 06:00",
            "los días 1 y 15 del mes a las 6:00",
        ),
        ("3 4 5 6 *", "cron line 3 4 5 6 *", "linha cron 3 4 5 6 *", "línea cron 3 4 5 6 *"),
        (None, "only by hand", "só manualmente", "solo a mano"),
    ],
)
def test_schedules_are_said_in_three_languages(line: str | None, english: str, portuguese: str, spanish: str) -> None:
    assert [say(line, locale) for locale in LOCALES] == [english, portuguese, spanish]


def test_several_lines_come_in_the_order_of_their_times() -> None:
    runs = parse_cron("0 6 * * 1-5; 0 8 * * 6").next_runs(MONDAY, ZONE, 6)
    local = [run.astimezone(ZONE) for run in runs]
    assert [(run.weekday(), run.hour) for run in local] == [(0, 6), (1, 6), (2, 6), (3, 6), (4, 6), (5, 8)]


def test_the_last_day_comes_every_month_whatever_its_length() -> None:
    runs = parse_cron("0 6 L * *").next_runs(datetime(2028, 1, 1, tzinfo=UTC), ZONE, 3)
    assert [run.astimezone(ZONE).day for run in runs] == [31, 29, 31]
    assert runs[1] - runs[0] == timedelta(days=29)
