"""A campaign that is sent in parts, and a platform that takes the first one only: half of it never counts as done."""

from collections.abc import Callable
from datetime import timedelta
from time import perf_counter

import pytest
from sqlalchemy import update

from core.jobs.model import Job
from core.organisations.model import Organisation
from jobs.settled import settled_stores
from sandbox.crescevendas import Fault
from sandbox.faults import Call
from tests.jobs.catching import run_and_do
from tests.kit.chain import Chain, MakeChain

LINES, PART = 20, 12


@pytest.fixture
async def parted(make_chain: MakeChain) -> Chain:
    """One store that was verified this morning; its campaign leaves in two parts, and prices changed since."""
    chain = await make_chain(stores=1, discounted=LINES, platform={"lines_per_upload": PART})
    assert (await chain.sync()).outcome == "verified"
    chain.erp.remove(chain.stores[0].cnpj, min(chain.live(chain.stores[0])))
    return chain


def _at_the_second_part(chain: Chain, do: Callable[[], None]) -> None:
    """Have something done when the second part of the next campaign comes."""
    sent = len(chain.platform.uploads)

    def come(call: Call) -> None:
        if call.method == "POST" and len(chain.platform.uploads) == sent + 1:
            chain.platform.before_answer = None
            do()

    chain.platform.before_answer = come


def _refuse_second_part(chain: Chain, fault: Fault) -> None:
    _at_the_second_part(chain, lambda: chain.platform.faults.add(fault))


async def _counts_as_live(chain: Chain) -> bool:
    (store,) = chain.stores
    async with chain.database.reading() as session:
        job = await session.get_one(Job, chain.sync_job)
        return store.id in await settled_stores(session, job, [store.id], (await chain.verified_days(store))[-1])


@pytest.mark.parametrize("fault", [Fault("http_429", parameter=1), Fault("http_500_html")])
async def test_half_a_campaign_is_sent_anew_as_a_whole_and_not_before_the_pause_is_over(
    parted: Chain, fault: Fault
) -> None:
    (store,) = parted.stores
    _refuse_second_part(parted, fault)
    begun = perf_counter()
    run = await parted.sync()
    took = perf_counter() - begun
    assert (run.outcome, await _counts_as_live(parted)) == ("verified", True)
    assert parted.live(store) == parted.expected(store).lines
    assert [body["override"] for body in parted.platform.uploads] == [1, 0, 1, 1, 0]
    assert took >= fault.number(0)


async def test_a_pause_that_the_run_has_no_time_for_is_told_and_half_a_campaign_is_in_doubt(parted: Chain) -> None:
    (store,) = parted.stores
    _refuse_second_part(parted, Fault("http_429", parameter=7 * 3600))
    run = await parted.sync()
    assert (run.state, run.outcome, await _counts_as_live(parted)) == ("failed", "not_verified", False)
    assert "Part 2 of the campaign was not taken" in run.reasons[store.name]
    assert "a pause of 420 minutes" in run.reasons[store.name]
    assert len(parted.live(store)) == PART


async def test_a_login_refused_at_a_later_part_leaves_the_store_in_doubt_and_asks_for_credentials(
    parted: Chain,
) -> None:
    (store,) = parted.stores
    _refuse_second_part(parted, Fault("login_refused", times=None))
    run = await parted.sync()
    assert (run.outcome, await _counts_as_live(parted)) == ("not_verified", False)
    assert "login" in run.reasons[store.name]
    assert (await parted.integration("Loyalty")).needs_credentials_at is not None


async def test_a_part_that_has_its_turn_when_the_campaign_has_begun_is_not_sent_into_the_past(parted: Chain) -> None:
    (store,) = parted.stores

    def dawdle() -> None:
        parted.platform.faults.add(Fault("http_429", parameter=0))
        parted.clock.move(timedelta(hours=1))

    _at_the_second_part(parted, dawdle)
    assert (await parted.sync()).outcome == "verified"
    assert parted.live(store) == parted.expected(store).lines
    assert [body["override"] for body in parted.platform.uploads] == [1, 0, 1, 1, 0]


async def test_the_brake_pulled_at_half_a_campaign_tells_of_both(parted: Chain) -> None:
    sent = len(parted.platform.uploads)

    def at_the_second_part(call: Call) -> bool:
        if call.method != "POST" or len(parted.platform.uploads) != sent + 1:
            return False
        parted.platform.faults.add(Fault("http_429", parameter=1))
        return True

    async def brake(_run: int) -> None:
        async with parted.database.writing() as session:
            await session.execute(update(Organisation).values(paused_at=parted.clock.now(), paused_by="Ana"))

    run = await run_and_do(parted, parted.platform, at_the_second_part, brake)
    assert (run.outcome, await _counts_as_live(parted)) == ("held", False)
    assert "Part 2 of the campaign was not taken" in run.reasons["Loja 1"]
    assert "Paused by Ana" in run.reasons["Loja 1"]
