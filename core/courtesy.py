"""Heavy work on the event loop takes turns, and lets people go first.

Decoding a page or comparing a list takes milliseconds in one piece, in which nobody else in the
process gets a word in. Each such piece asks for its turn before it begins.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from core.interpreter import tidy

ATTENTION_SECONDS = 0.25
"""For so long at most one request of a person holds up heavy work: it may itself wait for others."""
_PATIENCE_SECONDS = 0.05
"""So long at most one piece waits, so that work goes on however many people are served."""


@dataclass(eq=False, slots=True)
class _Visit:
    """One request of a person under way; `over` outlives it in tasks that it set going."""

    over: bool = False


_visit: ContextVar[_Visit | None] = ContextVar("visit", default=None)


def somebody_waits() -> bool:
    """Tell whether the running task does what a person waits for."""
    visit = _visit.get()
    return visit is not None and not visit.over


class Courtesy:
    """One for the whole process: knows who is being served, and whose turn it is."""

    def __init__(self) -> None:
        self._visits: set[_Visit] = set()
        self._nobody = asyncio.Event()
        self._nobody.set()
        self._one_by_one = asyncio.Lock()

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Do what a person waits for: no heavy piece begins meanwhile, within bounds."""
        visit = _Visit()
        self._visits.add(visit)
        self._nobody.clear()
        token = _visit.set(visit)
        timer = asyncio.get_running_loop().call_later(ATTENTION_SECONDS, self._leave, visit)
        try:
            yield
        finally:
            visit.over = True
            timer.cancel()
            _visit.reset(token)
            self._leave(visit)

    async def turn(self) -> None:
        """Return when a piece of a few milliseconds may begin.

        That is in a round of the loop in which nobody else returns from here, and while nobody
        is served. What a person waits for does not wait for people.
        """
        if somebody_waits():
            await asyncio.sleep(0)
            return
        async with self._one_by_one:
            if self._visits:
                await self._until_alone()
            tidy()
            await asyncio.sleep(0)

    async def _until_alone(self) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._nobody.wait()
        except TimeoutError:
            return

    def _leave(self, visit: _Visit) -> None:
        self._visits.discard(visit)
        if not self._visits:
            self._nobody.set()
