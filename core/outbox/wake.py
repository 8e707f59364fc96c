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
        self._events: list[asyncio.Event] = []

    def listener(self) -> Listener:
        made = Listener()
        self._listeners.append(made)
        return made

    def also(self, event: asyncio.Event) -> None:
        """Set an event at every ring too, for workers with a wait of their own."""
        self._events.append(event)

    def ring(self) -> None:
        for listener in self._listeners:
            listener.ring()
        for event in self._events:
            event.set()
