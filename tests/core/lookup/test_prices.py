"""How a product stands in each store: what the ERP said, what is held, prepared, live."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.catalogue.lines import Reject
from core.errors import NotFound
from core.executions.model import Step
from core.executions.states import WORKED_OUT
from core.lookup.product import ShowProduct
from core.stores.model import Store
from tests.core.lookup.conftest import Mart
from tests.kit.shelf import candidate, line

OPEN = timedelta(hours=2)
"""From the clock's 05:10 to after the opening at 06:00."""


async def test_stores_without_a_scan_are_told_from_stores_whose_scan_lacks_the_product(mart: Mart) -> None:
    await mart.shelf.scan(mart.stores[0], mart.clock.now(), candidate("1"))
    await mart.shelf.scan(mart.stores[1], mart.clock.now(), candidate("2"), rejects={Reject.BLOCKED: ["1"]})

    assert await mart.standings("1") == ["discounted", "rejected", "never_read"]
    assert await mart.standings("2") == ["not_listed", "discounted", "never_read"]
    assert (await mart.show("1")).prices[1].reject is Reject.BLOCKED


async def test_a_verified_line_is_live_within_its_window_only(mart: Mart) -> None:
    store = mart.stores[0]
    await mart.shelf.scan(store, mart.clock.now(), candidate("1"))
    window = await mart.shelf.verify(store, mart.clock.now(), line("1"))

    assert (await mart.standings("1"))[0] == "later"
    mart.clock.move(OPEN)
    price = (await mart.show("1")).prices[0]
    assert (price.standing, price.outdated) == ("live", False)
    assert (str(price.starts)[11:16], str(price.ends)[11:16]) == ("06:00", "23:59")
    mart.clock.instant = window.end
    assert (await mart.standings("1"))[0] not in ("live", "later")


async def test_only_the_last_verified_list_counts(mart: Mart) -> None:
    store = mart.stores[0]
    await mart.shelf.verify(store, mart.clock.now(), line("1"), line("2"))
    await mart.shelf.verify(store, mart.clock.now() + timedelta(minutes=5), line("2"))
    mart.clock.move(OPEN)

    assert (await mart.standings("1"))[0] == "never_read"
    assert (await mart.standings("2"))[0] == "live"


async def test_a_prepared_line_is_not_live_and_a_dry_run_prepares_nothing(mart: Mart) -> None:
    first, second, third = mart.stores
    for store in mart.stores:
        await mart.shelf.scan(store, mart.clock.now(), candidate("1"))
    await mart.shelf.prepare(first, mart.clock.now(), line("1"))
    await mart.shelf.prepare(second, mart.clock.now(), line("1"), dry_run=True)
    await mart.shelf.prepare(third, mart.clock.now() - timedelta(days=1), line("1"))

    assert await mart.standings("1") == ["prepared", "discounted", "discounted"]


async def test_a_list_that_was_only_worked_out_is_not_called_prepared(mart: Mart) -> None:
    for store in mart.stores:
        run = await mart.shelf.prepare(store, mart.clock.now(), line("1"))
        async with mart.database.writing() as session:
            counts = {WORKED_OUT: 1} if store is mart.stores[0] else {}
            session.add(Step(execution_id=run, store_id=store.id, position=0, outcome="skipped", counts=counts))
            if store is mart.stores[1]:
                (await session.get_one(Store, store.id)).cut_over = False

    assert await mart.standings("1") == ["worked_out", "worked_out", "prepared"]


async def test_held_lines_and_held_stores_are_told_apart(mart: Mart) -> None:
    first, second, _ = mart.stores
    for store in (first, second):
        await mart.shelf.scan(store, mart.clock.now(), candidate("1"), candidate("2"))
    await mart.shelf.hold(first, mart.clock.now(), "below_till", ["1"])
    await mart.shelf.hold(second, mart.clock.now(), "no_lines")

    assert (await mart.standings("1"))[:2] == ["held", "store_held"]
    assert (await mart.standings("2"))[:2] == ["discounted", "store_held"]


async def test_a_live_price_that_the_erp_changed_or_ended_since_is_marked(mart: Mart) -> None:
    await mart.shelf.verify(mart.stores[0], mart.clock.now(), line("1"), line("2"), line("3"))
    mart.clock.move(OPEN)
    await mart.shelf.scan(
        mart.stores[0], mart.clock.now(), candidate("1", final="9.99"), candidate("2"), rejects={Reject.ZERO_PRICE: [3]}
    )

    prices = [(await mart.show(code)).prices[0] for code in ("1", "2", "3")]

    assert [price.standing for price in prices] == ["live"] * 3
    assert [price.outdated for price in prices] == [True, False, True]
    assert prices[0].live is not None
    assert prices[0].live.final_price == Decimal("15.99")


async def test_a_code_that_begins_like_another_one_is_not_taken_for_it(mart: Mart) -> None:
    await mart.shelf.verify(mart.stores[0], mart.clock.now(), line("12034"), line("203"))
    mart.clock.move(OPEN)

    assert (await mart.standings("1203"))[0] == "never_read"
    assert (await mart.standings("203"))[0] == "live"


async def test_a_person_sees_the_stores_of_their_scope_and_no_other(mart: Mart) -> None:
    first, second, third = mart.stores
    somebody = mart.only(first, third)

    assert [price.store for price in (await mart.show("1", somebody)).prices] == ["001", "003"]
    with pytest.raises(NotFound):
        await ShowProduct(mart.database, mart.clock)(somebody, "1", second.id)
