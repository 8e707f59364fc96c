"""Comparing what is live with what ought to be (`rules.md` 3)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue.compare import Change, compare_lines, covered, settled
from core.catalogue.lines import Line, LiveLine
from core.catalogue.packed import packed_lines
from core.windows import Window

ZONE = ZoneInfo("America/Sao_Paulo")
DAY = date(2026, 11, 23)
WINDOW = Window(DAY, datetime(2026, 11, 23, 6, 0, tzinfo=ZONE), datetime(2026, 11, 23, 23, 59, tzinfo=ZONE))
STARTS = WINDOW.start.astimezone(UTC)
ENDS = WINDOW.end.astimezone(UTC)


def line(code: str, final: str = "15.99", price: str = "18.90", limit: int = 1000) -> Line:
    return Line(code, Decimal(price), Decimal(final), limit)


def live(
    code: str,
    final: str | None = "15.99",
    price: str | None = "18.90",
    limit: int | None = 1000,
    *,
    starts: datetime | None = STARTS,
    ends: datetime | None = ENDS,
) -> LiveLine:
    return LiveLine(
        code,
        None if price is None else Decimal(price),
        None if final is None else Decimal(final),
        limit,
        starts,
        ends,
    )


def test_the_same_lines_in_another_order_are_equal() -> None:
    found = compare_lines([line("9"), line("10")], [live("10"), live("9")], WINDOW)
    assert found.equal
    assert set(found.counts.values()) == {0}


def test_every_category_is_told_apart_and_sorted_by_number() -> None:
    ours = [line("1"), line("2"), line("3"), line("4"), line("9"), line("10")]
    theirs = [
        live("1"),
        live("2", final="16.99"),
        live("3", price="19.90"),
        live("4", limit=5),
        live("100"),
        live("99"),
    ]
    found = compare_lines(ours, theirs, WINDOW)
    assert found.missing == ["9", "10"]
    assert found.extra == ["99", "100"]
    assert found.final_price == [Change("2", Decimal("15.99"), Decimal("16.99"))]
    assert found.regular_price == [Change("3", Decimal("18.90"), Decimal("19.90"))]
    assert found.limit == [Change("4", 1000, 5)]
    assert not found.equal
    assert found.counts["missing"] == 2


def test_one_cent_is_a_difference() -> None:
    assert not compare_lines([line("1")], [live("1", final="15.98")], WINDOW).equal


def test_trailing_zeros_are_no_difference() -> None:
    assert compare_lines([line("1", final="15.90")], [live("1", final="15.9")], WINDOW).equal


@pytest.mark.parametrize("broken", [{"final": None}, {"price": None}, {"limit": None}])
def test_a_value_that_could_not_be_read_is_never_equal(broken: dict[str, None]) -> None:
    assert not compare_lines([line("1")], [live("1", **broken)], WINDOW).equal


def test_nothing_live_means_all_are_missing() -> None:
    assert compare_lines([line("1")], [], WINDOW).missing == ["1"]


def test_a_line_that_ended_before_the_window_does_not_count() -> None:
    ended = live("1", starts=STARTS - timedelta(hours=9), ends=STARTS)
    assert compare_lines([line("1")], [ended], WINDOW).missing == ["1"]


def test_a_line_that_starts_after_the_window_does_not_count() -> None:
    tomorrow = live("7", starts=ENDS, ends=ENDS + timedelta(hours=9))
    assert compare_lines([], [tomorrow], WINDOW).equal


def test_lines_of_several_campaigns_are_judged_by_their_own_window() -> None:
    mixed = [live("1"), live("2", starts=ENDS, ends=ENDS + timedelta(days=1)), live("3")]
    assert compare_lines([line("1"), line("3")], mixed, WINDOW).equal


def test_a_line_without_a_window_counts() -> None:
    assert compare_lines([], [live("7", starts=None, ends=None)], WINDOW).extra == ["7"]


def test_identical_duplicates_are_reported_and_stay_equal() -> None:
    found = compare_lines([line("1")], [live("1"), live("1"), live("1")], WINDOW)
    assert found.duplicates == ["1"]
    assert found.equal


@pytest.mark.parametrize("second", [live("1", final="14.00"), live("1", limit=1), live("1", price=None)])
def test_contradicting_duplicates_are_different_whichever_comes_first(second: LiveLine) -> None:
    for both in ([live("1"), second], [second, live("1")]):
        found = compare_lines([line("1")], both, WINDOW)
        assert found.duplicates == ["1"]
        assert not found.equal


def test_lines_of_others_do_not_unsettle_a_send() -> None:
    found = settled([line("1")], [live("1"), live("77")], known=[], window=WINDOW)
    assert found.equal
    assert found.others == ["77"]
    assert found.extra == []


def test_a_line_that_was_to_disappear_and_is_still_live_unsettles_a_send() -> None:
    found = settled([line("1")], [live("1"), live("2"), live("77")], known=["2"], window=WINDOW)
    assert not found.equal
    assert found.extra == ["2"]
    assert found.others == ["77"]


def test_an_expected_code_is_not_vanishing_even_if_named_so() -> None:
    assert settled([line("1")], [live("1")], known=["1"], window=WINDOW).equal


def test_a_campaign_that_starts_later_settles_but_is_not_already_live() -> None:
    late = [live("1", starts=STARTS + timedelta(minutes=1))]
    assert settled([line("1")], late, [], WINDOW).equal
    assert not covered([line("1")], late, WINDOW)


def test_a_campaign_that_ends_early_is_not_already_live() -> None:
    assert not covered([line("1")], [live("1", ends=ENDS - timedelta(minutes=1))], WINDOW)


@pytest.mark.parametrize("unknown", [{"starts": None}, {"ends": None}])
def test_an_unknown_window_proves_no_cover(unknown: dict[str, None]) -> None:
    assert not covered([line("1")], [live("1", **unknown)], WINDOW)


def test_a_campaign_running_since_the_morning_is_already_live_at_noon() -> None:
    noon = Window(DAY, WINDOW.start + timedelta(hours=6), WINDOW.end)
    assert covered([line("1")], [live("1")], noon)


def test_a_left_over_line_of_ours_is_not_settled() -> None:
    assert not settled([line("1")], [live("1"), live("2")], ["1", "2"], WINDOW).equal


def test_lines_of_others_do_not_force_a_send() -> None:
    theirs = [live("1"), live("77")]
    assert settled([line("1")], theirs, ["1"], WINDOW).equal
    assert covered([line("1")], theirs, WINDOW)


def test_one_uncovered_line_among_many_means_not_already_live() -> None:
    theirs = [live("1"), live("2", ends=ENDS - timedelta(hours=1)), live("3")]
    assert not covered([line(c) for c in "123"], theirs, WINDOW)


def test_foreign_lines_are_neither_prepared_nor_verified() -> None:
    theirs = [live("1"), live("2"), live("77"), live("9"), live("9"), live("8", starts=ENDS, ends=ENDS)]
    assert settled([line("1")], theirs, {"2"}, WINDOW).others == ["9", "77"]


def test_lines_that_are_still_packed_compare_as_unpacked_ones_do() -> None:
    ours = [line("10"), line("9"), line("100")]
    still = packed_lines(msgspec.json.encode(ours), len(ours))
    for theirs in ([], [live("10"), live("77")], [live("9"), live("10"), live("100", final="1.00")]):
        assert settled(still, theirs, ["77"], WINDOW) == settled(ours, theirs, ["77"], WINDOW)
        assert covered(still, theirs, WINDOW) == covered(ours, theirs, WINDOW)


codes = st.integers(1, 30).map(str)
prices = st.integers(1, 5).map(Decimal)
windows = st.sampled_from([STARTS - timedelta(days=1), STARTS, STARTS + timedelta(hours=1), ENDS, None])
ours_lists = st.lists(st.builds(Line, codes, prices, prices, st.integers(1, 2)), unique_by=lambda x: x.code)
live_lists = st.lists(
    st.builds(LiveLine, codes, st.none() | prices, st.none() | prices, st.integers(1, 2), windows, windows)
)


@given(ours_lists, live_lists)
def test_full_equality_implies_settled_whatever_was_to_vanish(ours: list[Line], theirs: list[LiveLine]) -> None:
    verdict = compare_lines(ours, theirs, WINDOW)
    judged = settled(ours, theirs, [x.code for x in theirs], WINDOW)
    assert judged.equal == verdict.equal
    assert judged.extra == verdict.extra


@given(ours_lists, live_lists)
def test_every_code_is_missing_live_or_foreign_and_never_two_of_them(ours: list[Line], theirs: list[LiveLine]) -> None:
    found = compare_lines(ours, theirs, WINDOW)
    assert not set(found.missing) & set(found.extra)
    assert found.extra == settled(ours, theirs, (), WINDOW).others


@given(ours_lists)
def test_what_was_sent_and_told_back_unchanged_is_already_live(ours: list[Line]) -> None:
    told = [LiveLine(x.code, x.price, x.final_price, x.limit, STARTS, ENDS) for x in reversed(ours)]
    assert settled(ours, told, [x.code for x in ours], WINDOW).equal
    assert covered(ours, told, WINDOW)
    assert compare_lines(ours, told, WINDOW).equal
