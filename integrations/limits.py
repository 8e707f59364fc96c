"""The rate limit towards the other side: exact, not on average.

A leaky bucket lets twice the allowed number through in its first window, which is what makes
a counting server answer 429. Here every start is remembered until its window has passed.
"""

import asyncio
from collections import deque


class SlidingWindow:
    """Lets at most `limit` starts happen in any `window` seconds; waiters go first come, first served.

    Time is the running loop's.
    """

    def __init__(self, limit: int, window: float = 60.0) -> None:
        if limit < 1:
            raise ValueError("A rate limit allows at least one start")
        self.limit = limit
        self.window = window
        self._starts: deque[float] = deque()
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Wait until one more start is allowed, and count it."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            while len(self._starts) >= self.limit:
                wait = self._starts[0] + self.window - loop.time()
                if wait <= 0:
                    self._starts.popleft()
                else:
                    await asyncio.sleep(wait)
            self._starts.append(loop.time())

    def in_use(self) -> int:
        """Return how many starts lie within the last window."""
        oldest = asyncio.get_running_loop().time() - self.window
        return sum(1 for start in self._starts if start > oldest)
