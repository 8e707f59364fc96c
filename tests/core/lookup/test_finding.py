"""Products are found by what people have at hand, among what they may see."""

from dataclasses import replace

import pytest

from core.catalogue.lines import Reject
from core.errors import BadInput
from core.lookup.finding import Matches
from core.lookup.product import ProductView
from core.paging import Paging
from core.stores.viewing import SearchProducts
from tests.core.lookup.conftest import Mart, chain
from tests.kit.shelf import candidate

COFFEE = candidate("1203", name="CAFÉ TORRADO 500G", ean="7891000000017")
DECAF = candidate("1204", name="CAFE DESCAFEINADO 500 G", ean="7891000000024")
SUGAR = candidate("77", name="AÇÚCAR CRISTAL 1KG", ean="0000078910010")


@pytest.fixture
async def stocked(mart: Mart) -> Mart:
    await mart.shelf.scan(
        mart.stores[0], mart.clock.now(), COFFEE, DECAF, SUGAR, rejects={Reject.NO_CLUB_PRICE: [55, "1303"]}
    )
    await mart.index()
    return mart


QUESTIONS = [
    ("1203", ["1203"]),
    ("0001203", ["1203"]),
    (" 1203\n", ["1203"]),
    ("7891000000017", ["1203"]),
    ("789 1000 00001-7", ["1203"]),
    ("07891000000017", ["1203"]),
    ("78910010", ["77"]),
    ("café", ["1204", "1203"]),
    ("CAFE", ["1204", "1203"]),
    ("acucar", ["77"]),
    ("açúcar cris", ["77"]),
    ("500g torr", ["1203"]),
    ("torrado-500g", ["1203"]),
    ("500", ["1204", "1203"]),
    ("55", ["55"]),
    ("1303", ["1303"]),
    ("orrado", []),
    ("99999", []),
    ("7891000000018", []),
    ("%", None),
    ("_", None),
    ("   ", None),
    ("' OR 1=1 --", []),
    ("\x00", None),
]


async def test_a_question_finds_what_it_means(stocked: Mart) -> None:
    for text, codes in QUESTIONS:
        if codes is None:
            with pytest.raises(BadInput, match="Write a product's code"):
                await stocked.ask(text)
        else:
            assert await stocked.codes(text) == codes, text


@pytest.mark.parametrize("words", ["acucar", "AÇÚCAR cris", "77"])
async def test_the_products_of_a_store_are_found_whatever_the_accents(stocked: Mart, words: str) -> None:
    search = SearchProducts(stocked.database)
    page = await search(stocked.viewer, stocked.stores[0].id, words, Paging())
    assert page.store == stocked.stores[0].name
    assert [one.code for one in page.found.rows] == ["77"]


async def test_a_code_is_found_before_the_index_has_caught_up(mart: Mart) -> None:
    await mart.shelf.scan(mart.stores[0], mart.clock.now(), COFFEE)

    found = await mart.ask("1203")

    assert isinstance(found, ProductView)
    assert found.product.name == "CAFÉ TORRADO 500G"


async def test_a_number_that_is_a_code_and_a_barcode_finds_both(mart: Mart) -> None:
    await mart.shelf.scan(mart.stores[0], mart.clock.now(), candidate("78910010"), SUGAR)
    await mart.index()

    assert await mart.codes("78910010") == ["78910010", "77"]


async def test_nothing_found_tells_where_it_was_searched(stocked: Mart) -> None:
    found = await stocked.ask("99999")

    assert isinstance(found, Matches)
    assert (found.products, found.stores, found.last_scan) == ([], 3, stocked.clock.now())


async def test_a_product_keeps_its_name_when_its_discount_ends(stocked: Mart) -> None:
    await stocked.shelf.scan(stocked.stores[0], stocked.clock.now(), DECAF, rejects={Reject.NO_CLUB_PRICE: [1203]})
    await stocked.index()

    assert (await stocked.show("1203")).product.name == "CAFÉ TORRADO 500G"
    assert "1203" in await stocked.codes("torrado")


async def test_a_renamed_product_is_found_by_its_new_name_only(stocked: Mart) -> None:
    await stocked.shelf.scan(stocked.stores[0], stocked.clock.now(), candidate("1203", name="CHA MATE"))
    assert await stocked.index() == 1

    assert await stocked.codes("mate") == ["1203"]
    assert await stocked.codes("torrado") == []


async def test_an_index_that_is_up_to_date_reads_no_products(stocked: Mart) -> None:
    assert await stocked.index() == 0


async def test_more_products_than_a_portion_are_all_taken_over(mart: Mart) -> None:
    many = [candidate(str(code)) for code in range(1, 2502)]
    await mart.shelf.scan(mart.stores[0], mart.clock.now(), *many)

    assert await mart.index() == 2501
    assert await mart.codes("2501") == ["2501"]


async def test_what_only_other_peoples_stores_have_is_not_found(stocked: Mart) -> None:
    first, second, _ = stocked.stores
    await stocked.shelf.scan(second, stocked.clock.now(), DECAF)

    for question in ("1203", "7891000000017", "torrado", "55"):
        assert await stocked.codes(question, stocked.only(second)) == []
    assert await stocked.codes("cafe", stocked.only(second)) == ["1204"]
    assert await stocked.codes("55", stocked.only(first)) == ["55"]


async def test_another_organisation_finds_nothing_of_ours(stocked: Mart) -> None:
    other, stores = await chain(stocked.database, "Rede Exemplo")
    await stocked.shelf.scan(stores[0], stocked.clock.now(), candidate("9", name="CAFE DA REDE"))
    await stocked.index()
    stranger = replace(stocked.viewer, organisation_id=other)

    assert await stocked.codes("cafe", stranger) == ["9"]
    assert await stocked.codes("1203", stranger) == []
    assert await stocked.codes("9") == []
