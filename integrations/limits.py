"""The rate limit towards the other side: exact, not on average.

A leaky bucket lets twice the allowed number through in its first window, which is what makes
a counting server answer 429. Here a start keeps its place until a whole window has passed
since its answer began: whenever the request reached the server, the server's own count of
any window can never exceed the limit.
"""

import asyncio
from collections import deque


class Rest:
    """The pause that the other side asked for, of whomever: until its end nobody calls. Time is the running loop's."""

    def __init__(self) -> None:
        self._until = 0.0

    def ask(self, seconds: float) -> None:
        """Rest for so long from now on; a longer pause that was asked for before stays."""
        self._until = max(self._until, asyncio.get_running_loop().time() + seconds)

    def left(self) -> float:
        """Return the seconds until its end, 0 without one."""
        return max(self._until - asyncio.get_running_loop().time(), 0.0)


class SlidingWindow:
    """Lets at most `limit` requests reach the other side in any `window` seconds, in order of asking.

    Each `start` is followed by exactly one `arrived` or `give_back`. Time is the running loop's.
    """

    def __init__(self, limit: int, window: float = 60.0) -> None:
        if limit < 1:
            raise ValueError("A rate limit allows at least one start")
        self.limit = limit
        self.window = window
        self._flying = 0
        self._arrived: deque[float] = deque()
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()

    async def start(self) -> None:
        """Wait until one more request is allowed, and take its place."""
        async with self._turn:
            while self.in_use() >= self.limit:
                await self._wait_for_place()
            self._flying += 1

    def arrived(self) -> None:
        """Tell that the request is at the other side by now (or will never get there)."""
        self._flying -= 1
        self._arrived.append(asyncio.get_running_loop().time())
        self._changed.set()

    def give_back(self) -> None:
        """Return the place: nothing was sent."""
        self._flying -= 1
        self._changed.set()

    def in_use(self) -> int:
        """Return how many places are taken now."""
        oldest = asyncio.get_running_loop().time() - self.window
        while self._arrived and self._arrived[0] <= oldest:
            self._arrived.popleft()
        return self._flying + len(self._arrived)

    async def _wait_for_place(self) -> None:
        self._changed.clear()
        loop = asyncio.get_running_loop()
        timer = None
        if self._arrived:
            timer = loop.call_at(self._arrived[0] + self.window, self._changed.set)
        try:
            await self._changed.wait()
        finally:
            if timer is not None:
                timer.cancel()
