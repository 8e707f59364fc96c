"""Which hours a campaign covers: the cases of the platform's protocol page, section 6."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.windows import plan_window

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
MANAUS = ZoneInfo("America/Manaus")
LEAD = timedelta(minutes=5)
SIX = time(6)


def start_at(local: str, zone: ZoneInfo = SAO_PAULO) -> str | None:
    now = datetime.fromisoformat(f"2026-11-23T{local}").replace(tzinfo=zone)
    window = plan_window(now.astimezone(UTC), zone, SIX, LEAD)
    return None if window is None else window.start.strftime("%H:%M")


@pytest.mark.parametrize(
    ("now", "start"),
    [("05:10", "06:00"), ("05:54", "06:00"), ("05:55", "06:00"), ("05:57", "06:02"), ("06:00", "06:05"),
     ("09:55", "10:00"), ("20:59", "21:04"), ("21:01", "21:06"), ("22:58", "23:03"), ("23:53", "23:58"),
     ("05:57:01", "06:03"), ("00:00", "06:00")],
)  # fmt: skip
def test_a_campaign_starts_at_opening_or_a_little_ahead_of_now(now: str, start: str) -> None:
    assert start_at(now) == start


@pytest.mark.parametrize("now", ["23:53:01", "23:54", "23:59", "23:59:59"])
def test_near_midnight_it_is_too_late_for_today(now: str) -> None:
    assert start_at(now) is None


def test_the_day_is_the_store_s_own_even_when_utc_has_turned() -> None:
    window = plan_window(datetime(2026, 11, 24, 0, 30, tzinfo=UTC), SAO_PAULO, SIX, LEAD)

    assert window is not None
    assert window.day.isoformat() == "2026-11-23"
    assert window.end.strftime("%Y-%m-%dT%H:%M %z") == "2026-11-23T23:59 -0300"


@pytest.mark.parametrize(
    ("now", "opening", "start"),
    [
        ("2026-11-01T06:10Z", time(1, 30), "01:15 -0500"),
        ("2026-11-01T04:30Z", time(1, 30), "01:30 -0400"),
        ("2027-03-14T05:30Z", time(2, 30), "03:30 -0400"),
    ],
    ids=["opened in the hour that comes twice", "opens in it", "opens in the hour that is left out"],
)
def test_where_the_clock_is_turned_a_campaign_never_starts_in_the_past(now: str, opening: time, start: str) -> None:
    window = plan_window(datetime.fromisoformat(now), ZoneInfo("America/New_York"), opening, LEAD)

    assert window is not None
    assert window.start.strftime("%H:%M %z") == start


def test_a_store_further_west_opens_at_its_own_six() -> None:
    assert start_at("05:10", MANAUS) == "06:00"
