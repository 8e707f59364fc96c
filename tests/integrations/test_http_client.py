"""The HTTP client against a real server on loopback: answers, retries, cookies, limits of size."""

import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from time import perf_counter

import pytest
from aiohttp import web

from core.errors import BadInput, OutcomeUnknown, PauseAsked, TemporarilyUnavailable, UnreadableAnswer
from integrations.http import HttpClient, HttpPolicy
from tests.kit.answering import serving

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
FAST = HttpPolicy(backoff=0.001, read_timeout=2.0)


class Script:
    """Answers the next request with the next status, the last one for ever."""

    def __init__(self, *statuses: int, headers: dict[str, str] | None = None) -> None:
        self.statuses = list(statuses)
        self.headers = headers or {}
        self.seen: list[web.Request] = []

    async def answer(self, request: web.Request) -> web.Response:
        await request.read()
        self.seen.append(request)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return web.Response(status=status, body=b"body", headers=self.headers)


@asynccontextmanager
async def talking_to(handler: Handler | Script, policy: HttpPolicy = FAST, base: str = "") -> AsyncIterator[HttpClient]:
    async with serving(handler.answer if isinstance(handler, Script) else handler) as url:
        client = HttpClient(url + base, policy)
        try:
            yield client
        finally:
            await client.close()


async def test_an_answer_carries_status_body_and_headers_of_any_case() -> None:
    async with talking_to(Script(200, headers={"X-Thing": "yes"})) as client:
        answer = await client.get("/x")
    assert (answer.status, answer.body, answer.headers["x-thing"]) == (200, b"body", "yes")
    assert answer.took.total_seconds() > 0


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422, 500, 501])
async def test_a_complete_refusal_is_an_answer_and_not_tried_again(status: int) -> None:
    server = Script(status)
    async with talking_to(server) as client:
        assert (await client.get("/x")).status == status
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [301, 302, 307])
async def test_a_redirect_is_never_followed(status: int) -> None:
    server = Script(status, headers={"Location": "/elsewhere"})
    async with talking_to(server) as client:
        answer = await client.get("/x")
    assert answer.status == status
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_not_now_is_tried_again(status: int) -> None:
    server = Script(status, status, 200)
    async with talking_to(server) as client:
        assert (await client.get("/x")).status == 200
    assert len(server.seen) == 3


async def test_not_now_to_the_end_says_when_to_come_back() -> None:
    server = Script(503, headers={"Retry-After": "0"})
    async with talking_to(server) as client:
        with pytest.raises(TemporarilyUnavailable) as caught:
            await client.get("/x")
    assert len(server.seen) == 3
    assert caught.value.retry_after == 0
    assert "503" in str(caught.value.text)


async def test_retry_after_wins_over_the_backoff() -> None:
    server = Script(429, 200, headers={"Retry-After": "1"})
    async with talking_to(server, HttpPolicy(backoff=0.001, max_wait=1)) as client:
        begun = perf_counter()
        assert (await client.get("/x")).status == 200
    assert perf_counter() - begun >= 1


async def test_a_pause_longer_than_a_call_may_wait_is_not_cut_short_but_told() -> None:
    server = Script(429, 200, headers={"Retry-After": "121"})
    async with talking_to(server) as client:
        with pytest.raises(PauseAsked) as caught:
            await client.get("/x")
    assert (caught.value.seconds, caught.value.text.count, len(server.seen)) == (121, 3, 1)


@pytest.mark.parametrize(("status", "waits"), [(429, True), (503, False)])
async def test_too_many_requests_without_a_time_are_waited_out_as_the_policy_says(status: int, waits: bool) -> None:
    server = Script(status, 200)
    async with talking_to(server, HttpPolicy(backoff=0.001, busy_wait=0.3)) as client:
        begun = perf_counter()
        assert (await client.get("/x")).status == 200
    assert (perf_counter() - begun >= 0.3) is waits


async def test_retry_after_as_a_date_counts_from_the_servers_own_clock() -> None:
    headers = {"Date": "Mon, 23 Nov 2026 10:00:00 GMT", "Retry-After": "Mon, 23 Nov 2026 10:01:30 GMT"}
    async with talking_to(Script(429, headers=headers)) as client:
        answer = await client.post("/x", content=b"")
    assert answer.retry_after == 90


@pytest.mark.parametrize("endless", ["9" * 20, "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
async def test_an_endless_retry_after_is_a_day(endless: str) -> None:
    headers = {"Date": "Mon, 23 Nov 2026 10:00:00 GMT", "Retry-After": endless}
    async with talking_to(Script(200, headers=headers)) as client:
        assert (await client.get("/x")).retry_after == timedelta(days=1).total_seconds()


@pytest.mark.parametrize("senseless", ["soon", "-5", "1.5", "Mon, 23 Nov 2026 10:00:00 +99999999999999"])
async def test_a_senseless_retry_after_is_none(senseless: str) -> None:
    headers = {"Date": "Mon, 23 Nov 2026 10:00:00 GMT", "Retry-After": senseless}
    async with talking_to(Script(200, headers=headers)) as client:
        assert (await client.get("/x")).retry_after is None


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_post_is_sent_once_and_its_answer_returned_whatever_it_is(status: int) -> None:
    server = Script(status, 200)
    async with talking_to(server) as client:
        assert (await client.post("/x", content=b"{}")).status == status
    assert len(server.seen) == 1


async def test_a_harmless_post_is_tried_again() -> None:
    server = Script(503, 200)
    async with talking_to(server) as client:
        assert (await client.post("/login", content=b"{}", retry=True)).status == 200
    assert len(server.seen) == 2


async def test_a_too_large_answer_is_unreadable_and_after_a_post_unknown() -> None:
    async def large(_request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 5000)

    async with talking_to(large, HttpPolicy(max_body=4999)) as client:
        with pytest.raises(UnreadableAnswer):
            await client.get("/x")
        with pytest.raises(OutcomeUnknown):
            await client.post("/x", content=b"{}")


async def test_a_compressed_bomb_counts_by_its_full_size() -> None:
    async def bomb(_request: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(b"0" * 500_000), headers={"Content-Encoding": "gzip"})

    async with talking_to(bomb, HttpPolicy(max_body=100_000)) as client:
        with pytest.raises(UnreadableAnswer):
            await client.get("/x")


async def test_a_compressed_answer_arrives_plain() -> None:
    async def packed(_request: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(b"plain"), headers={"Content-Encoding": "gzip"})

    async with talking_to(packed) as client:
        assert (await client.get("/x")).body == b"plain"


async def test_damaged_compression_is_unreadable() -> None:
    async def damaged(_request: web.Request) -> web.Response:
        return web.Response(body=b"no gzip at all", headers={"Content-Encoding": "gzip"})

    async with talking_to(damaged) as client:
        with pytest.raises(UnreadableAnswer):
            await client.get("/x")


async def test_cookies_are_kept() -> None:
    seen: list[str | None] = []

    async def login(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Cookie"))
        return web.Response(headers={"Set-Cookie": "session=abc; Path=/"})

    async with talking_to(login) as client:
        await client.post("/login", content=b"")
        await client.get("/x")
    assert seen == [None, "session=abc"]


async def test_parameters_and_paths_arrive_as_they_were_given() -> None:
    server = Script(200)
    odd: dict[str, str | int] = {"cursor": "a+b/c==&d é%2F", "page": 100}
    async with talking_to(server, base="/api/") as client:
        await client.get("/v1.1/prod%2Fx", params=odd)
        await client.get("v1/y?fixed=1")
    assert server.seen[0].query == {"cursor": "a+b/c==&d é%2F", "page": "100"}
    assert server.seen[0].raw_path.startswith("/api/v1.1/prod%2Fx?")
    assert server.seen[1].raw_path == "/api/v1/y?fixed=1"


async def test_a_path_cannot_name_another_host() -> None:
    server = Script(200)
    async with talking_to(server) as client:
        await client.get("//elsewhere.invalid/x")
        await client.get("http://elsewhere.invalid/x")
    assert [request.host.split(":")[0] for request in server.seen] == ["127.0.0.1"] * 2


async def test_headers_are_sent_and_the_body_is_untouched() -> None:
    bodies: list[tuple[str, bytes]] = []

    async def keep(request: web.Request) -> web.Response:
        bodies.append((request.headers["Content-Type"], await request.read()))
        return web.Response()

    async with talking_to(keep) as client:
        await client.post("/x", content=b'{"a":1}', headers={"Content-Type": "application/json"})
    assert bodies == [("application/json", b'{"a":1}')]


@pytest.mark.parametrize("address", ["ftp://host/", "host:8080", "", "http://", "http://[::1"])
async def test_a_senseless_address_is_bad_input(address: str) -> None:
    with pytest.raises(BadInput):
        HttpClient(address, HttpPolicy())


async def test_odd_characters_of_a_path_travel_quoted_and_break_no_line() -> None:
    server = Script(200)
    async with talking_to(server) as client:
        await client.get("/loja 1/a\nb\r\nX-Evil: 1", params={"q": "ação&b=c"})

    assert server.seen[0].raw_path == "/loja%201/abX-Evil:%201?q=a%C3%A7%C3%A3o%26b%3Dc"
    assert "X-Evil" not in server.seen[0].headers
