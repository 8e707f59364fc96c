"""The local ERP out of order: slow, cut off, spoilt, down, and telling of it."""

import asyncio
import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from sandbox.rp import ErpProduct, Fault, RpServer
from tests.sandbox.erp_client import LOGIN, NOW, OTHER, STORE, Client


async def test_every_answer_may_be_slow(erp: RpServer, client: Client) -> None:
    erp.options.delay_ms = 60
    began = time.perf_counter()
    await client.codes()
    assert time.perf_counter() - began >= 0.06


@pytest.mark.parametrize("kind", ["refuse", "cut_body"])
async def test_a_broken_connection_is_never_an_answer(erp: RpServer, client: Client, kind: str) -> None:
    # A client asks again by itself when a kept connection ends without an answer.
    erp.faults.add(Fault(kind, times=2 if kind == "refuse" else 1))
    with pytest.raises(aiohttp.ClientError):
        await client.page()
    assert erp.journal[-1].status == 0
    assert await client.codes()


@pytest.mark.parametrize(
    ("kind", "status", "start"),
    [
        ("http_503_html", 503, b"<html>"),
        ("http_500_html", 500, b"<html>"),
        ("html_200", 200, b"<html>"),
        ("http_500_envelope", 500, b'{"response":{"status":"error"'),
        ("status_error_200", 200, b'{"response":{"status":"error"'),
        ("not_json", 200, b"OK"),
        ("empty_object", 200, b"{}"),
        ("null_body", 200, b"null"),
        ("token_revoked", 401, b'{"appVersion"'),
    ],
)
async def test_a_fault_spoils_one_answer(erp: RpServer, client: Client, kind: str, status: int, start: bytes) -> None:
    erp.faults.add(Fault(kind))
    answer = await client.get(f"/v3.2/produtounidade/listaprodutos/0/unidade/{STORE}")
    assert answer[0] == status
    assert answer[1].startswith(start)
    await client.log_in()
    assert await client.codes()


async def test_too_many_requests_come_with_and_without_retry_after(erp: RpServer, client: Client) -> None:
    erp.faults.add(Fault("http_429", parameter=2), Fault("http_429"))
    first, second = await client.get("/v1.6/unidades"), await client.get("/v1.6/unidades")
    assert (first[0], first[2].get("Retry-After")) == (429, "2")
    assert (second[0], second[2].get("Retry-After")) == (429, None)


async def test_a_hanging_answer_waits_for_the_client_to_give_up(erp: RpServer, client: Client) -> None:
    erp.faults.add(Fault("hang"))
    with pytest.raises(TimeoutError):
        await client.get("/v1.6/unidades", timeout=aiohttp.ClientTimeout(total=0.1))
    assert (await client.get("/v1.6/unidades"))[0] == 200


async def test_a_delay_comes_before_the_right_answer(erp: RpServer, client: Client) -> None:
    erp.faults.add(Fault("delay", parameter=0.05), Fault("empty_page"))
    began = time.perf_counter()
    assert await client.products() == []
    assert time.perf_counter() - began >= 0.05


async def test_false_ends_strike_the_page_they_name(erp: RpServer, client: Client) -> None:
    erp.faults.add(Fault("empty_page", page=2, times=2))
    first = await client.codes()
    assert await client.codes(first[-1]) == []
    assert await client.codes(first[-1]) == []
    assert len(await client.codes(first[-1])) == 10


async def test_a_list_may_be_null_or_missing(erp: RpServer, client: Client) -> None:
    erp.faults.add(Fault("null_list"), Fault("missing_list"))
    assert (await client.page())["response"]["produtos"] is None
    answer = (await client.page())["response"]
    assert (answer["status"], "produtos" in answer) == ("ok", False)


async def test_pages_may_stick_repeat_and_come_back_to_front(erp: RpServer, client: Client) -> None:
    first = await client.codes()
    second = await client.codes(first[-1])
    erp.faults.add(Fault("stuck_cursor"), Fault("duplicates", page=3, parameter=2), Fault("unsorted", page=1))
    assert await client.codes() == first[::-1]
    assert await client.codes(first[-1]) == first
    third = await client.codes(second[-1])
    assert third[:2] == second[-2:]
    assert len(third) == 10


async def test_a_token_may_die_in_the_middle_of_a_scan_and_the_next_login_be_refused(
    erp: RpServer, client: Client
) -> None:
    erp.faults.add(Fault("token_revoked", page=2), Fault("login_refused"))
    first = await client.codes()
    path = f"/v3.2/produtounidade/listaprodutos/{first[-1]}/unidade/{STORE}"
    assert (await client.get(path))[0] == 401
    async with client.http.post(f"{erp.url}/v1.1/auth", json=LOGIN) as answer:
        assert answer.status == 500
    await client.log_in()
    assert (await client.get(path))[0] == 200


async def test_a_fault_may_be_bound_to_a_store_a_path_a_method_and_chance(erp: RpServer, client: Client) -> None:
    erp.faults.add(
        Fault("empty_page", times=None, store=OTHER),
        Fault("html_200", times=None, path="unidades"),
        Fault("http_500_html", times=None, method="POST"),
    )
    assert await client.codes()
    assert await client.codes(unit=OTHER) == []
    assert (await client.get("/v1.6/unidades"))[1].startswith(b"<html>")
    erp.faults.clear()
    erp.faults.add(Fault("empty_page", times=None, probability=0.3, seed=5))
    empty = [await client.codes() == [] for _ in range(60)]
    assert 8 <= sum(empty) <= 28


async def test_an_unknown_fault_is_refused(erp: RpServer) -> None:
    with pytest.raises(ValueError, match="lose_lines"):
        erp.faults.add(Fault("lose_lines"))


async def test_prices_may_change_between_two_pages(erp: RpServer, client: Client) -> None:
    def change(call: Any) -> None:
        if call.page == 2:
            erp.put(STORE, ErpProduct(code=900_000, price=Decimal(1)))

    erp.before_answer = change
    first = await client.codes(0, "?limit=200")
    assert 900_000 in await client.codes(first[-1], "?limit=200")


async def test_the_server_goes_down_and_comes_up_on_the_same_port(erp: RpServer, client: Client) -> None:
    url = erp.url
    await erp.go_down()
    with pytest.raises(aiohttp.ClientConnectorError):
        await client.codes()
    await erp.come_up()
    assert erp.url == url
    assert await client.codes()


async def test_stopping_cuts_off_an_answer_that_hangs() -> None:
    async with aiohttp.ClientSession() as http:
        async with RpServer() as erp:
            erp.faults.add(Fault("hang"))
            waiting = asyncio.ensure_future(http.get(f"{erp.url}/v1.6/unidades"))
            await asyncio.sleep(0.05)
        with pytest.raises(aiohttp.ClientError):
            await waiting


async def test_the_journal_names_headers_and_never_holds_a_value(erp: RpServer, client: Client) -> None:
    await client.get("/v1.6/unidades", headers={**client.headers, "X-Trace": "value-of-a-header"})
    async with client.http.get(f"{erp.url}/_fake/journal") as answer:
        over_http = await answer.text()
    assert erp.journal[-1].path == "/v1.6/unidades"
    assert {"token", "X-Trace"} <= set(erp.journal[-1].headers)
    for text in (repr(erp.journal), over_http, repr(vars(erp))):
        assert client.headers["token"] not in text
        assert "value-of-a-header" not in text


async def test_the_control_routes_do_what_the_object_does(erp: RpServer, client: Client) -> None:
    async def send(method: str, path: str, document: Any = None) -> tuple[int, Any]:
        async with client.http.request(method, f"{erp.url}/_fake/{path}", json=document) as answer:
            return answer.status, await answer.json()

    assert (await send("GET", "state"))[1]["stores"][0]["products"] == 250
    assert (await send("POST", "faults", [{"kind": "empty_page", "page": 1}]))[0] == 200
    assert await client.codes() == []
    assert (await send("GET", "faults"))[1][0]["left"] == 0
    assert (await send("DELETE", "faults"))[1] == []
    assert (await send("POST", "faults", [{"kind": "nonsense"}]))[0] == 400
    assert (await send("PATCH", "options", {"ignore_limit": True}))[1]["ignore_limit"] is True
    assert (await send("PATCH", "options", {"nonsense": 1}))[0] == 400
    assert (await send("PATCH", "options", {"auth_refusal_status": 418}))[0] == 400
    assert (await send("POST", "products", {"store": STORE, "products": [{"Codigo": 3, "Preco": 1.5}]}))[0] == 200
    code = (await send("GET", f"products?store={STORE}"))[1][4]["Codigo"]
    assert (await send("POST", "prices", {"store": STORE, "code": code, "club_price": "0.99"}))[0] == 200
    assert (await send("POST", "prices", {"store": STORE, "factor": 100}))[0] == 200
    rows = {row["Codigo"]: row for row in erp.catalogue(STORE)}
    assert (rows[3]["Preco"], rows[code]["PrecoVenda2"]) == (150.0, 99.0)
    assert (await send("DELETE", f"products?store={STORE}&code=3"))[0] == 200
    assert (await send("DELETE", f"products?store={STORE}&code=3"))[0] == 400
    assert (await send("POST", "stores", {"cnpj": "11222333000343", "size": 5, "dirty": True}))[0] == 200
    assert len(erp.catalogue("11222333000343")) > 40
    later = (NOW + timedelta(days=1)).isoformat()
    assert (await send("POST", "clock", {"now": later, "advance_seconds": 30}))[0] == 200
    assert erp.now() == NOW + timedelta(days=1, seconds=30)
    assert (await send("POST", "clock", {"now": "2026-11-23T00:00:00"}))[0] == 400
    await send("POST", "reset")
    assert (erp.now(), erp.options.ignore_limit, erp.journal) == (NOW, False, [])
