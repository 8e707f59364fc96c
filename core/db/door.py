"""A lock with two queues: who is waited for by a person goes before the rest."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Door:
    """Lets one in after the other. Those who come `soon` pass those who have time, but never who is inside."""

    def __init__(self) -> None:
        self._taken = False
        self._soon: deque[asyncio.Future[None]] = deque()
        self._later: deque[asyncio.Future[None]] = deque()

    @property
    def open(self) -> bool:
        """Tell whether nobody is inside."""
        return not self._taken

    @asynccontextmanager
    async def passing(self, *, soon: bool = False) -> AsyncIterator[None]:
        await self._enter(self._soon if soon else self._later)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, queue: deque[asyncio.Future[None]]) -> None:
        if not self._taken:
            self._taken = True
            return
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                # Let in and cancelled at once: the next one shall not wait for ever.
                self._leave()
            raise

    def _leave(self) -> None:
        """Hand the place on, without ever freeing it between two."""
        for queue in (self._soon, self._later):
            while queue:
                turn = queue.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._taken = False
