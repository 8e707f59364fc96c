"""Stores that the old system still sends (CH-11): all is worked out and compared, and nothing leaves by any path."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from core.access import Actor
from core.catalogue.releasing import ReleaseHeld
from core.clock import ManualClock, local_date
from core.errors import Conflict
from core.executions.again import RunAgain
from core.executions.byhand import Deed, DoDeed, PlanDeed
from core.executions.model import Execution, Step
from core.executions.resync import Resync
from core.executions.states import Event
from core.executions.stats import Period, stats_of_job
from core.ids import new_id
from core.jobs.model import Job
from core.notices.facts import about_run
from core.organisations.model import Organisation
from core.stores.model import Store
from jobs.alerts import OpeningWatch
from jobs.digest import MorningDigest
from sandbox.faults import Fault
from tests.jobs.catching import run_and_do
from tests.jobs.test_channels_told import mail_channel, posts
from tests.jobs.test_digest import OPENS
from tests.jobs.test_stopping import _interrupt_at_post
from tests.kit.chain import Chain, MakeChain, Run, registration

ZONE = ZoneInfo("America/Sao_Paulo")
TODAY = (datetime(2026, 11, 23, 6, tzinfo=ZONE), datetime(2026, 11, 23, 23, 59, tzinfo=ZONE))
STILL = "Not sent: the old system still sends this store."


async def _old_system(chain: Chain, store: Store) -> None:
    """Leave a store to the old system."""
    await chain.change(store, cut_over=False)


def _sent_by_old_system(chain: Chain, store: Store, *, but: int = 0, dearer: int = 0, more: int = 0) -> None:
    """Have the old system's campaign live: today's products `but` some, some of them dearer, some nobody else's."""
    lines = [
        {"code": code, "price": str(price), "final_price": str(final), "limit": limit}
        for code, (price, final, limit) in sorted(chain.expected(store).lines.items())[but:]
    ]
    for line in lines[:dearer]:
        line["final_price"] = "0.05"
    lines += [{"code": f"99000{n}", "price": "10.00", "final_price": "8.00", "limit": 1000} for n in range(more)]
    chain.platform.add_foreign(registration(store), lines, TODAY)


async def _again(chain: Chain, run: Run) -> Run:
    use_case = RunAgain(chain.database, chain.hub.writer)
    return await chain.run((await use_case(chain.admin, run.id, new_id(), confirmed=True)).execution_id)


async def _deed(chain: Chain, deed: Deed, code: str = "") -> int:
    actor: Actor = replace(chain.admin, confirmed=True)
    do = DoDeed(chain.database, chain.clock, chain.hub.writer, chain.hub.recorder)
    return (await do(actor, deed, chain.stores[0].id, new_id(), code=code)).execution_id


async def test_only_the_store_that_is_not_cut_over_gets_nothing_and_the_run_is_a_success(either_chain: Chain) -> None:
    chain = either_chain
    store = chain.stores[0]
    await _old_system(chain, store)

    run = await chain.sync()

    assert run.state == "success"
    assert run.outcomes == {"Loja 1": "skipped", "Loja 2": "verified", "Loja 3": "verified"}
    assert run.reasons["Loja 1"] == f"{STILL} no product agrees, 20 missing."
    assert (chain.uploads(store), chain.posts()) == (0, 2)
    assert await chain.verified(store) is None


async def test_it_says_how_far_both_agree(lone: Chain) -> None:
    (store,) = lone.stores
    await _old_system(lone, store)
    _sent_by_old_system(lone, store, but=2, dearer=3, more=1)
    run = await lone.sync()
    assert run.reasons["Loja 1"] == f"{STILL} 15 products agree, 3 differ, 2 missing, 1 only on the platform."
    assert (run.state, run.outcome, lone.posts()) == ("success", "skipped", 0)


async def test_a_list_that_the_old_system_made_live_is_no_verified_list_of_ours(lone: Chain) -> None:
    (store,) = lone.stores
    await _old_system(lone, store)
    _sent_by_old_system(lone, store)
    run = await lone.sync()
    assert (run.outcome, run.reasons["Loja 1"]) == ("skipped", f"{STILL} 20 products agree.")
    assert await lone.verified(store) is None


async def test_what_guard_rails_would_hold_is_told_and_asks_nobody(lone: Chain) -> None:
    (store,) = lone.stores
    await lone.sync()
    before = await lone.verified(store)
    await _old_system(lone, store)
    lone.erp.scale_prices(store.cnpj, 100)
    run = await lone.sync()
    assert (run.state, run.outcome, lone.posts()) == ("success", "skipped", 1)
    assert run.reasons["Loja 1"].startswith(f"{STILL} no product agrees, 20 would be held. The store would be held.")
    assert await lone.holds(store) == []
    assert await lone.verified(store) == before


async def test_a_platform_that_cannot_be_read_agrees_with_nothing(lone: Chain) -> None:
    await _old_system(lone, lone.stores[0])
    lone.platform.faults.add(Fault("http_500_html", method="GET", times=None))
    run = await lone.sync()
    assert (run.state, run.outcome, lone.posts()) == ("failed", "failed", 0)


async def test_switched_on_the_next_run_sends(lone: Chain) -> None:
    (store,) = lone.stores
    await _old_system(lone, store)
    await lone.sync()
    await lone.change(store, cut_over=True)
    assert (await lone.sync()).outcome == "verified"
    assert lone.live(store) == lone.expected(store).lines


async def test_switched_on_the_lines_of_the_old_system_wait_for_a_person(lone: Chain) -> None:
    (store,) = lone.stores
    await _old_system(lone, store)
    _sent_by_old_system(lone, store, dearer=1, more=2)
    await lone.sync()
    await lone.change(store, cut_over=True)
    run = await lone.sync()
    assert (run.outcome, lone.posts()) == ("held", 0)
    assert "3 live products come from somebody else" in run.reasons["Loja 1"]


async def test_run_again_and_retry_send_nothing(lone: Chain) -> None:
    (store,) = lone.stores
    lone.platform.faults.add(Fault("http_500_envelope", method="POST", times=3))
    failed = await lone.sync()
    posts = lone.posts()
    await _old_system(lone, store)
    for run in (await _again(lone, failed), await lone.retry(failed)):
        assert (run.state, run.outcome) == ("success", "skipped")
    assert lone.posts() == posts


async def test_a_worked_out_store_is_nothing_to_retry(lone: Chain) -> None:
    await _old_system(lone, lone.stores[0])
    run = await lone.sync()
    with pytest.raises(Conflict, match="nothing to retry"):
        await lone.retry(run)


async def test_what_was_held_before_the_switch_is_not_released(lone: Chain) -> None:
    (store,) = lone.stores
    await lone.sync()
    lone.erp.scale_prices(store.cnpj, 100)
    held = await lone.sync()
    assert held.outcome == "held"
    holds = await lone.holds(store)
    await _old_system(lone, store)
    with pytest.raises(Conflict, match="The old system still sends Loja 1"):
        await lone.start_release(held)
    assert (await lone.holds(store), lone.posts()) == (holds, 1)


async def test_a_release_started_before_the_switch_sends_nothing(lone: Chain) -> None:
    (store,) = lone.stores
    await lone.sync()
    lone.erp.scale_prices(store.cnpj, 100)
    releasing = await lone.start_release(await lone.sync())
    await _old_system(lone, store)
    assert (await lone.run(releasing)).outcome == "skipped"
    assert lone.posts() == 1


async def test_a_release_of_several_stores_leaves_out_the_one_of_the_old_system(chain: Chain) -> None:
    await chain.sync()
    for store in chain.stores[:2]:
        chain.erp.scale_prices(store.cnpj, 100)
    held = await chain.sync()
    await _old_system(chain, chain.stores[0])
    use_case = ReleaseHeld(chain.database, chain.clock, chain.hub.recorder, chain.hub.writer)
    started = await use_case(chain.admin, new_id(), execution_id=held.id)
    run = await chain.run(started.execution_id)
    assert run.outcomes == {"Loja 2": "verified"}
    assert await chain.holds(chain.stores[0]) != []
    assert chain.uploads(chain.stores[0]) == 1


@pytest.mark.parametrize("deed", list(Deed))
async def test_deeds_by_hand_are_refused_with_the_way_to_mend_it(lone: Chain, deed: Deed) -> None:
    (store,) = lone.stores
    await lone.sync()
    code = min(lone.live(store)) if deed is Deed.TAKE_OFF else ""
    await _old_system(lone, store)
    with pytest.raises(Conflict, match="switches on “Chimera sends” in the store's settings"):
        await _deed(lone, deed, code)
    with pytest.raises(Conflict, match="The old system still sends Loja 1"):
        await PlanDeed(lone.database, lone.clock)(lone.admin, deed, store.id, code)
    assert len(await lone.runs()) == 1


@pytest.mark.parametrize("deed", list(Deed))
async def test_a_deed_asked_for_before_the_switch_fails_and_sends_nothing(lone: Chain, deed: Deed) -> None:
    (store,) = lone.stores
    await lone.sync()
    before = lone.live(store)
    run_id = await _deed(lone, deed, min(before) if deed is Deed.TAKE_OFF else "")
    await _old_system(lone, store)
    if deed is Deed.RESEND:
        lone.platform.erase(registration(store))
        before = {}
    calls = len(lone.platform.journal)
    run = await lone.run(run_id)
    assert (run.state, run.outcome, len(lone.platform.journal)) == ("failed", "failed", calls)
    assert "“Chimera sends” is off in its settings" in run.reasons["Loja 1"]
    assert lone.live(store) == before


async def test_stores_that_a_comparison_found_different_are_left_out(either_chain: Chain) -> None:
    chain = either_chain
    await _old_system(chain, chain.stores[0])
    compared = await chain.compare()
    assert set(compared.outcomes.values()) == {"different"}
    resync = Resync(chain.database, chain.hub.writer)
    run = await chain.run((await resync(chain.admin, compared.id, new_id(), confirmed=True)).execution_id)
    assert run.outcomes == {"Loja 2": "verified", "Loja 3": "verified"}

    for store in chain.stores[1:]:
        await _old_system(chain, store)
        chain.platform.erase(registration(store))
    compared = await chain.compare()
    with pytest.raises(Conflict, match="still sends"):
        await resync(chain.admin, compared.id, new_id(), confirmed=True)


async def test_switched_off_during_its_scan_a_store_gets_nothing(either_chain: Chain) -> None:
    chain = either_chain
    store = chain.stores[0]
    chain.erp.faults.add(Fault("delay", page=2, store=store.cnpj, parameter=0.3))
    run = await run_and_do(chain, chain.erp, lambda call: call.store == store.cnpj, lambda _: _switch_off(chain, store))
    assert (run.state, run.outcomes["Loja 1"]) == ("success", "skipped")
    assert run.reasons["Loja 1"] == "Not sent: the old system sends this store."
    assert (chain.uploads(store), await chain.verified(store)) == (0, None)


async def _switch_off(chain: Chain, store: Store) -> None:
    """Switch it in the database alone: the run keeps the row that it began with."""
    async with chain.database.writing() as session:
        await session.execute(update(Store).where(Store.id == store.id).values(cut_over=False))


async def test_switched_off_while_it_is_compared_what_is_live_already_proves_nothing(lone: Chain) -> None:
    (store,) = lone.stores
    _sent_by_old_system(lone, store)
    lone.platform.faults.add(Fault("delay", method="GET", parameter=0.3))
    run = await run_and_do(lone, lone.platform, lambda call: call.method == "GET", lambda _: _switch_off(lone, store))
    assert run.outcome == "skipped"
    assert await lone.verified(store) is None


async def test_switched_off_between_two_sends_the_second_stays(lone: Chain) -> None:
    (store,) = lone.stores
    lone.platform.faults.add(Fault("http_500_envelope", method="POST", times=None))
    run = await run_and_do(lone, lone.platform, lambda call: call.method == "POST", lambda _: _switch_off(lone, store))
    assert (run.state, run.outcome, lone.posts()) == ("failed", "failed", 1)
    assert run.reasons["Loja 1"].startswith("Not sent again: “Chimera sends” was switched off")


async def test_killed_in_mid_send_and_switched_off_a_list_that_did_not_arrive_is_not_sent_again(lone: Chain) -> None:
    (store,) = lone.stores
    run_id = await lone.start()
    await _interrupt_at_post(lone, "hang", run_id=run_id)
    await _switch_off(lone, store)
    run = await lone.run(run_id)
    assert (run.outcome, lone.posts()) == ("skipped", 1)
    assert await lone.verified(store) is None


async def test_killed_in_mid_send_and_switched_off_a_list_that_arrived_is_read_back(lone: Chain) -> None:
    (store,) = lone.stores
    run_id = await lone.start()
    await _interrupt_at_post(lone, "store_then_time_out", run_id=run_id)
    await _switch_off(lone, store)
    run = await lone.run(run_id)
    assert (run.outcome, lone.posts()) == ("verified", 1)
    assert lone.live(store) == await lone.verified(store)


async def test_it_raises_no_alarm_before_opening_and_the_digest_counts_it_apart(
    make_chain: MakeChain, clock: ManualClock
) -> None:
    clock.instant = OPENS - timedelta(minutes=50)
    chain = await make_chain(schedule="10 5 * * *")
    await _old_system(chain, chain.stores[0])
    await chain.sync()
    clock.instant = OPENS - timedelta(minutes=10)
    await OpeningWatch(chain.database, clock, chain.hub.notices).tick()
    await MorningDigest(chain.database, clock, chain.hub.notices).tick()
    told = await chain.messages()
    assert not any("not live before opening" in text for text in told)
    (digest,) = (text for text in told if "Good morning" in text)
    assert digest.splitlines() == [
        "☀️ Good morning. All 2 stores carry today's discounts.",
        "🧪 1 store is worked out only: the old system still sends it.",
    ]


async def test_a_store_of_ours_that_fails_is_not_made_better_by_one_of_the_old_system(chain: Chain) -> None:
    for store in chain.stores[1:]:
        await _old_system(chain, store)
    chain.platform.faults.add(Fault("http_500_envelope", method="POST", times=3))
    run = await chain.sync()
    assert run.state == "failed"
    assert run.outcomes == {"Loja 1": "failed", "Loja 2": "skipped", "Loja 3": "skipped"}


async def test_channels_and_figures_count_it_neither_as_good_nor_as_bad(chain: Chain) -> None:
    await _old_system(chain, chain.stores[0])
    run = await chain.sync()
    async with chain.database.reading() as session:
        execution = await session.get_one(Execution, run.id)
        steps = [(one.name, await session.get_one(Step, (run.id, one.id))) for one in chain.stores]
        home = await session.get_one(Organisation, chain.organisation_id)
        job = await session.get_one(Job, chain.sync_job)
        stats = await stats_of_job(session, job, Period(local_date(chain.clock.now(), ZONE), 1, ZONE))
    facts = about_run(home, job.name, Event.SUCCESS, execution, steps, chain.clock.now())
    assert [facts.values[name] for name in ("stores", "verified", "held", "failed")] == [3, 2, 0, 0]
    assert [str(line) for line in facts.lines] == [
        "✅ Daily sync: success",
        "Good stores: 2 of 2.",
        f"• Loja 1: worked out only. {STILL} no product agrees, 20 missing.",
    ]
    assert (stats.good_stores, stats.stores, stats.never_good, stats.days[0].lines) == (2, 2, [], 40)


@pytest.mark.parametrize(("cut_over", "told"), [(True, 1), (False, 0)])
async def test_only_a_run_that_proved_something_says_that_all_is_good_again(
    lone: Chain, *, cut_over: bool, told: int
) -> None:
    await mail_channel(lone, 1, "recovered")
    lone.platform.faults.add(Fault("http_500_envelope", method="POST", times=3))
    assert (await lone.sync()).state == "failed"
    await lone.change(lone.stores[0], cut_over=cut_over)
    assert (await lone.sync()).state == "success"
    assert len(await posts(lone)) == told


async def test_good_again_is_told_once_when_a_store_that_failed_and_was_worked_out_is_live(
    lone: Chain,
) -> None:
    store = lone.stores[0]
    await mail_channel(lone, 1, "recovered")
    lone.platform.faults.add(Fault("http_500_envelope", method="POST", times=3))
    assert (await lone.sync()).state == "failed"
    told = []
    for cut_over in (False, False, True, False, True):
        await lone.change(store, cut_over=cut_over)
        assert (await lone.sync()).state == "success"
        told.append(len(await posts(lone)))
    assert told == [0, 0, 1, 1, 1]
