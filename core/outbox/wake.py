"""A bell inside the process: what was just written need not wait for the next look."""

import asyncio
from contextlib import suppress


class Listener:
    """One waiting worker."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Return at the next ring, or after so many seconds (other processes do not ring here)."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        self._rung.clear()


class Wake:
    """Wakes every listener at once. Ring it after the transaction, never inside it."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listener(self) -> Listener:
        made = Listener()
        self._listeners.append(made)
        return made

    def ring(self) -> None:
        for listener in self._listeners:
            listener.ring()
