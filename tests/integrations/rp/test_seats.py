"""A limited number of stores at once, and nobody held up by one that only waits."""

import asyncio
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from integrations.contract import StoreRef
from integrations.rp.connection import RpConnection
from integrations.rp.seats import Seats
from sandbox.faults import Call
from sandbox.rp.server import RpServer

Connect = Callable[..., RpConnection]
Scan = Callable[[RpConnection, StoreRef], Any]
OTHER = "33444555000181"


async def test_other_stores_go_on_while_one_waits_to_confirm_its_end(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.add_store(OTHER, unit_code="002", size=25, discounted=10)
    order: list[str | None] = []

    def note(call: Call) -> None:
        order.append(call.store)

    erp.before_answer = note
    connection = connect(erp.url, max_parallel_scans=1, confirm_delay_ms=100)
    other = StoreRef("s2", "002 Norte", OTHER, OTHER, OTHER, ZoneInfo("America/Sao_Paulo"))
    await asyncio.gather(scan(connection, store), scan(connection, other))
    first, second = store.cnpj, OTHER
    assert order[1:] == [first, first, second, second, first, second]


async def test_never_more_scans_at_once_than_there_are_seats(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.options.delay_ms = 5
    busy = most = 0
    connection = connect(erp.url, max_parallel_scans=2, page_size=5)

    async def watched() -> None:
        nonlocal busy, most
        async for _ in connection.scan(store):
            most = max(most, connection.http.health.active + 1)

    await asyncio.gather(*(watched() for _ in range(5)))
    assert most <= 2


async def test_a_scan_given_up_half_way_frees_its_seat(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    connection = connect(erp.url, max_parallel_scans=1, page_size=2)
    pages = connection.scan(store)
    await anext(pages)
    await pages.aclose()  # type: ignore[attr-defined]  # the contract promises an iterator, generators close
    async with asyncio.timeout(30):
        assert (await scan(connection, store)).read == 10


async def test_a_cancelled_wait_for_a_seat_loses_none() -> None:
    seats = Seats(1)
    async with seats.seat() as seat:
        waiting = [asyncio.create_task(_sit(seats)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        seat.leave()
        waiting[1].cancel()
        await asyncio.gather(*waiting[:2], return_exceptions=True)
        async with asyncio.timeout(30):
            assert await waiting[2] == "sat"
    async with asyncio.timeout(30):
        assert await _sit(seats) == "sat"


async def test_a_seat_is_free_during_the_pause_and_not_only_after_it() -> None:
    seats = Seats(1)
    async with seats.seat() as seat, asyncio.timeout(30):
        pausing = asyncio.create_task(seat.pause(60))
        assert await _sit(seats) == "sat"
        pausing.cancel()


async def test_who_comes_back_goes_before_who_has_not_begun() -> None:
    seats, order = Seats(1), []

    async def work(name: str, *, pause: float) -> None:
        async with seats.seat() as seat:
            await seat.pause(pause)
            order.append(name)
            await asyncio.sleep(0.02)

    async with asyncio.TaskGroup() as group:
        for name, pause in (("waits", 0.01), ("second", 0), ("third", 0), ("fourth", 0)):
            group.create_task(work(name, pause=pause))
    assert order == ["second", "waits", "third", "fourth"]


async def test_a_scan_cancelled_in_its_pause_gives_the_seat_back_once() -> None:
    seats = Seats(1)

    async def work() -> None:
        async with seats.seat() as seat:
            await seat.pause(60)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with seats.seat():
        blocked = asyncio.create_task(_sit(seats))
        await asyncio.sleep(0.01)
        assert not blocked.done()
    assert await blocked == "sat"


async def _sit(seats: Seats) -> str:
    async with seats.seat():
        return "sat"
