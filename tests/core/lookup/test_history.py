"""The price of a product day by day, from what was prepared and what was proven live."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.errors import NotFound
from core.executions.model import Step
from core.executions.states import WORKED_OUT
from tests.core.lookup.conftest import Mart
from tests.kit.shelf import line

DAY = timedelta(days=1)


async def test_each_day_shows_its_last_prepared_and_its_last_verified_price(mart: Mart) -> None:
    store, first = mart.stores[0], mart.clock.now()
    await mart.shelf.verify(store, first, line("1", "20.00", "15.00"))
    await mart.shelf.prepare(store, first + DAY, line("1", "20.00", "14.00"))
    await mart.shelf.prepare(store, first + DAY, line("1", "20.00", "13.00"))
    await mart.shelf.prepare(store, first + DAY, line("1", "20.00", "1.00"), dry_run=True)
    await mart.shelf.verify(store, first + 2 * DAY, line("2"))
    await mart.shelf.verify(store, first + 3 * DAY, line("1", "18.00", "12.00"))

    history = await mart.history("1", store)

    assert [(day.day, day.base, day.final, day.live) for day in history.days] == [
        (date(2026, 11, 23), Decimal("20.00"), Decimal("15.00"), Decimal("15.00")),
        (date(2026, 11, 24), Decimal("20.00"), Decimal("13.00"), None),
        (date(2026, 11, 25), None, None, None),
        (date(2026, 11, 26), Decimal("18.00"), Decimal("12.00"), Decimal("12.00")),
    ]
    assert not history.empty


async def test_a_day_that_was_only_worked_out_is_told_from_one_that_was_prepared_to_be_sent(mart: Mart) -> None:
    store, first = mart.stores[0], mart.clock.now()
    for at, counts in ((first, {WORKED_OUT: 1}), (first + DAY, {})):
        run = await mart.shelf.prepare(store, at, line("1"))
        async with mart.database.writing() as session:
            session.add(Step(execution_id=run, store_id=store.id, position=0, outcome="skipped", counts=counts))
    await mart.shelf.prepare(store, first + 2 * DAY, line("1"))

    assert [day.worked_out for day in (await mart.history("1", store)).days] == [True, False, False]


async def test_a_store_without_lists_has_an_empty_history(mart: Mart) -> None:
    assert (await mart.history("1", mart.stores[0])).empty


async def test_lists_of_other_stores_are_not_in_it(mart: Mart) -> None:
    await mart.shelf.verify(mart.stores[1], mart.clock.now(), line("1"))

    assert (await mart.history("1", mart.stores[0])).days == []


async def test_the_history_of_a_store_beyond_ones_scope_does_not_exist(mart: Mart) -> None:
    first, second, _ = mart.stores
    with pytest.raises(NotFound):
        await mart.history("1", second, mart.only(first))
