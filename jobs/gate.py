"""The gate that every step passes, so that a stop loses nothing.

Closed, it lets nobody in and nobody out of a pause: such a step simply never ends in this
process, and runs again after the restart. Who is at work inside is waited for. Abandoned, it
cancels who stands before it: by then nobody can take that for an end of the step.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Gate:
    """Counts the steps at work; `close` waits until they are done or pausing."""

    def __init__(self) -> None:
        self._closed = False
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()
        self._closing = asyncio.Event()
        self._abandoned = asyncio.Event()

    @asynccontextmanager
    async def work(self) -> AsyncIterator[None]:
        await self._enter()
        try:
            yield
        finally:
            self._leave()

    @asynccontextmanager
    async def outside(self) -> AsyncIterator[None]:
        """Do within `work` what a stop need not wait for: reading, which is simply done again."""
        self._leave()
        try:
            yield
        except asyncio.CancelledError:
            # The loop is going down and cancels once only: count again, but wait for nothing.
            self._inside += 1
            raise
        except BaseException:
            await self._enter()
            raise
        await self._enter()

    async def pause(self, seconds: float) -> None:
        """Sleep inside `work` without holding up a stop."""
        self._leave()
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            pass
        finally:
            await self._enter()

    async def close(self, patience: float) -> None:
        """Let nobody in any more and wait, at most `patience` seconds, for those inside."""
        self._closed = True
        self._closing.set()
        try:
            await asyncio.wait_for(self._empty.wait(), patience)
        except TimeoutError:
            return

    def abandon(self) -> None:
        """Cancel who waits before the closed gate: left there, they would be collected as garbage in mid-wait."""
        self._abandoned.set()

    async def _enter(self) -> None:
        if self._closed:
            await self._abandoned.wait()
            raise asyncio.CancelledError
        self._inside += 1
        self._empty.clear()

    def _leave(self) -> None:
        self._inside -= 1
        if not self._inside:
            self._empty.set()
