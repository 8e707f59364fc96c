"""The local loyalty platform: checks, shapes, faults and what stays stored after each."""

import io
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from sandbox.crescevendas import Fault, PlatformLine, PlatformServer

STORE, OTHER = "11222333000181", "11222333000262"
NOW = datetime(2026, 11, 23, 8, 10, tzinfo=UTC)  # 05:10 in São Paulo
SECRET = "a-secret-token"
PATH = "/admin/integrations/discount_stores"
WINDOW = (datetime(2026, 11, 23, 6, 0), datetime(2026, 11, 23, 23, 59))  # noqa: DTZ001 - local, as on the wire
LINES = [
    {"code": "1203", "price": 18.90, "final_price": 15.99, "limit": 1000},
    {"code": "1204", "price": 5.00, "final_price": 4.10, "limit": 6},
]
HEADERS = {"X-AdminUser-Email": "ops@example.test", "X-AdminUser-Token": SECRET}


def upload_body(**changes: Any) -> dict[str, Any]:
    return {
        "override": 1,
        "start_date": "2026-11-23T06:00",
        "end_date": "2026-11-23T23:59",
        "store_registrations": [STORE],
        "name": "001 Descontos - 2026-11-23 06:00",
        "discount_store_lines": LINES,
        **changes,
    }


class Client:
    def __init__(self, platform: PlatformServer, http: aiohttp.ClientSession) -> None:
        self.platform, self.http = platform, http

    async def send(self, *, headers: Any = HEADERS, seconds: float = 5, **changes: Any) -> tuple[int, bytes]:
        timeout = aiohttp.ClientTimeout(total=seconds)
        url = f"{self.platform.url}{PATH}/batch_upload"
        # A stream, as aiohttp warns of large bodies given as bytes.
        body = io.BytesIO(json.dumps(upload_body(**changes)).encode())
        async with self.http.post(url, data=body, headers=headers, timeout=timeout, allow_redirects=False) as answer:
            return answer.status, await answer.read()

    async def read(self, store: str = STORE, **query: Any) -> Any:
        params = {
            "store_registration": store,
            "start_date": "2026-11-23T00:01:00",
            "end_date": "2026-11-23T23:59:00",
            **query,
        }
        async with self.http.get(
            self.platform.url + PATH, params=params, headers=HEADERS, allow_redirects=False
        ) as answer:
            body = await answer.read()
            return json.loads(body) if answer.content_type == "application/json" else body

    async def codes(self, store: str = STORE, **query: Any) -> list[str]:
        return [line["code"] for line in (await self.read(store, **query))["response"]["discounts"]]


@pytest.fixture
async def platform() -> AsyncIterator[PlatformServer]:
    async with PlatformServer([STORE, OTHER], email="ops@example.test", token=SECRET, clock=lambda: NOW) as server:
        yield server


@pytest.fixture
async def client(platform: PlatformServer) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as http:
        yield Client(platform, http)


async def test_an_upload_is_stored_with_its_window_and_can_be_read(platform: PlatformServer, client: Client) -> None:
    status, body = await client.send()
    assert (status, json.loads(body)) == (200, {"response": {"code": 200, "id": 501, "lines": 2}})
    first = platform.lines(STORE)[0]
    assert (first.code, first.price, first.final_price, first.limit) == (
        "1203",
        Decimal("18.90"),
        Decimal("15.99"),
        1000,
    )
    assert (first.start, first.end, first.foreign) == (*WINDOW, False)
    assert (await client.read())["response"]["discounts"][0] == {
        "code": "1203",
        "price": "18.9",
        "final_price": "15.99",
        "limit": 1000,
        "start_at": "2026-11-23T06:00:00.000-03:00",
        "expire_at": "2026-11-23T23:59:00.000-03:00",
    }
    assert platform.uploads[0]["discount_store_lines"][0]["final_price"] == Decimal("15.99")


async def test_wrong_credentials_are_refused_and_may_redirect(platform: PlatformServer, client: Client) -> None:
    wrong = {**HEADERS, "X-AdminUser-Token": "nonsense"}
    status, body = await client.send(headers=wrong)
    assert (status, json.loads(body)) == (401, {"response": {"code": 401, "error": "Não autorizado"}})
    assert (await client.send(headers={}))[0] == 401
    platform.options.unauthorised = "302"
    status, body = await client.send(headers=wrong)
    assert (status, body[:6]) == (302, b"<html>")
    assert platform.lines(STORE) == []
    platform.change_credentials("ops@example.test", "nonsense")
    assert (await client.send(headers=wrong))[0] == 200


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        ("check_store", {"store_registrations": ["99888777000100"]}),
        ("check_past", {"start_date": "2026-11-23T05:09"}),
        ("check_window", {"end_date": "2026-11-23T06:00"}),
        ("check_prices", {"discount_store_lines": [{**LINES[0], "final_price": 18.9}]}),
        ("check_prices", {"discount_store_lines": [{**LINES[0], "final_price": 0}]}),
        ("check_repeated", {"discount_store_lines": [LINES[0], LINES[0]]}),
        ("check_empty", {"discount_store_lines": []}),
        ("check_dates", {"start_date": "2026-11-23T06:00:00"}),
    ],
)
async def test_each_check_refuses_and_can_be_turned_off(
    platform: PlatformServer, client: Client, check: str, changes: dict[str, Any]
) -> None:
    status, body = await client.send(**changes)
    inner = json.loads(body)["response"]
    assert (status, inner["code"], len(inner["errors"])) == (422, 422, 1)
    assert platform.lines(STORE) == []
    platform.patch_options({check: False})
    assert (await client.send(**changes))[0] == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"override": "yes"},
        {"store_registrations": []},
        {"start_date": None},
        {"discount_store_lines": None},
        {"discount_store_lines": [{"code": "1", "price": "x", "final_price": 1, "limit": 1}]},
        {"discount_store_lines": [{**LINES[0], "limit": None}]},
    ],
)
async def test_an_unreadable_upload_is_always_refused(client: Client, changes: dict[str, Any]) -> None:
    assert (await client.send(**changes))[0] == 422


async def test_the_clock_moves_the_past(platform: PlatformServer, client: Client) -> None:
    platform.advance(3600)
    assert (await client.send())[0] == 422
    platform.set_clock(NOW - timedelta(days=1))
    assert (await client.send())[0] == 200


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (
            "objects",
            {"response": {"code": 422, "errors": [{"message": "Loja não encontrada", "field": "store_registrations"}]}},
        ),
        ("strings", {"response": {"code": 422, "errors": ["Loja não encontrada"]}}),
        ("text", {"response": {"code": 422, "error": "Loja não encontrada"}}),
        ("rails", {"errors": {"store_registrations": ["Loja não encontrada"]}}),
        ("bare", {"store_registrations": ["Loja não encontrada"]}),
    ],
)
async def test_errors_take_every_shape_and_may_hide_behind_a_200(
    platform: PlatformServer, client: Client, shape: Any, expected: Any
) -> None:
    platform.options.error_shape = shape
    status, body = await client.send(store_registrations=["1"])
    assert (status, json.loads(body)) == (422, expected)
    platform.options.errors_with_200 = True
    assert (await client.send(store_registrations=["1"]))[0] == 200


async def test_override_replaces_what_overlaps_and_only_in_its_store(platform: PlatformServer, client: Client) -> None:
    await client.send()
    await client.send(start_date="2026-11-24T06:00", end_date="2026-11-24T23:59")
    await client.send(store_registrations=[OTHER])
    await client.send(discount_store_lines=[LINES[1]])
    assert [(line.code, line.start.day) for line in platform.lines(STORE)] == [
        ("1203", 24),
        ("1204", 24),
        ("1204", 23),
    ]
    assert len(platform.lines(OTHER)) == 2
    await client.send(discount_store_lines=[LINES[0]], override=0)
    assert sorted(await client.codes()) == ["1203", "1204"]


async def test_one_upload_may_name_several_stores(platform: PlatformServer, client: Client) -> None:
    await client.send(store_registrations=[STORE, OTHER])
    assert await client.codes(STORE) == await client.codes(OTHER) == ["1203", "1204"]


async def test_the_other_line_names_are_accepted_only_when_switched(platform: PlatformServer, client: Client) -> None:
    other = [{"product_code": "9", "original_price": 2, "discount_price": 1, "quantity_limit": 3}]
    assert (await client.send(discount_store_lines=other))[0] == 422
    platform.options.line_names = platform.options.read_names = 2
    assert (await client.send())[0] == 422
    assert (await client.send(discount_store_lines=other))[0] == 200
    assert (await client.read())["response"]["discounts"][0]["discount_price"] == "1.0"


@pytest.mark.parametrize(
    ("form", "status"),
    [("envelope", 200), ("campaign", 201), ("message", 200), ("accepted_202", 202), ("empty_204", 204)],
)
async def test_a_good_upload_is_answered_in_every_form(
    platform: PlatformServer, client: Client, form: Any, status: int
) -> None:
    platform.options.upload_answer = form
    answer = await client.send()
    assert answer[0] == status
    assert (answer[1] == b"") == (form == "empty_204")
    if form == "campaign":
        assert json.loads(answer[1])["discount_store_lines"][0]["price"] == "18.9"


@pytest.mark.parametrize(
    ("shape", "path"),
    [
        ("legacy", ["response", "discounts", 0]),
        ("campaign", ["discount_store_lines", 0]),
        ("campaigns_root", [0, "discount_store_lines", 0]),
        ("campaigns_response", ["response", 0, "discount_store_lines", 0]),
        ("campaigns_data", ["data", 0, "discount_store_lines", 0]),
        ("campaigns_discount_stores", ["discount_stores", 0, "discount_store_lines", 0]),
        ("flat", [0]),
    ],
)
async def test_reads_come_in_every_shape(platform: PlatformServer, client: Client, shape: Any, path: list[Any]) -> None:
    platform.options.get_shape = shape
    empty = await client.read()
    await client.send()
    found = await client.read()
    for key in path:
        found = found[key]
    assert found["final_price"] == "15.99"
    assert "1203" not in json.dumps(empty)
    platform.options.get_envelope = True
    enveloped = (await client.read())["response"]
    assert enveloped["code"] == 200
    assert "15.99" in json.dumps(enveloped)


@pytest.mark.parametrize(
    ("patch", "key", "expected"),
    [
        ({"prices_as": "numbers"}, "final_price", 15.99),
        ({"prices_as": "comma"}, "final_price", "15,99"),
        ({"prices_as": "noisy"}, "final_price", 15.990000000000002),
        ({"code_as": "int"}, "code", 1203),
        ({"code_as": "zero_padded"}, "code", "0001203"),
        ({"dates_as": "naive"}, "start_at", "2026-11-23T06:00"),
        ({"dates_as": "utc"}, "start_at", "2026-11-23T09:00:00.000Z"),
    ],
)
async def test_values_take_every_form(
    platform: PlatformServer, client: Client, patch: dict[str, Any], key: str, expected: Any
) -> None:
    await client.send()
    platform.patch_options(patch)
    assert (await client.read())["response"]["discounts"][0][key] == expected


async def test_reads_may_be_paged(platform: PlatformServer, client: Client) -> None:
    many = [{**LINES[0], "code": str(code)} for code in range(60)]
    await client.send(discount_store_lines=many)
    assert len(await client.codes()) == 60
    platform.options.page_size = 25
    assert [len(await client.codes(page=page)) for page in (1, 2, 3, 4)] == [25, 25, 10, 0]
    assert len(await client.codes(limit=7)) == 7
    platform.options.page_end = "repeat"
    assert await client.codes(page=4) == await client.codes(page=3)
    for keys, found in (
        ("meta", {"current_page": 3, "total_pages": 3, "total_count": 60}),
        ("total", 60),
        ("next_page", None),
    ):
        platform.patch_options({"page_keys": keys})
        assert (await client.read(page=3))["response"][keys] == found


async def test_reads_keep_to_the_store_and_the_window(platform: PlatformServer, client: Client) -> None:
    await client.send()
    assert await client.codes(OTHER) == []
    assert await client.codes(start_date="2026-11-24T00:01:00", end_date="2026-11-24T23:59:00") == []
    assert await client.codes(end_date="2026-11-23T06:00:00") == ["1203", "1204"]
    assert (await client.read("99888777000100"))["response"]["code"] == 404
    assert (await client.read(start_date="amanhã"))["response"]["code"] == 422


async def test_lines_are_seen_late_and_the_old_ones_until_then(platform: PlatformServer, client: Client) -> None:
    await client.send(discount_store_lines=[LINES[0]])
    platform.faults.add(Fault("delay_visibility", parameter=20))
    await client.send(discount_store_lines=[LINES[1]])
    assert [line.code for line in platform.lines(STORE)] == ["1204"]
    platform.advance(19)
    assert await client.codes() == ["1203"]
    platform.advance(1)
    assert await client.codes() == ["1204"]
    platform.options.visibility_delay_seconds = 5
    await client.send(discount_store_lines=[LINES[0]])
    assert await client.codes() == ["1204"]


async def test_lines_may_be_lost_or_altered_under_a_good_answer(platform: PlatformServer, client: Client) -> None:
    platform.faults.add(Fault("lose_lines"), Fault("alter_price", parameter=1))
    status, body = await client.send()
    assert (status, json.loads(body)["response"]["lines"]) == (200, 2)
    assert await client.codes() == ["1203"]
    await client.send()
    assert platform.lines(STORE)[0].final_price == Decimal("16.99")
    await client.send()
    assert [line.final_price for line in platform.lines(STORE)] == [Decimal("15.99"), Decimal("4.10")]


async def test_an_upload_whose_answer_never_comes_is_stored_once(platform: PlatformServer, client: Client) -> None:
    platform.faults.add(Fault("store_then_time_out"))
    with pytest.raises(TimeoutError):
        await client.send(seconds=0.1)
    assert len(platform.lines(STORE)) == 2
    await client.send()
    assert len(platform.lines(STORE)) == 2


@pytest.mark.parametrize(
    ("kind", "stored"), [("store_then_cut", 2), ("store_then_refuse", 2), ("cut_body", 0), ("refuse", 0)]
)
async def test_a_lost_answer_tells_nothing_of_what_was_stored(
    platform: PlatformServer, client: Client, kind: str, stored: int
) -> None:
    platform.faults.add(Fault(kind))
    with pytest.raises(aiohttp.ClientError):
        await client.send()
    assert len(platform.lines(STORE)) == stored
    assert platform.journal[-1].status == 0


@pytest.mark.parametrize(
    ("kind", "status", "start"),
    [
        ("store_then_500", 500, b"<html>"),
        ("store_then_html", 200, b"<html>"),
        ("http_500_html", 500, b"<html>"),
        ("http_503_html", 503, b"<html>"),
        ("html_200", 200, b"<html>"),
        ("http_500_envelope", 500, b'{"response":{"code":500'),
        ("inner_422", 200, b'{"response":{"code":422'),
        ("status_error_200", 200, b'{"status":"error"'),
        ("success_false_200", 200, b'{"success":false'),
        ("redirect_302_html", 302, b"<html>"),
        ("login_refused", 401, b'{"response":{"code":401'),
        ("not_json", 200, b"OK"),
        ("empty_object", 200, b"{}"),
    ],
)
async def test_a_fault_spoils_one_upload(
    platform: PlatformServer, client: Client, kind: str, status: int, start: bytes
) -> None:
    platform.faults.add(Fault(kind, store=STORE))
    answer = await client.send()
    assert answer[0] == status
    assert answer[1].startswith(start)
    assert len(platform.lines(STORE)) == (2 if kind.startswith("store_then") else 0)
    assert (await client.send())[0] == 200


async def test_reads_may_be_strange_html_or_falsely_empty(platform: PlatformServer, client: Client) -> None:
    await client.send()
    platform.faults.add(Fault("unknown_shape"), Fault("html_200", method="GET"), Fault("empty_page"))
    assert (await client.send())[0] == 200
    assert "discounts" not in (await client.read())["response"]
    assert (await client.read()).startswith(b"<html>")
    assert await client.codes() == []
    assert await client.codes() == ["1203", "1204"]


async def test_slow_answers_and_too_many_requests(platform: PlatformServer, client: Client) -> None:
    platform.options.delay_ms = 40
    platform.options.rate_limit_per_minute = 2
    began = time.perf_counter()
    statuses = [(await client.send())[0] for _ in range(3)]
    assert time.perf_counter() - began >= 0.12
    assert statuses == [200, 200, 429]
    platform.advance(60)
    assert (await client.send())[0] == 200


@pytest.mark.parametrize(("told", "seconds"), [(True, "60"), (False, None)])
async def test_the_rate_limit_may_tell_when_to_come_again(
    platform: PlatformServer, client: Client, told: bool, seconds: str | None
) -> None:
    platform.options.rate_limit_per_minute, platform.options.rate_limit_retry_after = 1, told
    await client.send()
    async with client.http.get(platform.url + PATH, headers=HEADERS) as answer:
        assert (answer.status, answer.headers.get("Retry-After")) == (429, seconds)


async def test_a_body_too_large_is_refused(platform: PlatformServer, client: Client) -> None:
    platform.options.max_body_bytes = 100
    assert (await client.send())[0] == 413


async def test_a_large_upload_passes(platform: PlatformServer, client: Client) -> None:
    many = [{**LINES[0], "code": str(code)} for code in range(21_000)]
    assert (await client.send(discount_store_lines=many))[0] == 200
    assert len(await client.codes()) == 21_000


async def test_lines_of_others_stand_beside_ours_and_can_be_changed(platform: PlatformServer, client: Client) -> None:
    await client.send()
    line = {"code": "77", "price": "9.90", "final_price": "8.90", "limit": 5}
    platform.add_foreign(STORE, [line, PlatformLine("1203", Decimal(9), Decimal(8))], WINDOW)
    assert await client.codes() == ["1203", "1204", "77", "1203"]
    assert [stored.foreign for stored in platform.lines(STORE)] == [False, False, True, True]
    assert platform.alter(STORE, "77", final_price=Decimal("1.00")) == 1
    platform.erase(STORE, ["1203"])
    assert [(found.code, found.final_price) for found in platform.lines(STORE)] == [
        ("1204", Decimal("4.10")),
        ("77", Decimal("1.00")),
    ]
    platform.erase(STORE)
    assert await client.codes() == []


async def test_what_is_stored_outlives_going_down(platform: PlatformServer, client: Client) -> None:
    await client.send()
    await platform.go_down()
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.send()
    await platform.come_up()
    assert await client.codes() == ["1203", "1204"]


async def test_the_journal_names_headers_and_never_holds_a_value(platform: PlatformServer, client: Client) -> None:
    await client.send(headers={**HEADERS, "X-Trace": "value-of-a-header"})
    async with client.http.get(f"{platform.url}/_fake/journal") as answer:
        over_http = await answer.text()
    assert platform.journal[-1][:2] == ("POST", f"{PATH}/batch_upload")
    assert {"X-AdminUser-Email", "X-AdminUser-Token", "X-Trace"} <= set(platform.journal[-1].headers)
    for text in (repr(platform.journal), over_http):
        for value in (*HEADERS.values(), "value-of-a-header"):
            assert value not in text


async def test_the_control_routes_do_what_the_object_does(platform: PlatformServer, client: Client) -> None:
    async def send(method: str, path: str, document: Any = None) -> tuple[int, Any]:
        async with client.http.request(method, f"{platform.url}/_fake/{path}", json=document) as answer:
            return answer.status, await answer.json()

    assert (await send("POST", "stores", {"registration": "778"}))[0] == 200
    assert (await client.send(store_registrations=["778"]))[0] == 200
    state = (await send("GET", "state"))[1]
    assert (state["stores"], state["uploads"]) == ({STORE: 0, OTHER: 0, "778": 2}, 1)
    foreign = {"store": STORE, "lines": [{"code": "7", "price": 2, "final_price": 1}]}
    window = {"start": "2026-11-23T06:00:00", "end": "2026-11-23T23:59:00-03:00"}
    assert (await send("POST", "lines", {**foreign, **window}))[0] == 200
    assert (await send("GET", f"lines?store={STORE}"))[1][0]["code"] == "7"
    assert await client.codes() == ["7"]
    assert (await send("DELETE", f"lines?store={STORE}&code=7"))[0] == 200
    assert await client.codes() == []
    assert (await send("POST", "faults", [{"kind": "refuse"}, {"kind": "stuck_cursor"}]))[0] == 400
    assert list(platform.faults) == []
    assert (await send("POST", "faults", [{"kind": "inner_422", "times": None}]))[0] == 200
    assert list(platform.faults) == [Fault("inner_422", times=None)]
    assert (await send("PATCH", "options", {"get_shape": "flat"}))[0] == 200
    assert (await send("PATCH", "options", {"get_shape": "round"}))[0] == 400
    assert (await send("POST", "clock", {"advance_seconds": 90}))[0] == 200
    assert platform.now() == NOW + timedelta(seconds=90)
    await send("POST", "reset")
    assert (platform.now(), platform.lines("778"), platform.uploads) == (NOW, [], [])
    assert platform.options.get_shape == "legacy"
