"""Why a product is not on promotion: how far back a question looks, and what it costs."""

from datetime import date, timedelta
from typing import Self

import sqlalchemy as sa

from core.catalogue.lines import Reject
from core.lookup.why import Past, WhyNot
from handlers.menu.history.words import why_lines
from tests.core.lookup.conftest import Mart
from tests.kit.shelf import candidate, line


class Opened:
    """Counts the lists that are opened."""

    def __init__(self, mart: Mart) -> None:
        self.count = 0
        self.engine = mart.database.engine.sync_engine

    def __enter__(self) -> Self:
        sa.event.listen(self.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sa.event.remove(self.engine, "before_cursor_execute", self._note)

    def _note(self, *arguments: object) -> None:
        self.count += "FROM line_lists" in str(arguments[2])


async def live_for(mart: Mart, days: int, *, same: bool) -> None:
    """Every store was live for some days, the product 1203 in none of them; today the ERP does not list it."""
    began = mart.clock.now() - timedelta(days=days)
    for store in mart.stores:
        for day in range(days):
            found = line("77", final="15.00" if same else f"{10 + day / 100:.2f}")
            await mart.shelf.verify(store, began + timedelta(days=day), found)
        await mart.shelf.scan(store, mart.clock.now(), candidate("77"))


async def test_lists_that_stayed_the_same_are_opened_once(mart: Mart) -> None:
    await live_for(mart, 8, same=True)
    with Opened(mart) as opened:
        answers = await WhyNot(mart.database, mart.clock)(mart.viewer, "1203")
    assert [answer.past.ended for answer in answers] == [None] * 3
    assert opened.count <= len(mart.stores) * 2


async def test_the_last_day_of_a_product_that_the_erp_ended_is_found_among_other_lists(mart: Mart) -> None:
    store, now = mart.stores[0], mart.clock.now()
    for days, codes in ((4, ("1203", "77")), (3, ("1203", "77")), (2, ("77",)), (1, ("77", "78"))):
        await mart.shelf.verify(store, now - timedelta(days=days), *map(line, codes))
    await mart.shelf.scan(store, now, candidate("77"), rejects={Reject.BLOCKED: ["1203"]})
    (answer,) = await WhyNot(mart.database, mart.clock)(mart.viewer, "1203", store_id=store.id)
    assert answer.past.ended == date(2026, 11, 20)


async def test_a_question_about_all_stores_opens_a_bounded_number_of_lists(mart: Mart) -> None:
    await live_for(mart, 31, same=False)
    with Opened(mart) as one:
        await WhyNot(mart.database, mart.clock)(mart.viewer, "1203", store_id=mart.stores[0].id)
    with Opened(mart) as every:
        await WhyNot(mart.database, mart.clock)(mart.viewer, "1203")
    assert 30 <= one.count <= 32
    assert every.count <= 62


async def test_an_answer_tells_how_far_back_it_looked_where_older_lists_are_left(mart: Mart) -> None:
    await live_for(mart, 31, same=False)
    answers = await WhyNot(mart.database, mart.clock)(mart.viewer, "1203")
    month_ago = mart.clock.now().date() - timedelta(days=30)
    assert [answer.past for answer in answers] == [Past(None, month_ago, more=True)] * 2 + [Past(more=True)]
    assert [str(line) for line in why_lines(answers) if "lists" in str(line)] == [
        f"   In its lists back to {month_ago} it was not live; older ones were not looked at.",
        f"   In its lists back to {month_ago} it was not live; older ones were not looked at.",
        "   Its older lists were not looked at. Name this store alone after the code to have it done.",
    ]


async def test_where_every_list_was_looked_at_nothing_is_told_of_it(mart: Mart) -> None:
    await live_for(mart, 30, same=True)
    answers = await WhyNot(mart.database, mart.clock)(mart.viewer, "1203")
    assert [answer.past.more for answer in answers] == [False] * 3
    assert not [line for line in why_lines(answers) if "lists" in str(line)]
