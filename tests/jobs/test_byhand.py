"""By hand: one product off, a store cleared, the last list again; proven like every send (CH-21)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core.access import Actor, Role
from core.errors import ChimeraError, Conflict, Forbidden, NotFound
from core.executions.byhand import Deed, DoDeed, Plan, PlanDeed
from core.ids import new_id
from core.people.confirming import ConfirmationMissing
from sandbox.faults import Fault
from tests.jobs.test_foreign import _add_foreign
from tests.kit.chain import Chain, MakeChain, Run, registration

NINE = timedelta(hours=4)


@pytest.fixture
async def live(lone: Chain) -> Chain:
    """One store with its campaign of today, customers in it since opening."""
    assert (await lone.sync()).outcome == "verified"
    lone.clock.move(NINE)
    return lone


def _actor(chain: Chain) -> Actor:
    """An owner who confirmed with the PIN."""
    return replace(chain.admin, confirmed=True)


async def _start(chain: Chain, deed: Deed, code: str = "", actor: Actor | None = None, key: str | None = None) -> int:
    do = DoDeed(chain.database, chain.clock, chain.hub.writer, chain.hub.recorder)
    started = await do(actor or _actor(chain), deed, chain.stores[0].id, key or new_id(), code=code)
    return started.execution_id


async def _do(chain: Chain, deed: Deed, code: str = "") -> Run:
    return await chain.run(await _start(chain, deed, code))


async def _planned(chain: Chain, deed: Deed, code: str = "") -> Plan:
    return await PlanDeed(chain.database, chain.clock)(_actor(chain), deed, chain.stores[0].id, code)


async def test_one_product_leaves_the_running_campaign_and_the_others_stay(live: Chain) -> None:
    (store,) = live.stores
    before = live.live(store)
    code = min(before)
    plan = await _planned(live, Deed.TAKE_OFF, code)
    run = await _do(live, Deed.TAKE_OFF, code)

    assert (plan.lines, plan.left, plan.running, f"{plan.start:%H:%M}") == (20, 19, True, "09:15")
    assert (run.state, run.outcome) == ("success", "verified")
    assert (
        live.live(store) == {one: prices for one, prices in before.items() if one != code} == await live.verified(store)
    )


async def test_a_product_is_taken_off_although_sending_is_paused_and_nothing_else_is(live: Chain) -> None:
    (store,) = live.stores
    code = min(live.live(store))
    await live.pause()
    assert (await _do(live, Deed.TAKE_OFF, code)).outcome == "verified"
    assert code not in live.live(store)
    with pytest.raises(Conflict, match="Sending is paused"):
        await _start(live, Deed.RESEND)


async def test_the_last_verified_list_is_sent_again_whatever_the_erp_says(live: Chain) -> None:
    (store,) = live.stores
    before = live.live(store)
    await live.erp.go_down()
    live.platform.erase(registration(store))
    run = await _do(live, Deed.RESEND)

    assert run.outcome == "verified"
    assert live.live(store) == before


async def test_a_cleared_store_has_nothing_live_and_tomorrow_begins_anew(live: Chain) -> None:
    (store,) = live.stores
    live.platform.options.check_empty = False
    run = await _do(live, Deed.CLEAR)
    assert (run.outcome, live.live(store), await live.verified(store)) == ("verified", {}, {})
    live.clock.move(timedelta(days=1))
    assert (await live.sync()).outcome == "verified"
    assert live.live(store) == live.expected(store).lines


async def test_a_platform_that_refuses_to_be_cleared_keeps_its_lines_and_the_run_says_so(live: Chain) -> None:
    (store,) = live.stores
    before = live.live(store)
    run = await _do(live, Deed.CLEAR)
    assert run.outcome == "failed"
    assert live.live(store) == before == await live.verified(store)


async def test_lines_of_somebody_else_are_not_swept_away_with_a_product(live: Chain) -> None:
    (store,) = live.stores
    code = min(live.live(store))
    _add_foreign(live, "990001")
    run = await _do(live, Deed.TAKE_OFF, code)
    assert (run.outcome, live.posts()) == ("held", 1)
    assert "1 live product comes from somebody else" in run.reasons[store.name]


async def test_newer_prices_that_nobody_could_read_back_are_not_undone_with_a_product(live: Chain) -> None:
    (store,) = live.stores
    code, other = sorted(live.live(store))[:2]
    live.erp.change(store.cnpj, other, club_price=live.live(store)[other][1] - Decimal("0.05"))
    live.platform.faults.add(Fault("delay_visibility", parameter=3600))
    assert (await live.sync()).outcome == "not_verified"
    live.clock.move(timedelta(hours=1))
    newer = live.live(store)

    run = await _do(live, Deed.TAKE_OFF, code)
    assert (run.outcome, live.posts()) == ("failed", 2)
    assert "1 other live product has another price" in run.reasons[store.name]
    assert live.live(store) == newer

    assert (await live.sync()).outcome == "already_live"
    assert (await _do(live, Deed.TAKE_OFF, code)).outcome == "verified"
    assert live.live(store) == {one: prices for one, prices in newer.items() if one != code}


@pytest.mark.parametrize("fault", ["store_then_500", "store_then_time_out"])
async def test_a_lost_answer_is_settled_by_reading_back(live: Chain, fault: str) -> None:
    (store,) = live.stores
    code = min(live.live(store))
    live.platform.faults.add(Fault(fault))
    assert (await _do(live, Deed.TAKE_OFF, code)).outcome == "verified"
    assert live.posts() == 2
    assert code not in live.live(store)


async def test_the_same_tap_again_starts_nothing_again(live: Chain) -> None:
    code = min(live.live(live.stores[0]))
    assert await _start(live, Deed.TAKE_OFF, code, key="tg:1") == await _start(live, Deed.TAKE_OFF, code, key="tg:1")


@pytest.mark.parametrize(
    ("deed", "code", "message"),
    [(Deed.TAKE_OFF, "4711", "not in today's campaign"), (Deed.TAKE_OFF, "", "not in today's campaign")],
)
async def test_what_is_not_live_cannot_be_taken_off(live: Chain, deed: Deed, code: str, message: str) -> None:
    with pytest.raises(Conflict, match=message):
        await _start(live, deed, code)


async def test_yesterdays_campaign_cannot_be_changed_but_can_be_sent_again(live: Chain) -> None:
    (store,) = live.stores
    before = live.live(store)
    live.clock.move(timedelta(days=1))
    for deed in (Deed.TAKE_OFF, Deed.CLEAR):
        with pytest.raises(Conflict, match="no verified campaign of today"):
            await _start(live, deed, min(before))
    assert (await _do(live, Deed.RESEND)).outcome == "verified"
    assert live.live(store) == before


async def test_late_at_night_it_is_too_late(live: Chain) -> None:
    live.clock.move(timedelta(hours=14, minutes=48))
    with pytest.raises(Conflict, match="Too late"):
        await _start(live, Deed.RESEND)


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"role": Role.VIEWER}, Forbidden),
        ({"role": Role.MANAGER, "may_release": False}, Forbidden),
        ({"role": Role.MANAGER, "store_ids": frozenset({999})}, NotFound),
        ({"organisation_id": 999}, NotFound),
    ],
)
async def test_only_those_who_may_release_there_may_act_by_hand(
    live: Chain, values: dict[str, object], refusal: type[ChimeraError]
) -> None:
    actor = replace(_actor(live), **values)  # type: ignore[arg-type]
    for deed in Deed:
        with pytest.raises(refusal):
            await _start(live, deed, min(live.live(live.stores[0])), actor)


async def test_clearing_takes_an_admin_and_the_pin(live: Chain) -> None:
    with pytest.raises(Forbidden):
        await _start(live, Deed.CLEAR, actor=replace(_actor(live), role=Role.MANAGER))
    with pytest.raises(ConfirmationMissing, match="/pin"):
        await _start(live, Deed.CLEAR, actor=live.admin)


async def test_a_run_by_hand_is_not_repeated_from_its_card(live: Chain) -> None:
    run = await _do(live, Deed.CLEAR)
    with pytest.raises(Conflict, match="from the store's page"):
        await live.retry(run)


async def test_a_paused_store_gets_nothing_and_the_others_go_on(make_chain: MakeChain) -> None:
    chain = await make_chain(stores=2)
    held, sent = chain.stores
    await chain.change(held, paused_at=chain.clock.now(), paused_by="Rui")
    run = await chain.sync()
    assert run.outcomes == {held.name: "held", sent.name: "verified"}
    assert "Paused by Rui" in run.reasons[held.name]
    assert (chain.uploads(held), chain.uploads(sent)) == (0, 1)
    await chain.change(held, paused_at=None, paused_by=None)
    assert (await chain.retry(run)).outcomes == {held.name: "verified"}
