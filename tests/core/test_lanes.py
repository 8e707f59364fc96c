"""Work side by side: whatever goes wrong in one place, the rest goes on."""

import asyncio
from collections.abc import Mapping
from functools import partial

from core.lanes import Lanes, Work
from core.outbox.wake import Listener


class Kitchen(Lanes):
    """Cooks what was ordered, one dish at a time at each table."""

    name = "kitchen"

    def __init__(self) -> None:
        super().__init__(Listener())
        self.orders: dict[int, list[str]] = {}
        self.cooked: list[str] = []
        self.looks = 0
        self.blind = False
        self.fire = asyncio.Event()

    async def look(self) -> Mapping[int, Work]:
        self.looks += 1
        if self.blind:
            self.blind = False
            raise OSError
        return {table: partial(self._cook, table) for table, dishes in self.orders.items() if dishes}

    def order(self, table: int, dish: str) -> None:
        self.orders.setdefault(table, []).append(dish)
        self.bell.ring()

    async def _cook(self, table: int) -> None:
        while self.orders[table]:
            dish = self.orders[table].pop(0)
            if dish == "burnt":
                raise ValueError(dish)
            if dish == "slow":
                await self.fire.wait()
            self.cooked.append(dish)

    async def served(self, *dishes: str) -> None:
        async with asyncio.timeout(60):
            while sorted(self.cooked) != sorted(dishes):  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0)


async def test_a_lane_that_breaks_stops_no_other_and_is_taken_up_again() -> None:
    kitchen = Kitchen()
    async with asyncio.TaskGroup() as group:
        group.create_task(kitchen.run())
        kitchen.order(1, "burnt")
        kitchen.order(1, "soup")
        kitchen.order(2, "fish")
        await kitchen.last_words()
        assert sorted(kitchen.cooked) == ["fish", "soup"]
        kitchen.stop()


async def test_a_look_that_fails_is_made_again() -> None:
    kitchen = Kitchen()
    kitchen.blind = True
    kitchen.order(1, "soup")
    async with asyncio.TaskGroup() as group:
        group.create_task(kitchen.run())
        while not kitchen.looks:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)
        kitchen.bell.ring()
        await kitchen.served("soup")
        kitchen.stop()


async def test_one_lane_is_never_worked_on_twice_at_once_and_holds_up_no_other() -> None:
    kitchen = Kitchen()
    async with asyncio.TaskGroup() as group:
        group.create_task(kitchen.run())
        kitchen.order(1, "slow")
        while not kitchen.busy:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)
        kitchen.order(1, "soup")
        kitchen.order(2, "fish")
        await kitchen.served("fish")
        kitchen.fire.set()
        await kitchen.served("fish", "slow", "soup")
        kitchen.stop()
    assert kitchen.cooked == ["fish", "slow", "soup"]


async def test_a_stop_lets_what_is_under_way_end_and_begins_nothing_more() -> None:
    kitchen = Kitchen()
    async with asyncio.TaskGroup() as group:
        group.create_task(kitchen.run())
        kitchen.order(1, "slow")
        while not kitchen.busy:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)
        kitchen.stop()
        kitchen.order(2, "fish")
        assert not kitchen.ended.is_set()
        kitchen.fire.set()
        await kitchen.ended.wait()
    assert kitchen.cooked == ["slow"]
