"""Pause, cancel, time limit and interruption: what is under way is finished and read back, never doubled."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from core.errors import Conflict
from core.executions.model import Execution, Step
from core.executions.views import ShowRun
from core.stores.model import Store
from handlers.cards.result import result_of
from jobs.sending import SENDING
from sandbox.crescevendas import Fault, PlatformServer
from sandbox.faults import Call
from tests.jobs.catching import run_and_do
from tests.kit.chain import PLATFORM, TOKEN, Chain, MakeChain, Run, store_cnpj


async def test_nothing_starts_while_sending_is_paused(chain: Chain) -> None:
    await chain.pause()
    with pytest.raises(Conflict, match="paused"):
        await chain.sync()
    assert (await chain.sync(dry_run=True)).state == "success"
    assert (await chain.compare()).state == "partial"
    assert chain.posts() == 0
    await chain.resume()
    assert (await chain.sync()).outcome == "verified"


async def test_a_job_that_only_computes_runs_while_sending_is_paused(chain: Chain) -> None:
    await chain.set_job(dry_run=True)
    await chain.pause()
    run = await chain.sync()
    assert (run.state, set(run.outcomes.values())) == ("success", {"skipped"})
    assert chain.posts() == 0


async def test_a_pause_during_a_run_stops_every_further_upload(chain: Chain) -> None:
    run_id = await chain.start()
    first, *others = await chain.hub.runner.begin(run_id)
    await chain.hub.runner.run_store(run_id, first)
    await chain.pause()
    run = await chain.run(run_id)
    assert run.state == "partial"
    assert run.outcomes == {"Loja 1": "verified", "Loja 2": "held", "Loja 3": "held"}
    assert run.reasons["Loja 2"].replace("\u202f", " ") == "Paused by Ana at 5:10 AM. After /resume: Retry."
    assert len(others) == 2
    assert chain.posts() == 1
    with pytest.raises(Conflict, match="paused"):
        await chain.retry(run)
    await chain.resume()
    assert (await chain.retry(run)).outcome == "verified"
    assert chain.posts() == 3


async def test_a_cancelled_run_finishes_no_further_store(chain: Chain) -> None:
    run_id = await chain.start()
    first, *_ = await chain.hub.runner.begin(run_id)
    await chain.hub.runner.run_store(run_id, first)
    await chain.cancel(run_id)
    run = await chain.run(run_id)
    assert run.state == "cancelled"
    assert run.outcomes == {"Loja 1": "verified", "Loja 2": "cancelled", "Loja 3": "cancelled"}
    assert run.reasons["Loja 2"] == "Cancelled by Ana."
    assert chain.posts() == 1


async def test_a_run_cancelled_before_it_began_does_nothing(chain: Chain) -> None:
    run_id = await chain.start()
    await chain.cancel(run_id)
    run = await chain.run(run_id)
    assert (run.state, run.outcome) == ("cancelled", "cancelled")
    assert chain.pages() == chain.posts() == 0
    with pytest.raises(Conflict, match="has ended already"):
        await chain.cancel(run_id)


async def test_a_cancel_lets_the_upload_in_flight_finish_and_be_read_back(lone: Chain) -> None:
    (store,) = lone.stores
    lone.platform.faults.add(Fault("delay", method="POST", parameter=0.3))
    run = await run_and_do(lone, lone.platform, lambda call: call.method == "POST", lone.cancel)
    assert (run.state, run.outcome) == ("success", "verified")
    assert lone.live(store) == await lone.verified(store)
    assert lone.posts() == 1


@pytest.mark.parametrize(("minutes", "ended"), [(0, "cancelled"), (31, "timed_out")])
async def test_a_run_that_was_stopped_reads_no_catalogue_to_its_end(
    make_chain: MakeChain, minutes: int, ended: str
) -> None:
    chain = await make_chain(stores=1, products=200, discounted=120, sync={"timeout_minutes": 30})
    reached = asyncio.Event()
    chain.erp.faults.add(Fault("delay", page=2, parameter=0.6))
    chain.erp.before_answer = lambda call: reached.set() if call.page == 1 else None
    run_id = await chain.start()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(chain.run(run_id))
        await reached.wait()
        await (chain.cancel(run_id) if not minutes else asyncio.sleep(0))
        chain.clock.move(timedelta(minutes=minutes))
    assert running.result().state == ended
    assert chain.pages() == 2
    assert chain.posts() == 0


@pytest.mark.parametrize("change", [{"active": False}, {"deleted_at": datetime(2026, 11, 23, 8, tzinfo=UTC)}])
async def test_a_store_switched_off_or_deleted_during_its_scan_gets_nothing(
    chain: Chain, change: dict[str, object]
) -> None:
    store = chain.stores[0]
    chain.erp.faults.add(Fault("delay", page=2, store=store.cnpj, parameter=0.3))

    async def switch(_run_id: int) -> None:
        async with chain.database.writing() as session:
            await session.execute(update(Store).where(Store.id == store.id).values(**change))

    run = await run_and_do(chain, chain.erp, lambda call: call.store == store.cnpj, switch)
    assert run.state == "partial"
    assert run.outcomes == {"Loja 1": "skipped", "Loja 2": "verified", "Loja 3": "verified"}
    assert run.reasons["Loja 1"] == "Not sent: the store was switched off or deleted."
    assert chain.live(store) == {}


@pytest.mark.parametrize("number", ["cnpj", "unit", "platform_registration"])
async def test_a_store_whose_numbers_change_in_mid_run_gets_nothing_under_the_old_ones(
    lone: Chain, number: str
) -> None:
    (store,) = lone.stores
    lone.platform.faults.add(Fault("delay", method="GET", parameter=0.3))

    async def renumber(_run_id: int) -> None:
        await lone.change(store, **{number: store_cnpj(2)})

    run = await run_and_do(lone, lone.platform, lambda call: call.method == "GET", renumber)
    assert (run.outcome, lone.posts()) == ("failed", 0)
    assert "changed meanwhile" in run.reasons["Loja 1"]


async def test_a_cancel_between_two_sends_does_not_say_that_nothing_was_sent(lone: Chain) -> None:
    lone.platform.faults.add(Fault("http_500_envelope", method="POST"))
    run = await run_and_do(lone, lone.platform, lambda call: call.method == "POST", lone.cancel)
    assert (run.state, run.outcome, lone.posts()) == ("cancelled", "cancelled", 1)
    assert "sent again" in run.reasons["Loja 1"]


async def test_a_cancel_ends_the_pause_between_two_sends_at_once(lone: Chain) -> None:
    """The platform asks for ten minutes; whoever cancels meanwhile waits for none of them."""
    arrived = asyncio.Event()
    lone.platform.faults.add(Fault("http_429", method="POST", times=None, parameter=600))
    lone.platform.before_answer = lambda call: arrived.set() if call.method == "POST" else None
    run_id = await lone.start()
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(lone.run(run_id))
        await arrived.wait()
        await lone.cancel(run_id)
    run = running.result()
    assert (run.state, run.outcome, lone.posts()) == ("cancelled", "cancelled", 1)


async def test_stores_after_the_time_limit_are_not_begun(make_chain: MakeChain) -> None:
    chain = await make_chain(sync={"timeout_minutes": 30})
    run_id = await chain.start()
    first, *_ = await chain.hub.runner.begin(run_id)
    await chain.hub.runner.run_store(run_id, first)
    chain.clock.move(timedelta(minutes=31))
    run = await chain.run(run_id)
    assert run.state == "timed_out"
    assert run.outcomes == {"Loja 1": "verified", "Loja 2": "failed", "Loja 3": "failed"}
    assert "time limit of 30 minutes" in run.reasons["Loja 3"]
    assert chain.posts() == 1


async def test_the_time_limit_counts_during_a_scan_too(make_chain: MakeChain) -> None:
    chain = await make_chain(stores=1, sync={"timeout_minutes": 30})
    chain.erp.before_answer = lambda call: chain.clock.move(timedelta(minutes=31 if call.page == 2 else 0))
    run = await chain.sync()
    assert (run.state, run.outcome) == ("timed_out", "failed")
    assert chain.posts() == 0


async def _stop_in_the_queue(chain: Chain, stop: Callable[[], Awaitable[None]], run_id: int) -> Run:
    """Run, with the platform's only place taken before the upload has its turn; `stop`, and let the place go."""
    (store,) = chain.stores
    runner = chain.hub.runner
    connection = await chain.hub.connections.get(chain.organisation_id, PLATFORM)
    taken: list[asyncio.Task[Any]] = []

    async def take_the_place() -> None:
        chain.platform.faults.add(Fault("hang", method="GET"))
        await connection.probe()

    def queue_before_the_upload(_call: Call) -> None:
        chain.platform.before_answer = None
        taken.append(asyncio.ensure_future(take_the_place()))

    chain.platform.before_answer = queue_before_the_upload
    await runner.begin(run_id)
    work = asyncio.ensure_future(runner.run_store(run_id, store.id))
    while (await chain.row(Step, (run_id, store.id))).stage != SENDING:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0.005)
    await stop()
    taken[0].cancel()
    await work
    await runner.end(run_id)
    return await chain.view(run_id)


async def test_a_list_that_waits_for_its_turn_at_the_platform_is_stopped_there(make_chain: MakeChain) -> None:
    chain = await make_chain(stores=1, platform={"max_parallel": 1})
    (store,) = chain.stores

    async def old_system() -> None:
        await chain.change(store, cut_over=False)

    for stop, outcome in ((chain.pause, "held"), (old_system, "skipped")):
        run = await _stop_in_the_queue(chain, stop, await chain.start())
        assert (run.outcome, chain.posts()) == (outcome, 0)
        step = await chain.row(Step, (run.id, store.id))
        assert (step.sends, step.sent_digest) == (0, None)
        await chain.resume()
        await chain.change(store, cut_over=True)

    run_id = await chain.start()
    run = await _stop_in_the_queue(chain, lambda: chain.cancel(run_id), run_id)
    assert (run.state, run.outcome, chain.posts()) == ("cancelled", "cancelled", 0)
    assert (await chain.sync()).outcome == "verified"


async def test_a_list_whose_start_passes_while_it_waits_for_its_turn_is_planned_again(make_chain: MakeChain) -> None:
    chain = await make_chain(stores=1, platform={"max_parallel": 1})
    (store,) = chain.stores

    async def open_the_store() -> None:
        chain.clock.move(timedelta(minutes=52))

    run = await _stop_in_the_queue(chain, open_the_store, await chain.start())
    assert (run.outcome, chain.posts()) == ("verified", 1)
    assert {start.strftime("%H:%M") for start, _ in chain.windows(store)} == {"06:07"}


async def test_prices_that_grow_too_old_while_they_wait_for_their_turn_are_fetched_again(make_chain: MakeChain) -> None:
    chain = await make_chain(stores=1, platform={"max_parallel": 1}, sync={"max_age_minutes": 10})
    (store,) = chain.stores

    async def grow_old() -> None:
        chain.clock.move(timedelta(minutes=11))
        chain.erp.change(store.cnpj, min(map(int, chain.expected(store).lines)), club_price=Decimal("1.23"))

    await chain.set_job(guard_rails={"max_discount_percent": None})
    run = await _stop_in_the_queue(chain, grow_old, await chain.start())
    assert (run.outcome, chain.posts()) == ("verified", 1)
    assert min(final for _, final, _ in chain.live(store).values()) == Decimal("1.23")


@pytest.mark.parametrize("moment", ["reading what is live", "waiting for its turn"])
async def test_a_list_goes_to_the_platform_that_is_configured_when_it_leaves(
    make_chain: MakeChain, moment: str
) -> None:
    """What was looked at is not where it would go: the store begins anew, and looks there first."""
    chain = await make_chain(stores=1, platform={"max_parallel": 1})
    (store,) = chain.stores
    async with PlatformServer([store.cnpj], token=TOKEN, clock=chain.clock.now) as other:

        async def move_house() -> None:
            row = await chain.integration(PLATFORM)
            settings = row.settings | {"base_url": other.url}
            await chain.change(row, settings=settings, revision=row.revision + 1)

        if moment == "waiting for its turn":
            run = await _stop_in_the_queue(chain, move_house, await chain.start())
        else:
            chain.platform.faults.add(Fault("delay", method="GET", parameter=0.4))
            run = await run_and_do(chain, chain.platform, lambda call: call.method == "GET", lambda _: move_house())
        assert run.outcome == "verified"
        assert chain.posts() == 0
        assert {line.code for line in other.lines(store.cnpj)} == chain.expected(store).lines.keys()
        assert [entry.method for entry in other.journal][:2] == ["GET", "POST"]


@pytest.mark.parametrize(("stop", "later"), [("pause", "held"), ("cancel", "cancelled")])
async def test_a_campaign_of_which_a_part_is_through_is_sent_whole_and_then_the_run_stops(
    make_chain: MakeChain, stop: str, later: str
) -> None:
    """Half a campaign is worse than a whole one: the upload in flight is all of its parts (`rules.md` 3.8)."""
    chain = await make_chain(stores=2, platform={"lines_per_upload": 6})

    async def act(run_id: int) -> None:
        await (chain.pause() if stop == "pause" else chain.cancel(run_id))

    first, second = chain.stores
    chain.platform.faults.add(Fault("delay", method="POST", parameter=0.4))
    run = await run_and_do(chain, chain.platform, lambda call: call.method == "POST", act, at_once=1)
    assert (run.outcomes["Loja 1"], run.outcomes["Loja 2"]) == ("verified", later)
    assert chain.live(first) == chain.expected(first).lines
    assert chain.live(second) == {}
    assert chain.posts() == 4


async def _interrupt_at_post(chain: Chain, kind: str, *, run_id: int) -> None:
    """Run until the first upload is answered by nothing, then drop everything as a killed process would."""
    arrived = asyncio.Event()
    chain.platform.faults.add(Fault(kind, method="POST"))
    chain.platform.before_answer = lambda call: arrived.set() if call.method == "POST" else None
    (store_id,) = await chain.hub.runner.begin(run_id)
    work = asyncio.ensure_future(chain.hub.runner.run_store(run_id, store_id))
    await arrived.wait()
    if kind == "store_then_time_out":
        while not chain.platform.lines(chain.stores[0].cnpj):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.005)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    chain.platform.before_answer = None
    await chain.restart()


async def test_an_interrupted_upload_that_arrived_is_read_back_and_not_sent_again(lone: Chain) -> None:
    (store,) = lone.stores
    run_id = await lone.start()
    await _interrupt_at_post(lone, "store_then_time_out", run_id=run_id)
    pages = lone.pages()
    run = await lone.run(run_id)
    assert (run.state, run.outcome) == ("success", "verified")
    assert lone.live(store) == lone.expected(store).lines == await lone.verified(store)
    assert lone.pages() == pages, "what was sent is settled without another scan"
    assert lone.posts() == 1
    assert run.counts[store.name]["sent"] == 20


async def test_an_interrupted_upload_that_did_not_arrive_is_sent_again(lone: Chain) -> None:
    (store,) = lone.stores
    run_id = await lone.start()
    await _interrupt_at_post(lone, "hang", run_id=run_id)
    pages = lone.pages()
    run = await lone.run(run_id)
    assert (run.state, run.outcome) == ("success", "verified")
    assert lone.live(store) == lone.expected(store).lines
    assert lone.pages() == pages, "the scan of this very run is young enough"
    assert lone.posts() == 2


async def test_an_interrupted_upload_shown_in_part_is_sent_again_whole(lone: Chain) -> None:
    (store,) = lone.stores
    run_id = await lone.start()
    await _interrupt_at_post(lone, "store_then_time_out", run_id=run_id)
    lone.platform.erase(store.cnpj, [min(lone.live(store))])
    run = await lone.run(run_id)
    assert run.outcome == "verified"
    assert lone.live(store) == lone.expected(store).lines
    assert lone.posts() == 2


async def test_an_interrupted_upload_of_old_data_is_scanned_again_before_it_is_sent_again(lone: Chain) -> None:
    (store,) = lone.stores
    run_id = await lone.start()
    await _interrupt_at_post(lone, "hang", run_id=run_id)
    code = min(lone.expected(store).lines)
    lone.erp.change(store.cnpj, code, club_price=Decimal(0))
    lone.clock.move(timedelta(minutes=61))
    run = await lone.run(run_id)
    assert run.outcome == "verified"
    assert lone.live(store) == lone.expected(store).lines
    assert code not in lone.live(store)


async def test_a_cancelled_run_still_settles_its_interrupted_upload(lone: Chain) -> None:
    run_id = await lone.start()
    await _interrupt_at_post(lone, "store_then_time_out", run_id=run_id)
    await lone.cancel(run_id)
    run = await lone.run(run_id)
    assert (run.state, run.outcome) == ("success", "verified")
    assert lone.posts() == 1


async def test_a_cancelled_run_does_not_repeat_an_upload_that_did_not_arrive(lone: Chain) -> None:
    run_id = await lone.start()
    await _interrupt_at_post(lone, "hang", run_id=run_id)
    await lone.cancel(run_id)
    run = await lone.run(run_id)
    assert (run.state, run.outcome) == ("cancelled", "cancelled")
    assert lone.posts() == 1


async def test_an_interrupted_upload_that_nobody_can_read_back_may_be_live_and_no_card_denies_it(lone: Chain) -> None:
    (store,) = lone.stores
    run_id = await lone.start()
    await _interrupt_at_post(lone, "store_then_time_out", run_id=run_id)
    lone.platform.faults.add(Fault("http_500_html", method="GET", times=None))
    run = await lone.run(run_id)
    assert (run.state, run.outcome, lone.posts()) == ("failed", "not_verified", 1)
    assert run.reasons[store.name].startswith("Sent, but what is live could not be read: ")
    assert lone.live(store) == lone.expected(store).lines
    view = await ShowRun(lone.database)(lone.admin, run_id)
    assert [str(text) for text in result_of(view)] == ["Failed: no store ended well."]


async def test_an_interrupted_upload_that_can_be_read_only_later_is_settled_then(lone: Chain) -> None:
    (store,) = lone.stores
    run_id = await lone.start()
    await _interrupt_at_post(lone, "store_then_time_out", run_id=run_id)
    lone.platform.faults.add(Fault("html_200", method="GET", times=4))
    run = await lone.run(run_id)
    assert (run.state, run.outcome, lone.posts()) == ("success", "already_live", 1)
    assert lone.live(store) == lone.expected(store).lines == await lone.verified(store)


async def test_three_interrupted_uploads_are_enough(lone: Chain) -> None:
    run_id = await lone.start()
    for _ in range(3):
        await _interrupt_at_post(lone, "hang", run_id=run_id)
    run = await lone.run(run_id)
    assert (run.state, run.outcome) == ("failed", "failed")
    assert "Sent 3 times" in run.reasons["Loja 1"]
    assert lone.posts() == 3


async def test_an_interrupted_upload_of_a_day_that_is_over_is_left_alone(lone: Chain) -> None:
    run_id = await lone.start()
    await _interrupt_at_post(lone, "hang", run_id=run_id)
    lone.clock.move(timedelta(days=1))
    run = await lone.run(run_id)
    assert (run.state, run.outcome) == ("expired", "skipped")
    assert lone.posts() == 1


async def test_a_step_that_ended_is_never_done_again(lone: Chain) -> None:
    run_id = await lone.start()
    await lone.run(run_id)
    requests = len(lone.erp.journal), len(lone.platform.journal)
    (store_id,) = (lone.stores[0].id,)
    assert await lone.hub.runner.run_store(run_id, store_id) == "verified"
    assert await lone.hub.runner.begin(run_id) == []
    assert await lone.hub.runner.end(run_id) == "success"
    assert (len(lone.erp.journal), len(lone.platform.journal)) == requests


async def test_a_store_that_broke_off_is_closed_as_failed(chain: Chain) -> None:
    run_id = await chain.start()
    first, *_ = await chain.hub.runner.begin(run_id)
    await chain.hub.runner.run_store(run_id, first)
    assert await chain.hub.runner.end(run_id) == "partial"
    run = await chain.view(run_id)
    assert run.outcomes == {"Loja 1": "verified", "Loja 2": "failed", "Loja 3": "failed"}
    assert run.reasons["Loja 2"] == "The work on this store broke off."


async def test_a_closed_gate_waits_for_the_upload_and_lets_nothing_new_begin(chain: Chain) -> None:
    arrived = asyncio.Event()
    chain.platform.faults.add(Fault("delay", method="POST", parameter=0.2, times=None))

    def note(call: Call) -> None:
        if call.method == "POST":
            arrived.set()

    chain.platform.before_answer = note
    run_id = await chain.start()
    work = asyncio.ensure_future(chain.run(run_id, at_once=1))
    await arrived.wait()
    await chain.hub.gate.close(5)
    done = [name for name, outcome in (await chain.view(run_id)).outcomes.items() if outcome == "verified"]
    assert done == ["Loja 1"]
    assert not work.done()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    await chain.restart()
    run = await chain.run(run_id)
    assert run.outcome == "verified"
    assert chain.posts() == 3


async def test_the_row_says_that_a_list_left_before_it_leaves(lone: Chain) -> None:
    run_id = await lone.start()
    await _interrupt_at_post(lone, "hang", run_id=run_id)
    step: Step = await lone.row(Step, (run_id, lone.stores[0].id))
    assert (step.stage, step.sends) == ("sending", 1)
    execution: Execution = await lone.row(Execution, run_id)
    assert execution.state == "running"
