"""Cron lines mean what crond says they mean; croniter, another reading of it, agrees."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.errors import BadInput
from core.schedules.cron import parse_cron

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def following(line: str, start: datetime, count: int, zone: ZoneInfo = SAO_PAULO) -> list[datetime]:
    cron, found = parse_cron(line), [start]
    for _ in range(count):
        due = cron.next_after(found[-1], zone)
        assert due is not None
        found.append(due)
    return found[1:]


@pytest.mark.parametrize(
    "line",
    [
        "10 5 * * *",
        "*/15 * * * *",
        "0 6 * * 1-5",
        "0 6 * * 0",
        "0 6 * * 7",
        "5 4 1 * *",
        "0 0 13 * 5",
        "0 9-17/2 * * mon,wed",
        "30 6 1,15 jan-mar *",
        "@daily",
        "@weekly",
        "@monthly",
        "0 6 * * 5-7",
        "7/20 * * * *",
    ],
)
def test_a_line_is_due_when_crond_says(line: str) -> None:
    oracle = croniter(line, MONDAY.astimezone(SAO_PAULO))
    expected = [oracle.get_next(datetime).astimezone(UTC) for _ in range(12)]

    assert following(line, MONDAY, 12) == expected


@settings(max_examples=25, deadline=None)
@given(
    st.tuples(
        st.integers(0, 59),
        st.integers(0, 23),
        st.sampled_from(["*", "1", "31", "2-5"]),
        st.sampled_from(["*", "2", "6-8"]),
        st.sampled_from(["*", "0", "7", "1-5", "sat"]),
    )
)
def test_any_line_is_due_when_crond_says(fields: tuple[object, ...]) -> None:
    assume(not (fields[2] == "31" and fields[3] == "2" and fields[4] == "*"))
    line = " ".join(str(field) for field in fields)
    oracle = croniter(line, MONDAY, max_years_between_matches=20)
    utc = ZoneInfo("UTC")

    assert following(line, MONDAY, 3, utc) == [oracle.get_next(datetime) for _ in range(3)]


def test_a_due_instant_is_not_due_again_after_itself() -> None:
    due = parse_cron("0 9 * * *").next_after(MONDAY, SAO_PAULO)

    assert due == MONDAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("60 5 * * *", "“60” is no minute"),
        ("10 5 * *", "five fields"),
        ("10 5 * * 8", "“8” is no day of week"),
        ("*/0 * * * *", "is no minute"),
        ("a b c d e", "is no minute"),
        ("5-1 * * * *", "is no minute"),
        ("", "five fields"),
        ("10 5 * * mon-sun-tue", "is no day of week"),
    ],
)
def test_a_wrong_line_is_refused_with_the_field_that_is_wrong(line: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse_cron(line)


@pytest.mark.parametrize("line", ["0 0 31 2 *", "0 0 31 4,6,9,11 *", "0 0 30,31 feb *"])
def test_a_date_that_never_comes_is_refused(line: str) -> None:
    with pytest.raises(BadInput, match="never comes"):
        parse_cron(line)


def test_the_29th_of_february_comes_in_leap_years() -> None:
    assert parse_cron("0 6 29 2 *").next_after(MONDAY, SAO_PAULO) == datetime(2028, 2, 29, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "line", "start", "local"),
    [
        ("America/New_York", "30 2 * * *", "2027-03-13T08:00", ["03-14 03:30", "03-15 02:30"]),
        ("America/New_York", "30 1 * * *", "2026-10-31T08:00", ["11-01 01:30", "11-02 01:30"]),
        ("America/New_York", "0,30 2,3 * * *", "2027-03-13T09:00", ["03-14 03:00", "03-14 03:30", "03-15 02:00"]),
        ("America/Sao_Paulo", "30 0 * * *", "2018-11-03T08:00", ["11-04 01:30", "11-05 00:30"]),
        ("America/Sao_Paulo", "30 23 * * *", "2019-02-16T03:00", ["02-16 23:30", "02-17 23:30"]),
        ("America/New_York", "*/30 * * * *", "2026-11-01T05:45", ["11-01 01:00", "11-01 01:30", "11-01 02:00"]),
    ],
)
def test_daylight_saving_neither_skips_nor_doubles_a_time_of_day(
    zone: str, line: str, start: str, local: list[str]
) -> None:
    runs = following(line, datetime.fromisoformat(start).replace(tzinfo=UTC), len(local), ZoneInfo(zone))
    assert [f"{run.astimezone(ZoneInfo(zone)):%m-%d %H:%M}" for run in runs] == local
