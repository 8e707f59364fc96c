"""The local ERP: every switch and fault does what its name says, and healthy answers are as documented."""

import json
from decimal import Decimal
from typing import Any

import aiohttp
import msgspec
import pytest

from sandbox.rp import ErpProduct, RpServer
from tests.sandbox.erp_client import LOGIN, NOW, OTHER, STORE, Client


async def test_version_1_1_gives_the_token_beside_the_status_with_a_brazilian_expiry(client: Client) -> None:
    answer = (await client.log_in("v1.1"))["response"]
    assert answer["status"] == "ok"
    assert answer["tokenExpiration"] == "23/11/2026 09:00:00"
    assert "appVersion" not in answer


async def test_version_1_2_gives_the_token_one_level_deeper_with_seconds(client: Client) -> None:
    answer = (await client.log_in("v1.2"))["response"]
    assert answer["content"]["tokenExpiration"] == "2026-11-23T06:00:00"
    assert answer["content"]["expiresIn"] == 3600
    assert answer["appVersion"]


async def test_version_1_0_gives_no_token_but_a_session(erp: RpServer) -> None:
    # A cookie of a bare address is kept only by a jar that allows it.
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        client = Client(erp, http)
        assert "token" not in (await client.log_in("v1.0"))["response"]
        client.headers = {}
        assert await client.codes()


@pytest.mark.parametrize(
    "body",
    [{"usuario": "100001", "senha": "wrong"}, {"usuario": 100001, "senha": "invented"}, {"usuario": "x"}, []],
)
async def test_a_wrong_login_is_a_500_without_envelope(erp: RpServer, client: Client, body: Any) -> None:
    async with client.http.post(f"{erp.url}/v1.1/auth", json=body) as answer:
        document = await answer.json()
    assert answer.status == 500
    assert set(document) == {"error", "stackTrace"}


async def test_a_wrong_login_may_be_switched_to_a_401_with_envelope(erp: RpServer, client: Client) -> None:
    erp.options.auth_refusal_status = 401
    async with client.http.post(f"{erp.url}/v1.1/auth", json={}) as answer:
        assert (answer.status, (await answer.json())["response"]["status"]) == (401, "error")


async def test_only_the_chosen_login_version_is_offered() -> None:
    async with RpServer(auth_version="v1.2") as erp, aiohttp.ClientSession() as http:
        async with http.post(f"{erp.url}/v1.1/auth", json=LOGIN) as answer:
            assert answer.status == 404
        async with http.post(f"{erp.url}/v1.2/auth", json=LOGIN) as answer:
            assert answer.status == 200


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("br", "23/11/2026 09:00:00"),
        ("br_minutes", "23/11/2026 09:00"),
        ("iso", "2026-11-23T09:00:00"),
        ("iso_offset", "2026-11-23T09:00:00-03:00"),
        ("past", "22/11/2026 09:00:00"),
        ("unreadable", "em breve"),
        ("absent", None),
        ("expires_in", None),
    ],
)
async def test_the_expiry_takes_every_form(erp: RpServer, client: Client, kind: Any, text: str | None) -> None:
    erp.options.expiry_format = kind
    answer = (await client.log_in())["response"]
    assert answer.get("tokenExpiration") == text
    assert answer.get("expiresIn") == (14400 if kind == "expires_in" else None)


async def test_a_server_clock_off_by_minutes_shows_in_the_expiry_alone(erp: RpServer, client: Client) -> None:
    erp.options.clock_skew_seconds = -600
    assert (await client.log_in())["response"]["tokenExpiration"] == "23/11/2026 08:50:00"
    assert await client.codes()


async def test_the_token_may_stand_at_the_root_or_nowhere(erp: RpServer, client: Client) -> None:
    erp.options.login_shape = "root"
    assert "token" in await client.log_in()
    erp.options.login_shape = "none"
    assert "token" not in json.dumps(await client.log_in())


async def test_a_token_ends_with_its_life(erp: RpServer, client: Client) -> None:
    erp.options.token_life_seconds = 1
    await client.log_in()
    assert await client.codes()
    erp.advance(1)
    status, body, _ = await client.get("/v1.6/unidades")
    assert status == 401
    assert json.loads(body) == {"appVersion": "5.0.6.117", "content": "Não autorizado"}


async def test_a_token_counts_only_in_an_allowed_header(erp: RpServer, client: Client) -> None:
    token = client.headers["token"]
    for sent in ({}, {"Authorization": f"Bearer {token}"}, {"Authorization": f"token {token}"}):
        assert (await client.get("/v1.6/unidades", headers=sent))[0] == 401
    erp.options.auth_headers_allowed = ("bearer", "authorization_token")
    assert (await client.get("/v1.6/unidades", headers={"Authorization": f"Bearer {token}"}))[0] == 200
    assert (await client.get("/v1.6/unidades", headers={"Authorization": f"token {token}"}))[0] == 200
    assert (await client.get("/v1.6/unidades"))[0] == 401


async def test_a_logged_out_token_is_worthless(client: Client) -> None:
    assert (await client.get("/v1.1/logout"))[0] == 200
    assert (await client.get("/v1.6/unidades"))[0] == 401


async def test_a_scan_walks_the_catalogue_once_and_ends_on_an_empty_list(erp: RpServer, client: Client) -> None:
    seen: list[int] = []
    while page := await client.codes(seen[-1] if seen else 0, "?limit=100"):
        seen += page
    assert seen == [product["Codigo"] for product in erp.catalogue(STORE)]
    assert seen == sorted(set(seen))
    assert len(seen) == 250
    end = (await client.page(seen[-1]))["response"]
    assert (end["status"], end["produtos"], bool(end["messages"])) == ("ok", [], True)


async def test_limits_default_are_capped_and_may_be_ignored(erp: RpServer, client: Client) -> None:
    assert len(await client.codes(tail="")) == 100
    erp.options.page_cap = 120
    assert len(await client.codes(tail="?limit=200")) == 120
    erp.options.ignore_limit = True
    assert len(await client.codes(tail="?limit=7")) == 100


async def test_products_with_a_second_price_alone_unless_that_is_ignored(erp: RpServer, client: Client) -> None:
    clubs = [product["PrecoVenda2"] for product in await client.products(0, "?somentePreco2=true")]
    assert len(clubs) == 40
    assert all(clubs)
    erp.options.ignore_second_price = True
    assert len(await client.codes(0, "?somentePreco2=true")) == 100


async def test_versions_differ_in_their_fields(client: Client) -> None:
    new = (await client.products(0, "/detalhado?limit=1"))[0]
    old = (await client.products(0, "/detalhado?limit=1", version="v2.0"))[0]
    middle = (await client.products(0, "?limit=1", version="v2.8"))[0]
    assert (new["Bloqueado"], middle["Bloqueado"], old["Bloqueado"]) == ("N", "N", False)
    assert "Estoque1" in new
    assert [name for name in old if name.startswith("Estoque")] == ["Estoque"]
    assert isinstance(old["CodigoDepartamento"], int)
    assert "Preco2" not in new
    assert "Limite" not in new
    assert len(new) > 100 > len(middle)


async def test_extra_fields_come_only_when_switched_on(erp: RpServer, client: Client) -> None:
    erp.put(STORE, ErpProduct(code=1, price=Decimal("18.90"), club_price=Decimal("15.99"), limit=3))
    erp.options.second_price_alias, erp.options.with_limite = "Preco2", True
    product = (await client.products(0, "?limit=1"))[0]
    assert (product["Preco2"], product["Limite"], "PrecoVenda2" in product) == (15.99, 3, False)
    erp.options.keep_second_price = erp.options.code_as_string = True
    product = (await client.products(0, "?limit=1"))[0]
    assert (product["PrecoVenda2"], product["Codigo"]) == (15.99, "1")


async def test_a_store_is_known_by_cnpj_and_by_code_only_when_allowed(erp: RpServer, client: Client) -> None:
    refused = (await client.page(unit="2"))["response"]
    assert (refused["status"], refused["messages"][0]["message"]) == ("error", "Unidade não encontrada")
    erp.options.unknown_unit_status = 404
    assert (await client.get("/v3.2/produtounidade/listaprodutos/0/unidade/9"))[0] == 404
    erp.options.unit_by_code = True
    assert await client.products(unit="2") == await client.products(unit=OTHER)


async def test_filters_of_the_path_leave_products_out(erp: RpServer, client: Client) -> None:
    erp.change(STORE, erp.catalogue(STORE)[3]["Codigo"], active=False, marked=True)
    everything = await client.products(0, "/detalhado?limit=500")
    active = await client.products(0, "/detalhado/ativos?limit=500")
    inactive = [product["Codigo"] for product in everything if not product["Ativo"]]
    assert len(active) + len(inactive) == 250
    assert all(product["Ativo"] for product in active)
    assert await client.codes(0, "/detalhado/marcados") == inactive[:1]


async def test_changed_since_gives_what_changed_and_refuses_iso_dates(erp: RpServer, client: Client) -> None:
    code = erp.catalogue(STORE)[7]["Codigo"]
    erp.advance(60)
    erp.change(STORE, code, club_price=Decimal("1.01"))
    assert await client.codes(0, "/detalhado/dataHoraManutencao/23-11-2026%2005:00:30") == [code]
    refused = (await client.page(0, "/dataHoraManutencao/2026-11-23"))["response"]
    assert refused["status"] == "error"
    assert refused["messages"][1]["message"] == "Exception: Unparseable date"


async def test_catalogues_are_the_same_on_every_start_and_prices_differ_per_store(erp: RpServer) -> None:
    again = RpServer(clock=lambda: NOW)
    again.add_store(OTHER, unit_code="002", size=250, discounted=40)
    assert again.catalogue(OTHER) == erp.catalogue(OTHER)
    here, there = erp.catalogue(STORE), erp.catalogue(OTHER)
    assert [product["Codigo"] for product in here] == [product["Codigo"] for product in there]
    assert [product["Preco"] for product in here] != [product["Preco"] for product in there]
    assert all(product["PrecoVenda2"] < product["Preco"] for product in here)


async def test_the_pages_of_a_large_catalogue_are_encoded_once(erp: RpServer, client: Client) -> None:
    erp.add_store(STORE, size=21_000, discounted=5_000)
    for _ in range(3):
        await client.codes(5_000, "?limit=500")
    assert erp.pages.built == 1
    erp.change(STORE, erp.catalogue(STORE)[0]["Codigo"], name="NOVO")
    await client.codes(5_000, "?limit=500")
    assert erp.pages.built == 2


async def test_products_come_change_and_go(erp: RpServer, client: Client) -> None:
    erp.put(STORE, ErpProduct(code=1, price=Decimal("18.90"), club_price=Decimal("15.99"), blocked=True))
    erp.change(STORE, 1, price=Decimal("20.00"))
    assert [(p["Preco"], p["Bloqueado"]) for p in await client.products(0, "?limit=1")] == [(20.0, "S")]
    erp.remove(STORE, 1)
    assert 1 not in await client.codes()
    with pytest.raises(KeyError):
        erp.remove(STORE, 1)
    deleted = await client.get("/v1.1/produto/excluidos/lastid/0/dataexclusao/23-11-2026")
    assert json.loads(deleted[1])["response"]["excluidos"][0]["codigoProduto"] == 1


async def test_a_raw_product_goes_out_exactly_as_it_is(erp: RpServer, client: Client) -> None:
    raw = {"Codigo": "0001", "Preco": "R$ 8,90", "Preco2": None, "Ativo": "S"}
    erp.put(STORE, raw)
    erp.put(STORE, {"Codigo": 1, "Preco": 7}, at=2)
    assert await client.products(0, "?limit=2") == [raw, {"Codigo": 1, "Preco": 7}]
    with pytest.raises(ValueError, match="at="):
        erp.put(STORE, {"Descricao": "SEM CODIGO"})


async def test_prices_times_a_hundred_spare_no_product(erp: RpServer) -> None:
    erp.put(STORE, ErpProduct(code=1, price=Decimal("18.90"), club_price=Decimal("15.99")))
    erp.put(STORE, {"Codigo": 2, "Preco": 1.5, "PrecoVenda2": "1,00"})
    before = erp.catalogue(STORE)
    erp.scale_prices(STORE, 100)
    after = erp.catalogue(STORE)
    assert [round(p["Preco"] * 100, 2) for p in before] == [p["Preco"] for p in after]
    erp.reset()
    assert erp.catalogue(STORE) == before[2:]


async def test_every_dirty_row_is_served(erp: RpServer, client: Client) -> None:
    dirty = erp.add_dirty(OTHER)
    served = await client.get(f"/v3.2/produtounidade/listaprodutos/900000/unidade/{OTHER}")
    rows = {
        row["Codigo"]: row for row in msgspec.json.decode(served[1].replace(b"1e999", b"1e99"))["response"]["produtos"]
    }
    assert set(rows) == set(dirty.values())
    assert b"1e999" in served[1]
    assert "PrecoVenda2" not in rows[dirty["club price missing"]]
    assert rows[dirty["club price null"]]["PrecoVenda2"] is None
    assert rows[dirty["blocked"]]["Bloqueado"] == "S"
    assert rows[dirty["offer ends today"]]["DataOferta"] == "23/11/2026"


async def test_the_list_moves_and_the_items_bend_as_switched(erp: RpServer, client: Client) -> None:
    erp.put(STORE, ErpProduct(code=1, price=Decimal("1234.50"), club_price_per_unit=Decimal("3.495")))
    erp.options.comma_decimals = True
    assert (await client.products(0, "?limit=1"))[0]["Preco"] == "1.234,50"
    erp.options.comma_decimals, erp.options.string_numbers = False, True
    product = (await client.products(0, "?limit=1"))[0]
    assert (product["Codigo"], product["Preco"]) == ("1", "1234.50")
    assert (product["PrecoVenda2UnidadeMedida"], product["Ativo"]) == ("3.495", True)
    erp.options.camel_case = True
    assert {"codigo", "codigoBarras", "precoVenda2"} <= set((await client.products(0, "?limit=1"))[0])
    erp.options.root_level = True
    assert len((await client.page())["produtos"]) == 100
    erp.options.root_level, erp.options.content_list = False, True
    assert len((await client.page())["response"]["content"]) == 100
    erp.options.response_list = True
    assert len((await client.page())["response"]) == 100


async def test_the_bytes_may_be_latin_1_or_begin_with_a_mark(erp: RpServer, client: Client) -> None:
    erp.put(STORE, ErpProduct(code=1, price=Decimal(1), name="PÃO"))
    erp.options.latin1 = True
    _, body, headers = await client.get(f"/v3.2/produtounidade/listaprodutos/0/unidade/{STORE}?limit=1")
    assert "PÃO".encode("latin-1") in body
    assert "charset" not in headers["Content-Type"]
    erp.options.latin1, erp.options.bom = False, True
    body = (await client.get(f"/v3.2/produtounidade/listaprodutos/0/unidade/{STORE}?limit=1"))[1]
    assert body.startswith(b"\xef\xbb\xbf{")


@pytest.mark.parametrize(("form", "key"), [("strings", "messages"), ("single", "message"), ("absent", None)])
async def test_status_and_messages_take_other_forms(erp: RpServer, client: Client, form: Any, key: Any) -> None:
    erp.options.messages_as, erp.options.status_text = form, None
    answer = (await client.page())["response"]
    assert "status" not in answer
    assert {"messages", "message"} & set(answer) == ({key} if key else set())


async def test_the_smaller_endpoints_answer_in_their_own_shapes(erp: RpServer, client: Client) -> None:
    async def response(path: str) -> Any:
        return json.loads((await client.get(path))[1])["response"]

    assert [unit["cnpj"] for unit in (await response("/v1.6/unidades"))["content"]] == [STORE, OTHER]
    assert (await response("/v1.5/unidades"))["unidades"][1]["CNPJ"] == OTHER
    assert (await response(f"/v1.0/unidades/{OTHER}"))["unidades"][0]["Codigo"] == "002"
    assert (await response("/v1.0/unidades/9"))["status"] == "error"
    assert (await response("/v1.0/departamentos"))["departamentos"]
    assert (await response("/v1.1/departamentos"))["content"]
    barcode = erp.catalogue(STORE)[5]["CodigoBarras"]
    path = "/v3.2/produtounidade/{}/unidade/{}/detalhado/consultarcodigobarras"
    assert (await response(path.format(barcode, STORE)))["produto"]["CodigoBarras"] == barcode
    missing = (await response(path.format("7891", STORE)))["messages"][0]["message"]
    assert "não foi encontrado na base de dados" in missing
    offers = (await response("/v1.0/produtounidade/ofertas?unidade=001&lastId=0&limit=100"))["content"]
    assert len(offers) == 40
    assert 0 < offers[0]["preco2"] < offers[0]["precoAtual"]
