"""Looking products up in the chat: /product, a number typed in private, the buttons below."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.catalogue.lines import Reject
from core.connections.model import Integration
from core.connections.repository import seal_secrets
from core.executions.model import Step
from core.executions.states import WORKED_OUT
from core.jobs.model import Job
from core.lookup.indexing import ProductIndex
from core.outbox.model import Message as Outgoing
from core.stores.model import Store
from sandbox.rp import RpServer
from sandbox.rp.products import ErpProduct
from sandbox.telegram import Message
from tests.handlers.kit import ANA, BOX, GROUP, RUI, VERA, Desk, until
from tests.kit.shelf import Shelf, candidate, line

PASSWORD = "invented-password"
COFFEE = candidate("1203", name="CAFÉ TORRADO <b>500G</b>", ean="7891000000017")


async def stores(desk: Desk) -> list[Store]:
    return await desk.rows(Store)


@pytest.fixture
async def stocked(desk: Desk) -> Desk:
    """Coffee: live in the first store, held in the second, without club price in the third."""
    centro, norte, sul = await stores(desk)
    shelf, now = Shelf(desk.database), desk.clock.now()
    await shelf.scan(centro, now, COFFEE)
    await shelf.scan(norte, now, COFFEE)
    await shelf.scan(sul, now, rejects={Reject.NO_CLUB_PRICE: [1203]})
    await shelf.verify(centro, now, line("1203"))
    await shelf.hold(norte, now, "max_discount_percent", ["1203"])
    await ProductIndex(desk.database).refresh()
    desk.clock.move(timedelta(hours=2))
    return desk


async def shown(desk: Desk, text: str, chat: int = VERA) -> Message:
    """Wait for a message, and until the bot knows which one it is."""
    found = await desk.telegram.wait_for(chat, text)
    await until(lambda: found.buttons is not None)
    return found


async def test_a_code_shows_every_store_with_its_reason_and_the_age(stocked: Desk) -> None:
    async with stocked.chat():
        await stocked.vera.says("/product 1203")
        text = (await shown(stocked, "Code 1203")).text

    assert text.splitlines() == [
        "CAFÉ TORRADO <b>500G</b>",
        "Code 1203 · EAN 7891000000017",
        "🟢 001 Centro: R$15.99 instead of R$18.90 (-15.4%). Live until 11:59\u202fPM, verified.",
        "✋ 002 Norte: R$15.99 instead of R$18.90 (-15.4%). Held: larger discount than the limit allows.",
        "⚪ 003 Sul: no discount: no club price.",
        "🕓 Read from the ERP 2 hr ago.",
    ]


@pytest.mark.parametrize("typed", ["1203", "7891000000017", "789 1000 000017"])
async def test_a_number_typed_in_private_is_looked_up(stocked: Desk, typed: str) -> None:
    async with stocked.chat():
        await stocked.vera.says(typed)
        await shown(stocked, "Code 1203")


async def test_a_number_in_a_group_is_none_of_our_business(stocked: Desk) -> None:
    async with stocked.chat():
        await stocked.vera.says("1203", chat=stocked.group)
        await stocked.vera.says("/product cafe", chat=stocked.group)
        await shown(stocked, "Code 1203", GROUP)

    assert len(stocked.texts(GROUP)) == 1


async def test_several_products_are_offered_page_by_page(desk: Desk) -> None:
    centro, *_ = await stores(desk)
    many = [candidate(str(code), name=f"CAFE TIPO {code}") for code in range(101, 111)]
    await Shelf(desk.database).scan(centro, desk.clock.now(), *many)
    await ProductIndex(desk.database).refresh()
    async with desk.chat():
        await desk.vera.says("/product cafe")
        list_ = await shown(desk, "10 products fit")
        first = _labels(list_)
        await (await desk.vera.taps(list_, "2 ▶"))
        await until(lambda: _labels(list_) != first)
        second = _labels(list_)
        await (await desk.vera.taps(list_, "CAFE TIPO 110"))
        await until(lambda: "Code 110" in list_.text)
        await (await desk.vera.taps(list_, "Store by store"))
        await until(lambda: "002 Norte: never read" in list_.text)
        await (await desk.vera.taps(list_, "⬅ Back"))
        await until(lambda: "Code 110" in list_.text)
        await (await desk.vera.taps(list_, "⬅ Back"))
        await until(lambda: "Which one" in list_.text)

    assert first == [f"{code} · CAFE TIPO {code}" for code in range(101, 108)] + ["2 ▶"]
    assert second == _labels(list_) == ["108 · CAFE TIPO 108", "109 · CAFE TIPO 109", "110 · CAFE TIPO 110", "◀ 1"]
    assert len(desk.texts(VERA)) == 1


async def test_a_look_up_that_a_person_deleted_comes_anew(stocked: Desk) -> None:
    async with stocked.chat():
        await stocked.vera.says("1203")
        card = await shown(stocked, "Code 1203")
        stocked.telegram.faults.too_many_requests(1, method="editMessageText")
        await (await stocked.vera.taps(card, "Store by store"))
        stocked.telegram.delete_by_person(card)
        page = await shown(stocked, "Read 2 h")

    assert page is not card


async def test_a_page_whose_answer_was_lost_is_there_once(stocked: Desk) -> None:
    async with stocked.chat():
        await stocked.vera.says("1203")
        card = await shown(stocked, "Code 1203")
        stocked.telegram.faults.store_then_cut(method="editMessageText")
        await (await stocked.vera.taps(card, "Store by store"))
        await until(lambda: stocked.telegram.violations)
        await (await stocked.vera.taps(card, "⬅ Back"))
        await until(lambda: "Code 1203" in card.text)

    assert len(stocked.texts(VERA)) == 1
    assert {one.kind for one in stocked.telegram.violations} == {"not_modified"}
    stocked.telegram.violations.clear()


async def test_nothing_found_says_what_was_searched_and_when_the_last_scan_was(stocked: Desk) -> None:
    async with stocked.chat():
        await stocked.vera.says("/product 7899999999999")
        text = (await shown(stocked, "Nothing found for “7899999999999”")).text

    assert "barcode 7899999999999" in text
    assert "3 stores, the newest one 2 hr ago" in text


async def test_the_command_alone_says_how_it_is_used(stocked: Desk) -> None:
    async with stocked.chat():
        await stocked.vera.says("/product")
        await shown(stocked, "Which product?")


async def test_stores_that_look_alike_share_a_line(desk: Desk) -> None:
    shelf = Shelf(desk.database)
    async with desk.database.writing() as session:
        session.add_all(
            Store(organisation_id=desk.organisation_id, name=f"1{number:02} Bairro", cnpj="11222333000181")
            for number in range(20)
        )
    for store in await stores(desk):
        await shelf.scan(store, desk.clock.now(), COFFEE)
    async with desk.chat():
        await desk.vera.says("/product 1203")
        card = await shown(desk, "23 stores: R$15.99 instead of R$18.90")
        await (await desk.vera.taps(card, "Store by store"))
        lines = len(card.text.splitlines())
        page = await shown(desk, "001 Centro: R$15.99 instead of R$18.90 (-15.4%) in the ERP.")

    assert lines == 4
    assert len(page.text.splitlines()) == 9


async def test_a_person_of_one_store_sees_that_store_only_and_asks_without_choosing(stocked: Desk) -> None:
    sul = (await stores(stocked))[2]
    await stocked.set_person(RUI, store_ids=[sul.id])
    async with stocked.chat():
        await stocked.rui.says("1203")
        card = await shown(stocked, "Code 1203", RUI)

    assert "Centro" not in card.text
    assert _labels(card) == ["Ask the ERP now", "Price history"]


async def test_a_button_shows_what_the_one_who_taps_may_see(stocked: Desk) -> None:
    norte = (await stores(stocked))[1]
    await stocked.set_person(RUI, store_ids=[norte.id])
    async with stocked.chat():
        await stocked.ana.says("/product 1203", chat=stocked.group)
        card = await shown(stocked, "Code 1203", GROUP)
        await (await stocked.rui.taps(card, "Store by store"))
        seen = await until(lambda: [text for text in stocked.texts(GROUP) if "Read 2 h" in text])

    assert "002 Norte" in seen[0]
    assert "001 Centro" not in seen[0]


async def test_the_erp_is_asked_for_one_store_and_the_answer_changes_nothing(stocked: Desk) -> None:
    centro = (await stores(stocked))[0]
    async with RpServer({"100001": PASSWORD}, clock=stocked.clock.now) as erp:
        erp.add_store(centro.cnpj, size=10, discounted=5)
        coffee = ErpProduct(code=1203, name="CAFE", price=Decimal("19.90"), club_price=Decimal("17.49"))
        erp.put(centro.cnpj, coffee)
        await connect_erp(stocked, erp.url)
        async with stocked.chat():
            await stocked.vera.says("1203")
            card = await shown(stocked, "Code 1203")
            await (await stocked.vera.taps(card, "Ask the ERP"))
            chooser = await shown(stocked, "for which store?")
            await (await stocked.vera.taps(chooser, "001 Centro"))
            answer = (await shown(stocked, "asked the ERP at")).text
            await (await stocked.vera.taps(chooser, "⬅ Back"))
            again = await until(lambda: [text for text in stocked.texts(VERA) if "Read from the ERP" in text])

    assert "Discount: R$17.49 instead of R$19.90 (-12.1%)" in answer
    assert "R$15.99 instead of R$18.90" in again[0]


async def test_the_history_comes_as_a_picture_with_the_same_in_words(stocked: Desk) -> None:
    centro = (await stores(stocked))[0]
    await Shelf(stocked.database).verify(centro, stocked.clock.now() + timedelta(days=1), line("1203", final="14.49"))
    norte = (await stores(stocked))[1]
    await Shelf(stocked.database).verify(norte, stocked.clock.now() + timedelta(days=1), line("1203", final="13.99"))
    async with stocked.chat():
        await stocked.vera.says("1203")
        await (await stocked.vera.taps(await shown(stocked, "Code 1203"), "Price history"))
        picture = await until(lambda: next((one for one in stocked.telegram.messages(VERA) if one.file), None))
        first, data = picture.text, picture.file.data
        await (await stocked.vera.taps(picture, "002 Norte"))
        await until(lambda: "🏪 002 Norte" in picture.text)
        await until(lambda: _settled(stocked))
        nothing = await (await stocked.vera.taps(picture, "003 Sul"))
        await (await stocked.vera.taps(picture, "001 Centro"))
        await until(lambda: picture.text == first)

    assert "003 Sul: No list of this store is kept yet" in nothing.text
    assert len(stocked.texts(VERA)) == 2
    assert len(picture.file.data) == len(data)
    assert picture.text.splitlines()[2:] == [
        "🏪 001 Centro",
        "📈 2 days, 11/23/26 to 11/24/26",
        "Live on 2 days, between R$14.49 and R$15.99; last R$14.49.",
    ]
    assert (picture.file.width, picture.file.height) == (736, 480)
    assert 5_000 < len(picture.file.data) < 60_000


async def test_a_history_that_was_only_worked_out_is_not_called_prepared(stocked: Desk) -> None:
    sul = (await stores(stocked))[2]
    await stocked.set_person(RUI, store_ids=[sul.id])
    run = await Shelf(stocked.database).prepare(sul, stocked.clock.now(), line("1203"))
    async with stocked.database.writing() as session:
        counts = {WORKED_OUT: 1}
        session.add(Step(execution_id=run, store_id=sul.id, position=0, outcome="skipped", counts=counts))
    async with stocked.chat():
        await stocked.rui.says("1203")
        await (await stocked.rui.taps(await shown(stocked, "Code 1203", RUI), "Price history"))
        picture = await until(lambda: next((one for one in stocked.telegram.messages(RUI) if one.file), None))

    assert picture.text.splitlines()[-1] == "Worked out only, not sent."


async def test_a_product_of_unknown_name_is_called_by_its_code_once(stocked: Desk) -> None:
    sul = (await stores(stocked))[2]
    await Shelf(stocked.database).scan(sul, stocked.clock.now(), rejects={Reject.NO_CLUB_PRICE: [77]})
    async with stocked.chat():
        await stocked.vera.says("/product 77")
        card = await shown(stocked, "Code 77")

    assert card.text.splitlines()[:2] == ["Product without a known name", "Code 77"]


async def test_a_history_of_nothing_is_said_without_a_picture(stocked: Desk) -> None:
    sul = (await stores(stocked))[2]
    await stocked.set_person(RUI, store_ids=[sul.id])
    async with stocked.chat():
        await stocked.rui.says("1203")
        await (await stocked.rui.taps(await shown(stocked, "Code 1203", RUI), "Price history"))
        words = await shown(stocked, "No list of this store is kept yet", RUI)
        await until(lambda: _settled(stocked))
        alone = _labels(words)

    assert alone == []


async def test_an_erp_that_is_away_is_said_in_words(stocked: Desk) -> None:
    await connect_erp(stocked, "http://127.0.0.1:9")
    async with stocked.chat():
        await stocked.vera.says("1203")
        await (await stocked.vera.taps(await shown(stocked, "Code 1203"), "Ask the ERP"))
        chooser = await shown(stocked, "for which store?")
        answer = await (await stocked.vera.taps(chooser, "001 Centro"))

    assert "cannot be reached" in answer.text
    assert not any("asked the ERP at" in text for text in stocked.texts(VERA))


async def connect_erp(desk: Desk, url: str) -> None:
    """Configure the ERP that the desk's job reads from."""
    async with desk.database.writing() as session:
        erp = Integration(
            organisation_id=desk.organisation_id,
            name="ERP",
            module="rp",
            settings={"base_url": url, "username": "100001", "confirm_delay_ms": 0},
        )
        session.add(erp)
        await session.flush()
        seal_secrets(erp, {"password": PASSWORD}, BOX)
        job = await session.get_one(Job, desk.job_id)
        job.settings = {"source": "ERP", "target": "Loyalty"}


async def test_a_double_tap_answers_once(stocked: Desk) -> None:
    async with stocked.chat():
        await stocked.ana.says("1203")
        card = await shown(stocked, "Code 1203", ANA)
        for _ in range(2):
            await (await stocked.ana.taps(card, "Store by store"))
        await shown(stocked, "Read 2 h", ANA)

    assert sum("Read 2 h" in text for text in stocked.texts(ANA)) == 1


async def _settled(desk: Desk) -> bool:
    return all(row.state == "sent" for row in await desk.rows(Outgoing))


def _labels(message: Message) -> list[str]:
    return [one.text for row in message.buttons for one in row]
