"""Inline mode: everybody is offered what they may see, strangers nothing at all."""

from datetime import timedelta
from typing import Any

import pytest

from core.lookup.indexing import ProductIndex
from core.stores.model import Store
from sandbox.telegram import Person
from tests.handlers.kit import GROUP, RUI, VERA, Desk, until
from tests.kit.shelf import Shelf, candidate, line

COFFEE = candidate("1203", name="CAFÉ <b>TORRADO</b>", ean="7891000000017")


@pytest.fixture
async def stocked(desk: Desk) -> Desk:
    """Coffee is live in the first store; the second has a tea, the third nothing."""
    centro, norte, _ = await desk.rows(Store)
    shelf, now = Shelf(desk.database), desk.clock.now()
    await shelf.scan(centro, now, COFFEE)
    await shelf.verify(centro, now, line("1203"))
    await shelf.scan(norte, now, candidate("55", name="CHA MATE"))
    await ProductIndex(desk.database).refresh()
    desk.clock.move(timedelta(hours=2))
    return desk


async def offered(person: Person, text: str) -> Any:
    return await (await person.types_inline(text))


async def test_a_product_is_offered_and_picked_as_a_formatted_message(stocked: Desk) -> None:
    async with stocked.chat():
        query = await stocked.vera.types_inline("café", chat=stocked.group)
        answer = await query
        message = await stocked.vera.picks(query, "1203", chat=stocked.group)

    (article,) = answer.results
    assert article["title"] == "1203 · CAFÉ <b>TORRADO</b>"
    assert article["description"].startswith("🟢 001 Centro: R$15.99 instead of R$18.90 (-15.4%). Live until")
    assert message.text.splitlines()[:2] == ["CAFÉ <b>TORRADO</b>", "Code 1203 · EAN 7891000000017"]
    assert message.html.startswith("<b>CAFÉ &lt;b&gt;TORRADO&lt;/b&gt;</b>")


async def test_a_picked_product_starts_nothing_where_the_bot_reads_along(stocked: Desk) -> None:
    async with stocked.chat():
        query = await stocked.vera.types_inline("1203")
        await query
        await stocked.vera.picks(query, "1203", chat=stocked.group)
        await stocked.vera.says("/product", chat=stocked.group)
        await stocked.telegram.wait_for(GROUP, "Which product?")

    assert [text for text in stocked.texts(GROUP) if not text.startswith("CAFÉ")] == [stocked.texts(GROUP)[-1]]


async def test_what_is_offered_is_what_that_person_may_see_at_that_moment(stocked: Desk) -> None:
    norte = (await stocked.rows(Store))[1]
    await stocked.set_person(RUI, store_ids=[norte.id])
    async with stocked.chat():
        assert (await offered(stocked.rui, "cafe")).results == []
        assert [one["id"] for one in (await offered(stocked.rui, "cha")).results] == ["55"]
        assert [one["id"] for one in (await offered(stocked.vera, "cafe")).results] == ["1203"]
        await stocked.set_person(RUI, store_ids=None)
        assert [one["id"] for one in (await offered(stocked.rui, "cafe")).results] == ["1203"]
        await stocked.set_person(RUI, active=False)
        assert (await offered(stocked.rui, "cafe")).results == []


async def test_a_stranger_is_offered_nothing_but_the_way_to_the_bot(stocked: Desk) -> None:
    eve = stocked.telegram.person(6666, "Eve")
    async with stocked.chat():
        answers = [await offered(eve, text) for text in ("", "café", "1203", "001 Centro")]

    assert [answer.results for answer in answers] == [[]] * 4
    assert {answer.button["text"] for answer in answers} == {"Open the bot"}


ODD = ["", "   ", "%", "_", "\u202e", "'; DROP TABLE stores; --", "9" * 200, "ł" * 256]


async def test_odd_questions_are_answered_with_nothing(stocked: Desk) -> None:
    async with stocked.chat():
        for text in ODD:
            assert (await offered(stocked.vera, text)).results == [], text


async def test_at_most_twenty_products_are_offered(desk: Desk) -> None:
    centro, *_ = await desk.rows(Store)
    await Shelf(desk.database).scan(
        centro, desk.clock.now(), *(candidate(str(code), name=f"CAFE {code}") for code in range(100, 150))
    )
    await ProductIndex(desk.database).refresh()
    async with desk.chat():
        assert len((await offered(desk.vera, "cafe")).results) == 20


async def test_an_answer_is_neither_kept_nor_shown_to_others(stocked: Desk) -> None:
    async with stocked.chat():
        await offered(stocked.vera, "cafe")

    assert stocked.telegram.world.inline_cache == {}


async def test_a_question_does_not_wait_for_a_menu_that_telegram_holds_up(stocked: Desk) -> None:
    stocked.telegram.faults.too_many_requests(60, method="sendMessage", chat_id=VERA)
    async with stocked.chat():
        await stocked.vera.says("/menu")
        await until(lambda: any(call.status == 429 for call in stocked.telegram.calls))
        await offered(stocked.vera, "cafe")
        assert stocked.texts(VERA) == []


async def test_a_question_that_was_answered_and_comes_again_is_not_answered_twice(stocked: Desk) -> None:
    async with stocked.chat():
        asked = await stocked.vera.types_inline("cafe")
        await asked
        stocked.telegram.world.updates.put(asked.update.kind, asked.update.payload)
        await offered(stocked.vera, "cafes")

    assert stocked.telegram.violations == []


async def test_a_question_that_waited_too_long_stops_nothing(stocked: Desk, skew: list[float]) -> None:
    late = await stocked.vera.types_inline("cafe")
    skew[0] = 60
    async with stocked.chat():
        assert len((await offered(stocked.vera, "cafe")).results) == 1

    assert not late.answered.done()
