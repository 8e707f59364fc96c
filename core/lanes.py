"""Work side by side, one piece at a time for each chat, card or channel."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, ClassVar

import structlog

from core.db.database import StorageAway
from core.outbox.wake import Listener

POLL_SECONDS = 1.0
_LAST_LOOK_SECONDS = 0.05

log = structlog.get_logger(__name__)

Work = Callable[[], Coroutine[Any, Any, None]]


class Lanes(ABC):
    """Looks for work again and again: at every ring, and after a pause.

    A boundary: what goes wrong in a look or in one lane, a database that is away say, is logged
    and stops nothing else; the next look finds it again.
    """

    name: ClassVar[str]

    def __init__(self, bell: Listener) -> None:
        self.bell = bell
        self.busy: set[int] = set()
        self.stopping = False
        self.ended = asyncio.Event()
        self.ended.set()

    @abstractmethod
    async def look(self) -> Mapping[int, Work]:
        """Return what is to be done, each under the number of its lane."""

    def pause(self) -> float:
        """Return the seconds until the next look, if nobody rings before."""
        return POLL_SECONDS

    async def run(self) -> None:
        """Work until stopped."""
        self.ended.clear()
        async with asyncio.TaskGroup() as lanes:
            while not self.stopping:
                for number, work in (await self._looked()).items():
                    if number not in self.busy:
                        self.busy.add(number)
                        lanes.create_task(self._lane(number, work))
                await self.bell.wait(self.pause())
        self.ended.set()

    async def last_words(self) -> None:
        """Return when nothing is left to do."""
        while self.busy or await self._looked():
            self.bell.ring()
            await asyncio.sleep(_LAST_LOOK_SECONDS)

    def stop(self) -> None:
        """Begin nothing more; `run` ends once the work under way is settled."""
        self.stopping = True
        self.bell.ring()

    async def _looked(self) -> Mapping[int, Work]:
        try:
            return await self.look()
        except StorageAway as error:
            log.warning("look_failed", lanes=self.name, error=str(error))
        except Exception:
            log.exception("look_failed", lanes=self.name)
        return {}

    async def _lane(self, number: int, work: Work) -> None:
        try:
            await work()
        except StorageAway as error:
            log.warning("lane_failed", lanes=self.name, number=number, error=str(error))
        except Exception:
            log.exception("lane_failed", lanes=self.name, number=number)
        finally:
            self.busy.discard(number)
