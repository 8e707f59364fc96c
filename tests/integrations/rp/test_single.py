"""One product asked for by a person: what the ERP says now, or a proven "not there"."""

from decimal import Decimal

import pytest

from core.catalogue.lines import Reject
from core.errors import ChimeraError, CredentialsRefused, OutsideError, UnreadableAnswer
from integrations.contract import ProductSource, StoreRef
from sandbox.faults import Fault
from sandbox.rp.products import ErpProduct
from sandbox.rp.server import RpServer
from tests.integrations.rp.conftest import CNPJ, Connect, Parrot

EAN = "7891000000017"


def put(erp: RpServer, code: int, base: str, club: str, barcode: str = "") -> None:
    price, club_price = Decimal(base), Decimal(club)
    erp.put(CNPJ, ErpProduct(code=code, name="CAFÉ  TORRADO", price=price, club_price=club_price, barcode=barcode))


async def test_a_product_is_told_with_its_prices_by_code_and_by_ean(
    erp: RpServer, connect: Connect, store: StoreRef
) -> None:
    put(erp, 1203, "18.90", "15.99", barcode=EAN)
    connection = connect(erp.url)
    assert isinstance(connection, ProductSource)

    for asked in ({"code": "1203", "ean": ""}, {"code": "", "ean": EAN}, {"code": "", "ean": "0" + EAN}):
        found = await connection.product(store, **asked)
        assert found is not None
        assert (found.code, found.name, found.ean) == ("1203", "CAFÉ TORRADO", EAN)
        assert (found.base, found.club, found.reject) == (Decimal("18.90"), Decimal("15.99"), None)


async def test_a_product_without_club_price_is_found_too(erp: RpServer, connect: Connect, store: StoreRef) -> None:
    put(erp, 1203, "18.90", "0")

    found = await connect(erp.url).product(store, code="1203", ean="")

    assert found is not None
    assert (found.base, found.club, found.reject) == (Decimal("18.90"), None, Reject.NO_CLUB_PRICE)


async def test_a_product_that_is_not_in_the_store_is_none_and_asked_for_once(
    erp: RpServer, connect: Connect, store: StoreRef
) -> None:
    put(erp, 1205, "18.90", "15.99")
    connection = connect(erp.url)

    assert await connection.product(store, code="1203", ean="") is None
    assert await connection.product(store, code="", ean="7899999999994") is None
    assert sum("/produtounidade/" in entry.path for entry in erp.journal) == 2


async def test_one_false_empty_answer_hides_no_product(erp: RpServer, connect: Connect, store: StoreRef) -> None:
    put(erp, 1203, "18.90", "15.99")
    erp.faults.add(Fault("empty_page", times=1))

    assert await connect(erp.url).product(store, code="1203", ean="") is not None


async def test_a_server_that_ignores_the_limit_does_not_confuse_the_code(
    erp: RpServer, connect: Connect, store: StoreRef
) -> None:
    put(erp, 1203, "18.90", "15.99")
    put(erp, 1204, "10.00", "9.00")
    erp.patch_options({"ignore_limit": True})

    found = await connect(erp.url).product(store, code="1203", ean="")

    assert found is not None
    assert found.base == Decimal("18.90")


@pytest.mark.parametrize(
    "body",
    ["null", "{}", "<html>", '{"response": {"status": "ok", "produto": null}}', '{"response": {"status": "ok"}}'],
)
async def test_what_is_not_understood_is_never_not_there(
    parrot: Parrot, connect: Connect, store: StoreRef, body: str
) -> None:
    parrot.say(body)

    for asked in ({"code": "1203", "ean": ""}, {"code": "", "ean": EAN}):
        with pytest.raises(UnreadableAnswer):
            await connect(parrot.url).product(store, **asked)


@pytest.mark.parametrize("status", [200, 404, 500])
async def test_only_the_words_product_not_found_mean_that(
    parrot: Parrot, connect: Connect, store: StoreRef, status: int
) -> None:
    message = f"O produto {EAN} da unidade {CNPJ} não foi encontrado na base de dados"
    parrot.say(f'{{"response": {{"status": "error", "messages": [{{"message": "{message}"}}]}}}}', status)
    assert await connect(parrot.url).product(store, code="", ean=EAN) is None

    parrot.answers.clear()
    parrot.say('{"response": {"status": "error", "messages": [{"message": "Unidade não encontrada"}]}}', status)
    with pytest.raises(OutsideError, match="does not know this store"):
        await connect(parrot.url).product(store, code="", ean=EAN)


async def test_unreadable_prices_are_shown_as_none_and_as_the_reason(
    parrot: Parrot, connect: Connect, store: StoreRef
) -> None:
    parrot.say('{"response": {"status": "ok", "produto": {"Codigo": 7, "Preco": "abc", "PrecoVenda2": "5,00"}}}')

    found = await connect(parrot.url).product(store, code="", ean=EAN)

    assert found is not None
    assert (found.base, found.club, found.reject) == (None, Decimal("5.00"), Reject.INVALID_NUMBER)


async def test_a_refused_login_is_said_as_such(erp: RpServer, connect: Connect, store: StoreRef) -> None:
    with pytest.raises(CredentialsRefused):
        await connect(erp.url, password="wrong").product(store, code="1", ean="")


async def test_an_answer_without_a_code_is_no_product(parrot: Parrot, connect: Connect, store: StoreRef) -> None:
    parrot.say('{"response": {"status": "ok", "produto": {"Descricao": "CAFE", "Preco": 1}}}')

    with pytest.raises(ChimeraError, match="no usable code"):
        await connect(parrot.url).product(store, code="", ean=EAN)
