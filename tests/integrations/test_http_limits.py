"""Rate, concurrency and circuit of the HTTP client; minutes pass in milliseconds on a fast loop."""

import asyncio
import selectors
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web

from core.errors import Conflict, PauseAsked, TemporarilyUnavailable
from core.texts import T
from integrations.breaker import Breaker, CircuitState
from integrations.http import HttpClient, HttpPolicy
from integrations.limits import SlidingWindow
from tests.kit.answering import serving
from tests.kit.leaping import leaping

SPEED = 400.0


class FastSelector(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout / SPEED if timeout and timeout > 0 else timeout)


class FastLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        super().__init__(FastSelector())

    def time(self) -> float:
        return super().time() * SPEED


def run_fast(work: Coroutine[None, None, None]) -> None:
    with asyncio.Runner(loop_factory=FastLoop) as runner:
        runner.run(work)


@asynccontextmanager
async def talking_to(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    policy: HttpPolicy,
    breaker: Breaker | None = None,
) -> AsyncIterator[HttpClient]:
    async with serving(handler) as url:
        client = HttpClient(url, policy, breaker=breaker)
        try:
            yield client
        finally:
            await client.close()


def most_within(times: list[float], window: float) -> int:
    return max(sum(1 for other in times if start <= other < start + window) for start in times)


def test_no_window_of_a_minute_ever_sees_more_than_the_limit() -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        arrivals: list[float] = []

        async def count(_request: web.Request) -> web.Response:
            arrivals.append(loop.time())
            return web.Response()

        async with talking_to(count, HttpPolicy(requests_per_minute=10, read_timeout=1e6)) as client:
            await asyncio.gather(*(client.get("/x") for _ in range(35)))
            assert client.health.rate_limit == 10
            assert client.health.rate_in_use is not None
            assert client.health.rate_in_use <= 10
        assert len(arrivals) == 35
        # Only what holds on any machine: a busy one takes minutes of this clock for a single answer.
        assert most_within(arrivals, 60.0) <= 10
        assert arrivals[-1] - arrivals[0] >= 3 * 60

    run_fast(scenario())


@leaping
async def test_the_whole_limit_is_there_at_once_and_no_more() -> None:
    window = SlidingWindow(3, 0.1)
    for _ in range(3):
        async with asyncio.timeout(0.05):
            await window.start()
        window.arrived()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await window.start()
    assert window.in_use() == 3


@leaping
async def test_a_request_under_way_keeps_its_place_longer_than_the_window() -> None:
    window = SlidingWindow(1, 0.03)
    await window.start()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.06):
            await window.start()
    window.give_back()
    async with asyncio.timeout(0.02):
        await window.start()


@leaping
async def test_a_waiter_that_gives_up_takes_no_place_and_the_next_one_goes_on() -> None:
    window = SlidingWindow(1, 0.05)
    await window.start()
    window.arrived()
    first, second = asyncio.create_task(window.start()), asyncio.create_task(window.start())
    await asyncio.sleep(0.01)
    first.cancel()
    async with asyncio.timeout(0.1):
        await second
    assert window.in_use() == 1


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        SlidingWindow(0)


async def test_a_call_that_shall_not_go_any_more_when_it_has_its_turn_leaves_nothing_behind() -> None:
    bodies: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        return web.Response()

    async def stopped() -> None:
        raise Conflict(T("Paused."))

    async with talking_to(take, HttpPolicy(requests_per_minute=1, max_parallel=1)) as client:
        with pytest.raises(Conflict):
            await client.post("/x", content=b"stopped", leaving=stopped)
        # Less than the minute that a place which is not given back would be taken for.
        async with asyncio.timeout(30):
            assert (await client.post("/x", content=b"goes")).status == 200
    assert bodies == [b"goes"]


async def test_no_more_calls_run_at_once_than_allowed() -> None:
    running = most = 0

    async def slow(_request: web.Request) -> web.Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.005)
        running -= 1
        return web.Response()

    async with talking_to(slow, HttpPolicy(max_parallel=3)) as client:
        await asyncio.gather(*(client.get("/x") for _ in range(12)))
    assert most == 3


@pytest.mark.parametrize("policy", [HttpPolicy(max_parallel=2), HttpPolicy(requests_per_minute=600)])
def test_the_pause_that_one_call_is_asked_for_is_kept_by_all(policy: HttpPolicy) -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        answered: list[tuple[int, float]] = []

        async def busy(_request: web.Request) -> web.Response:
            status = 200 if answered else 429
            answered.append((status, loop.time()))
            return web.Response(status=status, headers={"Retry-After": "60"} if status == 429 else {})

        async with talking_to(busy, replace(policy, read_timeout=1e6)) as client:
            assert (await client.post("/x", content=b"{}")).status == 429
            assert client.health.rests_for
            others = [client.get("/x"), client.post("/x", content=b"{}"), client.get("/x")]
            assert [one.status for one in await asyncio.gather(*others)] == [200] * 3
            assert not client.health.rests_for
        assert [status for status, _ in answered] == [429, 200, 200, 200]
        assert min(at for _, at in answered[1:]) - answered[0][1] >= 60

    run_fast(scenario())


async def test_a_pause_longer_than_a_call_may_wait_is_told_to_all_and_nobody_calls() -> None:
    calls = 0

    async def busy(_request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        return web.Response(status=429, headers={"Retry-After": "600"})

    async with talking_to(busy, HttpPolicy()) as client:
        for number in range(3):
            with pytest.raises(PauseAsked) as caught:
                await (client.post("/x", content=b"{}", retry=number == 1) if number else client.get("/x"))
            assert 590 < caught.value.seconds <= 600
    assert calls == 1


async def test_a_dead_host_gets_a_rest_and_is_found_again_by_one_probe() -> None:
    calls: list[int] = []
    status = 500

    async def ill(_request: web.Request) -> web.Response:
        calls.append(1)
        await asyncio.sleep(0.01)
        return web.Response(status=status)

    breaker = Breaker(threshold=10, open_for=0.05)
    async with talking_to(ill, HttpPolicy(), breaker) as client:

        def circuit() -> CircuitState:
            return client.health.circuit

        for _ in range(10):
            await client.get("/x")
        assert circuit() is CircuitState.OPEN
        with pytest.raises(TemporarilyUnavailable) as caught:
            await client.post("/x", content=b"{}")
        assert 0 < (caught.value.retry_after or 0) <= 0.05
        assert len(calls) == 10
        await asyncio.sleep(0.06)
        assert circuit() is CircuitState.HALF_OPEN
        status = 200
        assert (await client.post("/x", content=b"{}")).status == 200
        assert circuit() is CircuitState.CLOSED
        assert client.health.reopens_in == 0


@pytest.mark.parametrize(("status", "calls"), [(200, 5), (500, 1)])
async def test_who_comes_while_a_host_is_probed_waits_for_what_the_probe_finds(status: int, calls: int) -> None:
    came = 0

    async def ill(_request: web.Request) -> web.Response:
        nonlocal came
        came += 1
        await asyncio.sleep(0.02)
        return web.Response(status=status)

    breaker = Breaker(threshold=1, open_for=0.05, longest=60)
    breaker.failed(asyncio.get_running_loop().time())
    async with talking_to(ill, HttpPolicy(attempts=1), breaker) as client:
        await asyncio.sleep(0.06)
        waiting = [client.post("/x", content=b"{}"), *(client.get("/x") for _ in range(4))]
        ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert came == calls
    answered = [one for one in ended if not isinstance(one, BaseException)]
    assert [one.status for one in answered] == [status] * calls
    assert all(isinstance(one, TemporarilyUnavailable) for one in ended if one not in answered)


async def test_faults_between_good_answers_never_open_the_circuit() -> None:
    count = 0

    async def shaky(_request: web.Request) -> web.Response:
        nonlocal count
        count += 1
        return web.Response(status=200 if count % 10 == 0 else 503)

    async with talking_to(shaky, HttpPolicy(attempts=1)) as client:
        for turn in range(1, 41):
            if turn % 10:
                with pytest.raises(TemporarilyUnavailable, match="503"):
                    await client.get("/x")
            else:
                await client.get("/x")
        assert client.health.circuit is CircuitState.CLOSED
        assert client.health.success_rate == 0.1


async def test_being_told_to_slow_down_never_opens_the_circuit() -> None:
    async def busy(_request: web.Request) -> web.Response:
        return web.Response(status=429)

    async with talking_to(busy, HttpPolicy()) as client:
        for _ in range(30):
            await client.post("/x", content=b"{}")
        assert client.health.circuit is CircuitState.CLOSED


def test_a_failed_probe_doubles_the_rest_up_to_a_bound() -> None:
    breaker = Breaker(threshold=1, open_for=5, longest=15)
    breaker.failed(0)
    waits = []
    now = 0.0
    for _ in range(4):
        waits.append(breaker.wait(now))
        now += breaker.wait(now)
        assert breaker.admit(now) == 0
        breaker.failed(now)
    assert waits == [5, 10, 15, 15]


def test_a_cancelled_probe_gives_its_place_to_the_next() -> None:
    breaker = Breaker(threshold=1, open_for=5)
    breaker.failed(0)
    assert breaker.admit(6) == 0
    assert breaker.admit(6) > 0
    breaker.abandoned()
    assert breaker.admit(6) == 0


def test_late_failures_do_not_prolong_the_rest() -> None:
    breaker = Breaker(threshold=2, open_for=5)
    for now in (0, 0, 3, 4):
        breaker.failed(now)
    assert breaker.wait(4) == 1


async def test_the_health_record_shows_calls_without_queries() -> None:
    async def fine(_request: web.Request) -> web.Response:
        return web.Response()

    async with talking_to(fine, HttpPolicy()) as client:
        assert client.health.success_rate is None
        await client.get("/products?token=abc")
        (call,) = client.health.calls()
        assert (call.method, call.path, call.status, call.good) == ("GET", "/products", 200, True)
        assert (client.health.total, client.health.failed, client.health.active) == (1, 0, 0)
        assert client.health.rate_in_use is None
