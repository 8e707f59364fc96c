"""What guard rails hold: nothing of it reaches customers until a person releases exactly that."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.catalogue.releasing import ReleaseHeld
from core.errors import Conflict
from core.executions.model import Execution
from core.executions.views import load_run
from core.jobs.model import Job, JobType
from sandbox.rp import ErpProduct
from tests.kit.chain import ERP, Chain, MakeChain, store_cnpj
from tests.kit.oracle import expected_of

CENT = Decimal("0.01")


def _cheaper(chain: Chain, percent: int, *, which: int = 0) -> str:
    """Reprice one discounted product of the first store to so much off; returns its code."""
    (store,) = chain.stores
    code = sorted(chain.live(store))[which]
    base = chain.live(store)[code][0]
    final = (base * (100 - percent) / 100).quantize(CENT)
    chain.erp.change(store.cnpj, code, club_price=final)
    return code


def _prices(chain: Chain, unit: str) -> dict[str, tuple[Decimal, Decimal]]:
    """Return base and final price of every discounted product of a unit, by code."""
    lines = expected_of(chain.erp.catalogue(unit), store_limit=None).lines
    return {code: (base, final) for code, (base, final, _) in lines.items()}


@pytest.fixture
async def synced(lone: Chain) -> Chain:
    """One store, synced, ten minutes later."""
    await lone.sync()
    lone.clock.move(timedelta(minutes=10))
    return lone


async def test_prices_a_hundred_times_too_high_are_held(synced: Chain) -> None:
    (store,) = synced.stores
    before = synced.live(store)
    synced.erp.scale_prices(store.cnpj, 100)
    run = await synced.sync()
    assert (run.state, run.outcome) == ("failed", "held")
    assert synced.live(store) == before == await synced.verified(store)
    assert synced.posts() == 1
    async with synced.database.reading() as session:
        seen = await session.run_sync(load_run, run.id)
    assert seen is not None
    example = seen.stores[0].example
    assert example is not None
    assert example.final == example.old * 100 == before[example.code][1] * 100
    assert example.leap == 100


async def test_stores_held_by_two_jobs_are_not_released_as_if_one_job_had_held_them(chain: Chain) -> None:
    first, second, _ = chain.stores
    await chain.sync()
    chain.clock.move(timedelta(minutes=10))
    for store in (first, second):
        chain.erp.scale_prices(store.cnpj, 100)
    one, other = await chain.sync(first), await chain.sync(second)
    async with chain.database.writing() as session:
        named: dict[str, Any] = {
            "organisation_id": chain.organisation_id,
            "name": "Evening sync",
            "type": JobType.SYNC_PRODUCTS,
        }
        job = Job(**named, due_after=chain.clock.now())
        session.add(job)
        await session.flush()
        (await session.get_one(Execution, other.id)).job_id = job.id
    release = ReleaseHeld(chain.database, chain.clock, chain.hub.recorder, chain.hub.writer)
    with pytest.raises(Conflict, match="Evening sync"):
        await release(chain.admin, "both", words=[first.name, second.name])
    assert (await chain.release(one)).outcomes == {first.name: "verified"}


async def test_prices_a_tenth_of_what_they_were_are_held(synced: Chain) -> None:
    (store,) = synced.stores
    before = synced.live(store)
    synced.erp.scale_prices(store.cnpj, Decimal("0.1"))
    assert (await synced.sync()).outcome == "held"
    assert synced.live(store) == before
    assert synced.posts() == 1


async def test_a_list_of_less_than_half_is_held(synced: Chain) -> None:
    (store,) = synced.stores
    before = synced.live(store)
    for code in sorted(before)[:11]:
        synced.erp.remove(store.cnpj, code)
    run = await synced.sync()
    assert run.outcome == "held"
    assert "only 9 products after 20 last time" in run.reasons[store.name]
    assert await synced.holds(store) == [("min_lines_percent", None)]
    assert synced.live(store) == before
    assert synced.posts() == 1


async def test_exactly_half_the_list_passes(synced: Chain) -> None:
    (store,) = synced.stores
    for code in sorted(synced.live(store))[:10]:
        synced.erp.remove(store.cnpj, code)
    assert (await synced.sync()).outcome == "verified"
    assert synced.live(store) == synced.expected(store).lines
    assert synced.posts() == 2


async def test_an_empty_list_is_held_and_everything_stays(synced: Chain) -> None:
    (store,) = synced.stores
    before = synced.live(store), await synced.snapshot(store)
    for code in synced.live(store):
        synced.erp.remove(store.cnpj, code)
    run = await synced.sync()
    assert run.outcome == "held"
    assert "no products at all (last time 20)" in run.reasons[store.name]
    assert (synced.live(store), await synced.snapshot(store)) == before
    assert synced.posts() == 1


async def test_an_empty_list_released_sends_nothing_and_not_the_old_one(synced: Chain) -> None:
    (store,) = synced.stores
    for code in synced.live(store):
        synced.erp.remove(store.cnpj, code)
    held = await synced.sync()
    synced.clock.move(timedelta(minutes=1))
    released = await synced.release(held)
    assert (released.state, released.outcome) == ("success", "nothing_to_send")
    assert "Today's campaign of 20 products stays live until the store is cleared." in released.reasons[store.name]
    assert len(synced.live(store)) == 20
    assert synced.posts() == 1


async def test_a_store_without_any_discount_is_held_at_its_first_sync_too(make_chain: MakeChain) -> None:
    chain = await make_chain(stores=2)
    chain.erp.add_store(chain.stores[0].cnpj, size=30, discounted=0)
    run = await chain.sync()
    assert run.state == "partial"
    assert run.outcomes == {"Loja 1": "held", "Loja 2": "verified"}
    assert chain.posts() == 1


async def test_a_discount_of_95_percent_is_held_and_the_rest_is_sent(synced: Chain) -> None:
    (store,) = synced.stores
    code = _cheaper(synced, 95)
    _cheaper(synced, 12, which=1)
    run = await synced.sync()
    assert (run.state, run.outcome) == ("success", "verified")
    assert run.counts[store.name]["held_lines"] == 1
    assert await synced.holds(store) == [("max_discount_percent", code)]
    assert code not in synced.live(store)
    assert synced.live(store) == synced.expected(store).lines == await synced.verified(store)
    assert synced.posts() == 2


async def test_exactly_80_percent_off_passes(synced: Chain) -> None:
    (store,) = synced.stores
    synced.erp.put(store.cnpj, ErpProduct(code=7, price=Decimal(10), club_price=Decimal(2)))
    assert (await synced.sync()).outcome == "verified"
    assert synced.live(store)["7"][1] == Decimal(2)


async def test_a_promotion_dearer_than_the_till_is_held(lone: Chain) -> None:
    (store,) = lone.stores
    dear = ErpProduct(code=7, price=Decimal("97.97"), club_price=Decimal("89.90"), till_price=Decimal("5.97"))
    lone.erp.put(store.cnpj, dear)
    run = await lone.sync()
    assert run.outcome == "verified"
    assert await lone.holds(store) == [("below_till", "7")]
    assert "7" not in lone.live(store)
    assert lone.live(store) == lone.expected(store).lines


async def test_a_final_price_that_jumped_is_held(synced: Chain) -> None:
    (store,) = synced.stores
    code = min(synced.live(store))
    base, final, _ = synced.live(store)[code]
    last = await synced.verified(store)
    synced.erp.change(store.cnpj, code, price=base * 3, club_price=final * 2)
    assert (await synced.sync()).outcome == "verified"
    assert await synced.holds(store) == [("max_price_change_percent", code)]
    assert synced.live(store) == synced.expected(store, last).lines
    assert code not in synced.live(store)


async def test_a_line_held_for_its_price_stays_held_once_the_list_without_it_is_live(synced: Chain) -> None:
    (store,) = synced.stores
    code = min(synced.live(store))
    base, final, _ = synced.live(store)[code]
    last = await synced.verified(store)
    synced.erp.change(store.cnpj, code, price=base * 3, club_price=final * 2)
    for _ in range(3):
        run = await synced.sync()
        assert run.counts[store.name]["held_lines"] == 1
        assert await synced.holds(store) == [("max_price_change_percent", code)]
        assert synced.live(store) == synced.expected(store, last).lines
    assert synced.posts() == 2
    released = await synced.release(run)
    assert released.outcome == "verified"
    assert synced.live(store)[code][1] == final * 2


async def test_a_product_that_was_away_is_held_against_what_it_cost_before(synced: Chain) -> None:
    (store,) = synced.stores
    code = min(synced.live(store))
    base, final, _ = synced.live(store)[code]
    for _ in range(2):
        synced.erp.change(store.cnpj, code, active=False)
        assert (await synced.sync()).outcome == "verified"
        synced.erp.change(store.cnpj, code, active=True, price=base, club_price=final)
        assert (await synced.sync()).outcome == "verified"
    synced.erp.change(store.cnpj, code, active=False)
    await synced.sync()
    synced.erp.change(store.cnpj, code, active=True, price=base * 3, club_price=final * 2)
    await synced.sync()
    assert await synced.holds(store) == [("max_price_change_percent", code)]
    assert code not in synced.live(store)


async def test_asking_again_does_not_wear_a_hold_down(synced: Chain) -> None:
    (store,) = synced.stores
    before = synced.live(store)
    synced.erp.scale_prices(store.cnpj, 100)
    run = await synced.sync()
    for _ in range(3):
        run = await synced.retry(run)
        assert run.outcome == "held"
    await synced.restart()
    assert (await synced.sync()).outcome == "held"
    assert synced.live(store) == before == await synced.verified(store)
    assert synced.posts() == 1
    assert len(await synced.holds(store)) == 21


async def test_a_release_sends_exactly_what_was_held_and_makes_a_new_baseline(synced: Chain) -> None:
    (store,) = synced.stores
    synced.erp.scale_prices(store.cnpj, 3)
    held = await synced.sync()
    assert held.outcome == "held"
    wanted = {code: (base, final, limit) for code, (base, final, limit) in synced.expected(store).lines.items()}
    pages = synced.pages()
    released = await synced.release(held)
    assert (released.state, released.outcome) == ("success", "verified")
    assert synced.pages() == pages, "young data is not fetched again"
    assert synced.live(store) == wanted == await synced.verified(store)
    assert synced.posts() == 2
    assert await synced.holds(store) == []
    assert (await synced.sync()).outcome == "already_live"
    assert synced.posts() == 2


async def test_old_data_is_fetched_again_before_a_release_is_sent(synced: Chain) -> None:
    (store,) = synced.stores
    synced.erp.scale_prices(store.cnpj, 3)
    held = await synced.sync()
    synced.clock.move(timedelta(minutes=61))
    pages = synced.pages()
    released = await synced.release(held)
    assert released.outcome == "verified"
    assert synced.pages() > pages
    assert synced.live(store) == synced.expected(store).lines


async def test_what_was_read_before_the_erp_was_changed_is_fetched_again_for_a_release(
    synced: Chain,
) -> None:
    (store,) = synced.stores
    synced.erp.scale_prices(store.cnpj, 3)
    held = await synced.sync()
    erp, pages = await synced.integration(ERP), synced.pages()
    await synced.change(erp, revision=erp.revision + 1)

    released = await synced.release(held)

    assert released.outcome == "verified"
    assert synced.pages() > pages


async def test_what_was_read_for_another_unit_is_fetched_again_for_a_release(synced: Chain) -> None:
    (store,) = synced.stores
    unit = store_cnpj(2)
    synced.erp.add_store(unit, unit_code="002", size=60, discounted=20)
    synced.erp.scale_prices(unit, 3)
    synced.erp.scale_prices(store.cnpj, 3)
    held = await synced.sync()
    await synced.change(store, unit=unit)

    released = await synced.release(held)

    assert released.outcome == "held"
    assert await synced.snapshot(store) == (synced.clock.now(), _prices(synced, unit))


async def test_what_was_read_before_the_clock_was_set_back_is_fetched_again_for_a_release(synced: Chain) -> None:
    (store,) = synced.stores
    synced.erp.scale_prices(store.cnpj, 3)
    held = await synced.sync()
    pages = synced.pages()
    synced.clock.move(timedelta(hours=-3))

    released = await synced.release(held)

    assert released.outcome == "verified"
    assert synced.pages() > pages


async def test_a_released_line_is_sent_every_day_until_it_changes(synced: Chain) -> None:
    (store,) = synced.stores
    code = _cheaper(synced, 95)
    released = await synced.release(await synced.sync())
    assert released.outcome == "verified"
    assert code in synced.live(store)
    synced.clock.move(timedelta(days=1))
    assert (await synced.sync()).outcome == "verified"
    assert code in synced.live(store)
    assert await synced.holds(store) == []


async def test_a_release_lapses_when_the_price_changes_again(synced: Chain) -> None:
    (store,) = synced.stores
    code = _cheaper(synced, 90)
    await synced.release(await synced.sync())
    assert code in synced.live(store)
    released = synced.live(store)[code]
    base = released[0]
    synced.erp.change(store.cnpj, code, club_price=(base * Decimal("0.05")).quantize(CENT))
    synced.clock.move(timedelta(minutes=10))
    assert (await synced.sync()).outcome == "verified"
    assert code not in synced.live(store)
    assert await synced.holds(store) == [("max_discount_percent", code)]
    synced.erp.change(store.cnpj, code, club_price=released[1])
    synced.clock.move(timedelta(minutes=10))
    await synced.sync()
    assert code not in synced.live(store), "coming back does not bring a lapsed release back"
    assert len(await synced.holds(store)) == 1


async def test_a_price_that_changed_after_the_hold_is_not_released_with_it(synced: Chain) -> None:
    (store,) = synced.stores
    code = _cheaper(synced, 90)
    held = await synced.sync()
    synced.erp.change(store.cnpj, code, club_price=CENT)
    synced.clock.move(timedelta(minutes=61))
    released = await synced.release(held)
    assert released.outcome in ("already_live", "verified")
    assert code not in synced.live(store)
    assert await synced.holds(store) == [("max_discount_percent", code)]


async def test_a_held_store_released_but_changed_meanwhile_is_held_again(synced: Chain) -> None:
    (store,) = synced.stores
    before = synced.live(store)
    synced.erp.scale_prices(store.cnpj, 3)
    held = await synced.sync()
    synced.erp.scale_prices(store.cnpj, 3)
    synced.clock.move(timedelta(minutes=61))
    assert (await synced.release(held)).outcome == "held"
    assert synced.live(store) == before
    assert synced.posts() == 1


async def test_a_released_list_that_changed_is_held_again_when_it_comes_back(synced: Chain) -> None:
    (store,) = synced.stores
    catalogue = synced.erp.store(store.cnpj)
    gone = [
        product
        for code in sorted(synced.live(store))[:11]
        if isinstance(product := catalogue.find(int(code)), ErpProduct)
    ]
    for product in gone:
        synced.erp.remove(store.cnpj, product.code)
    assert (await synced.release(await synced.sync())).outcome == "verified"
    for product in gone:
        synced.erp.put(store.cnpj, product)
    synced.clock.move(timedelta(minutes=10))
    assert (await synced.sync()).outcome == "verified"
    for product in gone:
        synced.erp.remove(store.cnpj, product.code)
    synced.clock.move(timedelta(minutes=10))
    assert (await synced.sync()).outcome == "held"


async def test_nothing_can_be_released_twice(synced: Chain) -> None:
    _cheaper(synced, 95)
    held = await synced.sync()
    await synced.release(held)
    with pytest.raises(Conflict, match="Nothing is held"):
        await synced.release(held)


async def test_a_hold_of_one_store_leaves_the_others_alone(chain: Chain) -> None:
    await chain.sync()
    chain.clock.move(timedelta(minutes=10))
    held, *others = chain.stores
    chain.erp.scale_prices(held.cnpj, 100)
    run = await chain.sync()
    assert run.state == "partial"
    assert run.outcomes == {held.name: "held"} | {store.name: "already_live" for store in others}
    released = await chain.release(run)
    assert released.outcomes == {held.name: "verified"}
    assert chain.live(held) == chain.expected(held).lines
    assert chain.posts() == 4


async def test_rails_that_are_off_hold_nothing(make_chain: MakeChain) -> None:
    off = {
        "max_discount_percent": None,
        "below_till": False,
        "max_price_change_percent": None,
        "min_lines_percent": None,
        "max_changed_percent": None,
    }
    chain = await make_chain(stores=1, sync={"guard_rails": off})
    await chain.sync()
    (store,) = chain.stores
    chain.clock.move(timedelta(minutes=10))
    chain.erp.scale_prices(store.cnpj, 100)
    _cheaper(chain, 95)
    run = await chain.sync()
    assert run.outcome == "verified"
    assert run.counts[store.name]["lines"] == 20
    assert chain.posts() == 2


async def test_the_log_of_a_run_tells_of_a_held_store_and_of_held_products(synced: Chain) -> None:
    (store,) = synced.stores
    _cheaper(synced, 95)
    run = await synced.sync()
    told = ["19 products sent.", "1 product held for review"]
    assert (run.outcome, await synced.log(run)) == ("verified", told)
    synced.clock.move(timedelta(minutes=10))
    synced.erp.scale_prices(store.cnpj, 100)
    held = await synced.sync()
    (line,) = await synced.log(held)
    assert (held.outcome, line.split(".")[0]) == ("held", "Held, nothing is sent")
