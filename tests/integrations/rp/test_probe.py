"""The connection test says what was found, and no value of the ERP."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import CredentialsRefused, Unreachable
from integrations.rp.connection import RpConnection
from sandbox.faults import Fault
from sandbox.rp.server import RpServer

Connect = Callable[..., RpConnection]


async def test_a_probe_logs_in_lists_the_stores_and_looks_at_a_short_page(erp: RpServer, connect: Connect) -> None:
    found = await connect(erp.url).probe()
    assert found.reached == "RP 5.0.6.117"
    assert [str(note) for note in found.notes] == [
        "The ERP knows one store.",
    ]
    assert found.shapes["produtos[].PrecoVenda2"] == "number"
    assert found.shapes["produtos[].Ativo"] == "yes/no"
    assert found.shapes["unidades[].cnpj"] == "text"
    assert len(erp.journal) == 3


async def test_no_value_of_a_product_is_in_a_probe(erp: RpServer, connect: Connect) -> None:
    found = await connect(erp.url).probe()
    shown = json.dumps(found.shapes) + " ".join(map(str, found.notes))
    for item in erp.catalogue("11222333000181"):
        assert item["Descricao"] not in shown


async def test_a_probe_says_that_no_product_carries_the_price_fields(erp: RpServer, connect: Connect) -> None:
    erp.options.second_price_alias = "Preco2"
    found = await connect(erp.url).probe()
    assert "No product carries PrecoVenda2" in str(found.notes[-1])


async def test_a_probe_of_an_erp_without_store_list_still_says_that_the_login_works(
    parrot: Any, connect: Connect
) -> None:
    parrot.say('{"error": "no such path"}', 404)
    found = await connect(parrot.url).probe()
    assert "The login works" in str(found.notes[0])
    assert "no such path" not in str(found.notes[0])


async def test_an_empty_first_page_is_said_and_is_no_failure(erp: RpServer, connect: Connect) -> None:
    erp.faults.add(Fault("empty_page", times=None))
    assert "empty" in str((await connect(erp.url).probe()).notes[-1])


@pytest.mark.parametrize(
    "units",
    ['{"response": {"status": "ok", "content": [{"cnpj": "secret text"}, 5]}}', '{"response": {"status": "ok"}}'],
)
async def test_a_probe_shows_nothing_of_a_store_without_cnpj(units: str, parrot: Any, connect: Connect) -> None:
    parrot.say(units)
    found = await connect(parrot.url).probe()
    assert [str(note) for note in found.notes] == [
        "The ERP lists no store with a CNPJ; products could not be looked at."
    ]


async def test_a_cnpj_that_lost_its_zeros_as_a_number_is_understood(parrot: Any, connect: Connect) -> None:
    parrot.say('{"response": {"status": "ok", "unidades": [{"CNPJ": 1222333000128}]}}')
    parrot.say('{"response": {"status": "ok", "produtos": [{"Codigo": 1, "Preco": 1, "PrecoVenda2": null}]}}')
    found = await connect(parrot.url).probe()
    assert found.shapes["produtos[].PrecoVenda2"] == "null"


async def test_a_probe_with_a_wrong_password_or_address_fails(erp: RpServer, connect: Connect) -> None:
    with pytest.raises(CredentialsRefused):
        await connect(erp.url, password="wrong").probe()
    with pytest.raises(Unreachable):
        await connect("http://127.0.0.1:9").probe()
