"""Once a day: removes what is old, in our tables and in the engine's (`rules.md` 7.5)."""

import asyncio

import structlog

from core.clock import Clock
from core.errors import ChimeraError
from core.housekeeping.purging import EXECUTIONS, Purge
from jobs.port import Engine

log = structlog.get_logger(__name__)
_FIRST_SECONDS = 15 * 60.0
"""A start has better things to do."""
_EVERY_SECONDS = 24 * 60 * 60.0
_AGAIN_SECONDS = 60 * 60.0


class Housekeeping:
    """Purges daily; every process of a shared database may, since removing twice is removing once."""

    def __init__(self, clock: Clock, engine: Engine, purge: Purge) -> None:
        self._clock = clock
        self._engine = engine
        self._purge = purge

    async def run(self) -> None:
        """Purge for ever; a database that refuses is asked again later."""
        wait = _FIRST_SECONDS
        while True:
            await asyncio.sleep(wait)
            wait = _EVERY_SECONDS
            try:
                await self.tick()
            except ChimeraError as error:
                log.warning("housekeeping failed", error=str(error))
                wait = _AGAIN_SECONDS

    async def tick(self) -> dict[str, int]:
        """Remove what is old now; returns the rows by kind, which the log tells too."""
        counts = await self._purge()
        if workflows := await self._engine.purge(self._clock.now() - EXECUTIONS):
            counts["workflows"] = workflows
        log.info("housekeeping", **counts)
        return counts
