"""Heavy work takes turns, and lets people go first, but never for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from core.courtesy import ATTENTION_SECONDS, Courtesy, somebody_waits
from tests.kit.leaping import leaping


@pytest.fixture
def courtesy() -> Courtesy:
    return Courtesy()


@asynccontextmanager
async def served(courtesy: Courtesy) -> AsyncIterator[asyncio.Event]:
    """Serve a person in a task of its own until the block ends; the event ends it earlier."""
    begun, done = asyncio.Event(), asyncio.Event()

    async def serve() -> None:
        with courtesy.serving():
            begun.set()
            await done.wait()

    serving = asyncio.ensure_future(serve())
    await begun.wait()
    yield done
    done.set()
    await serving


async def test_pieces_that_are_ready_at_the_same_moment_begin_in_different_rounds_of_the_loop(
    courtesy: Courtesy,
) -> None:
    rounds, number = [], 0

    async def count() -> None:
        nonlocal number
        while True:
            number += 1
            await asyncio.sleep(0)

    async def take() -> None:
        await courtesy.turn()
        rounds.append(number)

    counting = asyncio.ensure_future(count())
    await asyncio.gather(*(take() for _ in range(8)))
    counting.cancel()

    assert len(set(rounds)) == 8


async def test_a_piece_waits_until_the_person_was_served(courtesy: Courtesy) -> None:
    order = []

    async def take() -> None:
        await courtesy.turn()
        order.append("work")

    async with served(courtesy) as done:
        work = asyncio.ensure_future(take())
        for _ in range(20):
            await asyncio.sleep(0)
        order.append("person")
        done.set()
        await work

    assert order == ["person", "work"]


@leaping
async def test_a_person_who_is_never_done_holds_up_no_piece_for_long(courtesy: Courtesy) -> None:
    async with served(courtesy):
        loop = asyncio.get_running_loop()
        began = loop.time()
        for _ in range(100):
            await courtesy.turn()

        # The first few wait their patience each; then the person's whole share of attention is used up.
        assert loop.time() - began == pytest.approx(ATTENTION_SECONDS)


@leaping
async def test_what_a_person_waits_for_does_not_wait_for_people(courtesy: Courtesy) -> None:
    async with served(courtesy):
        with courtesy.serving():
            began = asyncio.get_running_loop().time()
            await courtesy.turn()

    assert asyncio.get_running_loop().time() == began


async def test_what_a_person_set_going_is_nobodys_hurry_once_they_have_their_answer(courtesy: Courtesy) -> None:
    answered = asyncio.Event()
    hurry = []

    async def linger() -> None:
        hurry.append(somebody_waits())
        await answered.wait()
        hurry.append(somebody_waits())

    with courtesy.serving():
        lingering = asyncio.ensure_future(linger())
        await asyncio.sleep(0)
    answered.set()
    await lingering

    assert hurry == [True, False]
    assert not somebody_waits()
