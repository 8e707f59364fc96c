"""Once a day: removes what is old, in our tables and in the engine's (`rules.md` 7.5).

What a scheduled cleanup job looks after is left to it.
"""

import asyncio

import structlog
from sqlalchemy import select

from core.clock import Clock
from core.db.database import Database
from core.errors import ChimeraError
from core.housekeeping.kinds import PurgeScope
from core.housekeeping.purging import Purge
from core.housekeeping.retention import Retention
from core.jobs.model import Job, JobType
from core.organisations.model import Organisation
from jobs.port import Engine

log = structlog.get_logger(__name__)
_FIRST_SECONDS = 15 * 60.0
"""A start has better things to do."""
_EVERY_SECONDS = 24 * 60 * 60.0
_AGAIN_SECONDS = 60 * 60.0


class Housekeeping:
    """Purges daily; every process of a shared database may, since removing twice is removing once."""

    def __init__(self, database: Database, clock: Clock, engine: Engine, purge: Purge) -> None:
        self._database = database
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
        now, usual = self._clock.now(), Retention()
        counts: dict[str, int] = {}
        for organisation_id in await self._unattended():
            for name, freed in (await self._purge(PurgeScope(organisation_id, now, usual))).items():
                counts[name] = counts.get(name, 0) + freed.rows
        counts["workflows"] = await self._engine.purge(now - usual.runs)
        log.info("housekeeping", **counts)
        return counts

    async def _unattended(self) -> list[int]:
        """Return the organisations without a cleanup job that runs by itself."""
        attended = select(Job.organisation_id).where(
            Job.type == JobType.CLEANUP, Job.enabled, Job.schedule.is_not(None), Job.deleted_at.is_(None)
        )
        async with self._database.reading() as session:
            wanted = select(Organisation.id).where(Organisation.id.not_in(attended)).order_by(Organisation.id)
            return list(await session.scalars(wanted))
