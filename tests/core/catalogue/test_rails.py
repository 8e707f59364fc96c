"""Guard rails at and beyond their borders (`rules.md` 1.6, 1.7)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.catalogue.lines import Candidate, Line
from core.catalogue.rails import GuardRails, LineHold, StoreReason, hold_lines, hold_store

RAILS = GuardRails()
OFF = GuardRails(
    max_discount_percent=None,
    below_till=False,
    max_price_change_percent=None,
    min_lines_percent=None,
    max_changed_percent=None,
)


def candidate(base: str, final: str, till: str | None = None, per_unit: bool = False) -> Candidate:
    return Candidate(
        "1203",
        "Rice 5 kg",
        "",
        Decimal(base),
        Decimal(final),
        till=None if till is None else Decimal(till),
        per_unit=per_unit,
    )


def reasons(one: Candidate, last: str | None = None, rails: GuardRails = RAILS) -> list[LineHold]:
    kept, held = hold_lines([one], {} if last is None else {one.code: Decimal(last)}, rails)
    assert len(kept) + len(held) == 1
    return [hold.reason for hold in held]


@pytest.mark.parametrize(
    ("base", "final", "held"),
    [("10.00", "2.00", False), ("10.00", "1.99", True), ("0.05", "0.01", False), ("10.01", "2.00", True)],
)
def test_exactly_eighty_percent_off_passes_and_a_cent_more_is_held(base: str, final: str, held: bool) -> None:
    expected = [LineHold.MAX_DISCOUNT] if held else []
    assert reasons(candidate(base, final)) == expected
    assert reasons(candidate(base, final), last="0.02" if base == "0.05" else "1.50") == expected


@pytest.mark.parametrize(
    ("till", "held"),
    [("15.99", True), ("15.98", True), ("16.00", False), ("0.00", False), ("-1.00", False), (None, False)],
)
def test_a_promotion_at_or_above_the_till_price_is_held(till: str | None, held: bool) -> None:
    assert reasons(candidate("18.90", "15.99", till)) == ([LineHold.BELOW_TILL] if held else [])


def test_prices_per_unit_are_not_held_against_the_till() -> None:
    assert reasons(candidate("18.90", "15.99", "1.00", per_unit=True)) == []


@pytest.mark.parametrize(("final", "held"), [("17.00", False), ("17.01", True), ("3.00", False), ("2.99", True)])
def test_a_final_price_that_moved_more_than_seventy_percent_is_held_both_ways(final: str, held: bool) -> None:
    expected = [LineHold.MAX_PRICE_CHANGE] if held else []
    assert reasons(candidate("17.50", final, None), last="10.00", rails=_only(70)) == expected


def _only(change: int) -> GuardRails:
    return OFF.model_copy(update={"max_price_change_percent": change})


def test_without_a_verified_price_there_is_no_change_to_judge() -> None:
    assert reasons(candidate("18.90", "15.99")) == []
    assert reasons(candidate("18.90", "15.99"), last="0.00") == []


def test_the_numbers_behind_a_hold_never_look_like_the_bound_itself() -> None:
    _, (hold,) = hold_lines([candidate("100000.00", "19999.99")], {}, RAILS)
    assert (hold.actual, hold.allowed) == (Decimal("80.1"), Decimal(80))
    _, (hold,) = hold_lines([candidate("18.90", "15.99", "15.00")], {}, RAILS)
    assert (hold.actual, hold.allowed) == (Decimal("15.99"), Decimal("15.00"))
    _, (hold,) = hold_lines([candidate("18.90", "15.99")], {"1203": Decimal("5.00")}, RAILS)
    assert (hold.actual, hold.allowed, hold.last) == (Decimal("219.8"), Decimal(70), Decimal("5.00"))


def test_a_release_covers_exactly_that_code_base_and_final_price() -> None:
    cheap = candidate("10.00", "1.00")
    released = {("1203", Decimal("10.00"), Decimal("1.00"))}
    assert hold_lines([cheap], {}, RAILS, released) == ([cheap], [])
    for changed in (candidate("10.01", "1.00"), candidate("10.00", "0.99")):
        kept, held = hold_lines([changed], {}, RAILS, released)
        assert not kept
        assert held[0].candidate == changed


def test_the_rest_is_kept_when_one_line_is_held() -> None:
    good, bad = candidate("18.90", "15.99"), candidate("18.90", "0.99")
    kept, held = hold_lines([bad, good], {}, RAILS)
    assert kept == [good]
    assert [hold.candidate for hold in held] == [bad]


def test_switched_off_rails_hold_nothing() -> None:
    assert reasons(candidate("100.00", "0.01", "0.01"), last="99.00", rails=OFF) == []
    assert hold_store(lines(1), by_code(lines(100)), OFF) == []


def lines(count: int, final: str = "1.00", first: int = 1) -> list[Line]:
    return [Line(str(code), Decimal(2), Decimal(final), 1000) for code in range(first, first + count)]


def by_code(some: list[Line]) -> dict[str, Line]:
    return {line.code: line for line in some}


def test_no_lines_at_all_hold_a_store_even_at_its_first_sync_and_with_all_rails_off() -> None:
    assert [hold.reason for hold in hold_store([], None, RAILS)] == [StoreReason.NO_LINES]
    assert [hold.reason for hold in hold_store([], by_code(lines(9)), OFF)] == [StoreReason.NO_LINES]


def test_a_first_sync_has_no_baseline_to_be_held_against() -> None:
    assert hold_store(lines(1), None, RAILS) == []


@pytest.mark.parametrize(("count", "held"), [(50, False), (49, True)])
def test_half_of_the_verified_lines_is_enough_and_one_less_is_not(count: int, held: bool) -> None:
    holds = hold_store(lines(count), by_code(lines(100)), RAILS)
    assert [hold.reason for hold in holds] == ([StoreReason.MIN_LINES] if held else [])


@pytest.mark.parametrize(("repriced", "held"), [(16, False), (17, True)])
def test_exactly_eighty_percent_changed_passes_and_one_more_is_held(repriced: int, held: bool) -> None:
    now = lines(repriced, "0.90") + lines(20 - repriced, first=repriced + 1)
    holds = hold_store(now, by_code(lines(20)), RAILS)
    assert [hold.reason for hold in holds] == ([StoreReason.MAX_CHANGED] if held else [])


def test_a_list_below_twenty_lines_may_change_wholly() -> None:
    assert hold_store(lines(19, "0.90"), by_code(lines(19)), RAILS) == []


def test_added_removed_and_repriced_lines_are_counted_apart() -> None:
    now = lines(5, "0.90", first=11) + lines(5, first=16) + lines(30, first=101)
    (hold,) = hold_store(now, by_code(lines(20)), RAILS)
    assert (hold.added, hold.removed, hold.repriced) == (30, 10, 5)
    assert (hold.lines, hold.last, hold.allowed) == (40, 20, 80)


def test_a_changed_limit_alone_is_no_repricing() -> None:
    now = [Line(line.code, line.price, line.final_price, 5) for line in lines(20)]
    assert hold_store(now, by_code(lines(20)), RAILS) == []


def test_both_store_rails_can_trip_together() -> None:
    holds = hold_store(lines(5, first=500), by_code(lines(100)), RAILS)
    assert [hold.reason for hold in holds] == [StoreReason.MIN_LINES, StoreReason.MAX_CHANGED]


def test_null_switches_the_till_rail_off_and_unknown_rails_are_errors() -> None:
    assert GuardRails.model_validate({"below_till": None}).below_till is False
    with pytest.raises(ValidationError):
        GuardRails.model_validate({"max_discount": 5})


money = st.integers(1, 100_000).map(lambda cents: Decimal(cents) / 100)


@given(st.lists(st.builds(Candidate, st.sampled_from(["1", "2"]), st.just(""), st.just(""), money, money)))
def test_a_release_of_everything_held_leaves_nothing_held(some: list[Candidate]) -> None:
    kept, held = hold_lines(some, {}, RAILS)
    assert len(kept) + len(held) == len(some)
    released = {(h.candidate.code, h.candidate.base, h.candidate.final) for h in held}
    assert hold_lines(some, {}, RAILS, released) == (some, [])


cents = st.integers(1, 2000).map(lambda number: Decimal(number).scaleb(-2))


@given(
    st.builds(
        Candidate, st.just("1"), st.just(""), st.just(""), cents, cents, st.none(), st.none() | cents, st.booleans()
    ),
    st.none() | cents,
    st.sampled_from([RAILS, OFF, GuardRails(max_discount_percent=100), GuardRails(max_price_change_percent=0)]),
)
def test_a_line_is_held_exactly_when_a_bound_is_broken(one: Candidate, last: Decimal | None, rails: GuardRails) -> None:
    off, moved = one.base - one.final, abs(one.final - last) if last else Decimal(0)
    broken = [
        rails.max_discount_percent is not None and off * 100 > one.base * rails.max_discount_percent,
        rails.below_till and one.till is not None and one.final >= one.till and not one.per_unit,
        rails.max_price_change_percent is not None and moved * 100 > (last or 0) * rails.max_price_change_percent,
    ]
    kept, held = hold_lines([one], {} if last is None else {"1": last}, rails)
    assert (len(kept), len(held)) == ((0, 1) if any(broken) else (1, 0))


@given(st.integers(20, 60), st.integers(0, 60), st.integers(1, 60))
def test_counts_of_a_changed_store_always_add_up(before: int, shift: int, count: int) -> None:
    rails = OFF.model_copy(update={"max_changed_percent": 0})
    for hold in hold_store(lines(count, first=1 + shift), by_code(lines(before)), rails):
        assert before + hold.added - hold.removed == count
        assert min(hold.added, hold.removed, hold.repriced) >= 0
