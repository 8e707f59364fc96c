"""How many catalogues are read at once (`rp.md` 1), without holding up others while waiting."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Seats:
    """A limited number of seats for scans.

    A scan that only waits leaves its seat, so that another store goes on meanwhile. It comes
    back before those who have not begun: else its catalogue would grow old in the queue.
    """

    def __init__(self, number: int) -> None:
        self._free = number
        self._returning: deque[asyncio.Future[None]] = deque()
        self._new: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def seat(self) -> AsyncIterator["Seat"]:
        """Hold a seat for as long as the block runs."""
        seat = Seat(self)
        await seat.sit(returning=False)
        try:
            yield seat
        finally:
            seat.leave()

    async def take(self, *, returning: bool) -> None:
        if self._free and not self._returning:
            self._free -= 1
            return
        queue = self._returning if returning else self._new
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back()
            raise

    def give_back(self) -> None:
        for queue in (self._returning, self._new):
            while queue:
                turn = queue.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._free += 1


class Seat:
    """One scan's place; left at most once, however the scan ends."""

    def __init__(self, seats: Seats) -> None:
        self._seats = seats
        self._held = False

    async def sit(self, *, returning: bool) -> None:
        await self._seats.take(returning=returning)
        self._held = True

    def leave(self) -> None:
        if self._held:
            self._held = False
            self._seats.give_back()

    async def pause(self, seconds: float) -> None:
        """Wait without the seat; a pause of zero keeps it."""
        if seconds:
            self.leave()
            await asyncio.sleep(seconds)
            await self.sit(returning=True)
