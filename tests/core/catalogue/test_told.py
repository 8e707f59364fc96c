"""An answer that nobody has looked into yet says no more, and no less, than its lines."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue.compare import settled, shows
from core.catalogue.lines import Line, LiveLine
from core.catalogue.prepare import canonical, digest
from core.catalogue.told import Told
from core.windows import Window

STARTS = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ENDS = STARTS + timedelta(hours=17)
WINDOW = Window(date(2026, 11, 23), STARTS, ENDS)
PREPARED = [Line("7", Decimal("18.90"), Decimal("15.99"), 5), Line("12", Decimal("4.00"), Decimal("3.50"), 5)]

cents = st.integers(1, 3).map(lambda price: Decimal(f"{price}.50"))
lists = st.lists(st.builds(Line, st.integers(1, 4).map(str), cents, cents, st.integers(1, 2)), max_size=4)


def told(lines: Sequence[Line], starts: datetime | None = STARTS, ends: datetime | None = ENDS) -> Told:
    return Told(canonical(list(lines)), len(lines), digest(lines), (starts, ends))


def test_lines_come_out_as_they_went_in_once_somebody_looks() -> None:
    answer = told(PREPARED)

    assert len(answer) == 2
    assert list(answer) == [LiveLine(x.code, x.price, x.final_price, x.limit, STARTS, ENDS) for x in PREPARED]
    assert LiveLine("7", Decimal("18.90"), Decimal("15.99"), 5, STARTS, ENDS) in answer


@given(lists.filter(lambda lines: len({line.code for line in lines}) == len(lines)), lists)
def test_it_shows_a_list_exactly_when_looking_at_every_line_finds_that_list_alone(
    prepared: list[Line], live: list[Line]
) -> None:
    answer = told(live)
    found = settled(prepared, answer, [], WINDOW)

    alone = found.equal and not found.others and not found.duplicates
    assert shows(answer, digest(prepared), WINDOW) is alone


@pytest.mark.parametrize(
    ("starts", "ends", "seen"),
    [
        (STARTS, ENDS, True),
        (None, None, True),
        (STARTS - timedelta(days=1), STARTS, False),
        (ENDS, None, False),
        (ENDS - timedelta(minutes=1), None, True),
    ],
)
def test_yesterdays_campaign_does_not_show_todays_list(
    starts: datetime | None, ends: datetime | None, seen: bool
) -> None:
    answer = told(PREPARED, starts, ends)

    assert shows(answer, digest(PREPARED), WINDOW) is seen
    assert settled(PREPARED, answer, [], WINDOW).equal is seen


def test_lines_that_were_read_one_by_one_are_left_to_the_full_comparison() -> None:
    assert not shows(list(told(PREPARED)), digest(PREPARED), WINDOW)
