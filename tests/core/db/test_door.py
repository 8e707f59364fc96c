"""The queue of writers: nobody waits for ever, and a person's short write goes first."""

import asyncio

import pytest

from core.db.door import Door


async def test_a_short_write_that_somebody_waits_for_passes_those_who_have_time() -> None:
    door, order = Door(), list[str]()

    async def go(name: str, *, soon: bool = False) -> None:
        async with door.passing(soon=soon):
            order.append(name)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for name in ("inside", "catalogue", "log"):
            group.create_task(go(name))
        group.create_task(go("tap", soon=True))

    assert order == ["inside", "tap", "catalogue", "log"]


async def test_one_at_a_time_is_inside() -> None:
    door, inside, most = Door(), 0, 0

    async def go(number: int) -> None:
        nonlocal inside, most
        async with door.passing(soon=number % 3 == 0):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(go(number) for number in range(30)))

    assert (most, inside) == (1, 0)


@pytest.mark.parametrize("let_in", [False, True], ids=["waiting", "just let in"])
async def test_who_gives_up_holds_nobody_up(*, let_in: bool) -> None:
    door = Door()

    async def go() -> str:
        async with door.passing():
            return "through"

    async with door.passing():
        impatient, next_one = asyncio.create_task(go()), asyncio.create_task(go())
        await asyncio.sleep(0)
        if not let_in:
            impatient.cancel()
    impatient.cancel()

    async with asyncio.timeout(30):
        assert await next_one == "through"
        assert await go() == "through"
    assert impatient.cancelled()


async def test_an_error_inside_lets_the_next_one_in() -> None:
    door = Door()
    with pytest.raises(ValueError, match="inside"):
        async with door.passing():
            raise ValueError("inside")

    async with asyncio.timeout(30), door.passing():
        pass
