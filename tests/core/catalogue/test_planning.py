"""A store is planned alike in the helper process and in this one."""

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal

import msgspec
import pytest

from core.catalogue.lines import Candidate, Line
from core.catalogue.packed import Packed, join, pack, packed_candidates
from core.catalogue.planner import Planner
from core.catalogue.planning import NEVER, TASK, Known, encode_known, plan, read_reply
from core.catalogue.prepare import canonical, digest, prepare
from core.catalogue.rails import GuardRails, LineHold, StoreReason
from core.courtesy import Courtesy
from core.helper.process import WORTH_IT, Helper, HelperFailed
from tests.kit.errands import NAME

MANY = 1500
RELEASED = ("7", Decimal("10.00"), Decimal("1.00"))


def candidate(code: int, final: str = "8.90") -> Candidate:
    return Candidate(
        str(code), f"CAFÉ \n {code}", f"789{code:010}", Decimal("10.00"), Decimal(final), till=Decimal("10.00")
    )


def known(
    verified: Sequence[Line] | None = None, lists: frozenset[str] = frozenset(), past: dict[str, Decimal] | None = None
) -> Known:
    return Known(
        rails=GuardRails(max_price_change_percent=50),
        store_limit=None,
        default_limit=1000,
        past=past or {},
        released_lines=frozenset({RELEASED}),
        released_lists=lists,
        verified=NEVER if verified is None else msgspec.Raw(canonical(list(verified))),
    )


@pytest.fixture(scope="module")
def many() -> list[Candidate]:
    return [candidate(code) for code in range(10, 10 + MANY)]


@pytest.fixture
async def helper() -> AsyncIterator[Helper]:
    made = Helper(patience=60.0, rest=0.0)
    yield made
    await made.close()


async def test_the_helper_plans_what_is_planned_here(helper: Helper, many: list[Candidate]) -> None:
    lines = prepare(many, None, 1000)
    dear, cheap, released = candidate(5, "9.90"), candidate(6, "1.00"), candidate(7, "1.00")
    odd = [dear, cheap, released, *many]
    assert len(pack(many)) > WORTH_IT
    for candidates, about in (
        (many, known()),
        (many, known(lines)),
        (many[: MANY // 3], known(lines)),
        (odd, known(lines[:-3], past={"5": Decimal("20.00")})),
        (odd, known(lists=frozenset({digest(prepare(odd, None, 1000))}))),
        (join([packed_candidates(pack(many[:9]), 9), [], many[9:]]), known()),
    ):
        reply = read_reply(await helper.work(TASK, encode_known(about), pack(candidates)))

        assert reply == plan(list(candidates), about)
        assert await Planner(helper, Courtesy())(candidates, about) == reply


def test_a_plan_holds_what_the_rails_hold_and_sends_the_rest(many: list[Candidate]) -> None:
    cheap, moved, released = candidate(5, "1.00"), candidate(6, "4.00"), candidate(7, "1.00")

    planned, lines = plan([cheap, moved, released, *many], known(past={"6": Decimal("9.00")}))

    held = [(hold.candidate.code, hold.reason) for hold in planned.held]
    assert held == [("5", LineHold.MAX_DISCOUNT), ("6", LineHold.MAX_PRICE_CHANGE)]
    sent = prepare([released, *many], None, 1000)
    assert (lines, planned.digest, planned.count) == (canonical(sent), digest(sent), MANY + 1)
    assert planned.full_digest == digest(prepare([cheap, moved, released, *many], None, 1000))


def test_the_last_verified_list_is_what_a_plan_is_held_against(many: list[Candidate]) -> None:
    verified = prepare(many, None, 1000)

    same, _ = plan(many, known(verified))
    halved, _ = plan(many[: MANY // 3], known(verified))
    moved, _ = plan([candidate(10, "3.00"), *many[1:]], known(verified))

    assert (same.changed, same.stores, same.held) == (0, [], [])
    assert [hold.reason for hold in halved.stores] == [StoreReason.MIN_LINES]
    assert halved.changed == MANY - MANY // 3
    assert [hold.last for hold in moved.held] == [Decimal("8.90")]


def test_a_list_that_a_person_released_is_not_held_again() -> None:
    nothing = digest([])

    held, _ = plan([], known())
    released, lines = plan([], known(lists=frozenset({nothing})))

    assert [hold.reason for hold in held.stores] == [StoreReason.NO_LINES]
    assert (released.stores, lines) == ([], b"[]")


def test_a_whole_list_that_was_released_counts_although_some_of_its_lines_are_held(many: list[Candidate]) -> None:
    few = [candidate(5, "1.00"), *many[: MANY // 3]]
    whole = frozenset({digest(prepare(few, None, 1000))})

    held, _ = plan(few, known(prepare(many, None, 1000)))
    released, _ = plan(few, known(prepare(many, None, 1000), whole))

    assert [hold.reason for hold in held.stores] == [StoreReason.MIN_LINES]
    assert (released.stores, [hold.candidate.code for hold in released.held]) == ([], ["5"])


async def test_a_store_is_planned_here_when_the_helper_died(many: list[Candidate]) -> None:
    helper = Helper(rest=3600.0)
    with pytest.raises(HelperFailed):
        await helper.work(f"{NAME}die", b"", b"")

    assert await Planner(helper, Courtesy())(many, known()) == plan(many, known())


def test_packed_parts_become_one_list_in_order(many: list[Candidate]) -> None:
    whole = join([packed_candidates(pack(many[:2]), 2), packed_candidates(b"[]", 0), many[2:5]])

    assert isinstance(whole, Packed)
    assert (len(whole), list(whole), pack(whole)) == (5, many[:5], pack(many[:5]))
    assert join([[], many[:1]]) == many[:1]
