"""One keeper for tasks that outlive the call which started them: kept, logged, cancelled."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from core.errors import StartError

log = structlog.get_logger(__name__)
_RESTART_SECONDS = 5.0


class Nursery:
    """Keeps background tasks of the process; a task that dies of an error is logged."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def keep(self, name: str, loop: Callable[[], Awaitable[None]]) -> asyncio.Task[Any]:
        """Run a loop that must never end; one that dies of an error is logged and begun again."""
        return self.start(name, _kept(name, loop))

    async def settle(self) -> None:
        """Return when nothing is under way any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Cancel what still runs and wait until it is gone."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, StartError):
            # Said to the person who started the process, by whoever waits for the task.
            log.error("task_ended", task=task.get_name(), reason=str(error))
        else:
            log.error("task_died", task=task.get_name(), exc_info=error)


async def _kept(name: str, loop: Callable[[], Awaitable[None]]) -> None:
    """Keep a loop alive: the process's own boundary, where an error must not stop the schedule."""
    while True:
        try:
            await loop()
        except Exception:
            log.exception("loop_died", loop=name)
        await asyncio.sleep(_RESTART_SECONDS)
