"""How every part does: each integration with its last calls, the database, the outbox, the schedule (CH-16)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from time import perf_counter

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.chat.status import JobStatus, ShowStatus
from core.connections.model import Integration
from core.connections.waiting import reason_of
from core.db.database import Database
from core.outbox.model import Message
from core.outbox.queue import DEAD, WAITING
from core.texts import Text
from integrations.contract import Expiring, Observed
from integrations.health import Call
from jobs.connections import Connections

__all__ = ["Call", "IntegrationHealth", "PartsHealth", "ShowHealth"]

_CALLS = 3


@dataclass(frozen=True, slots=True)
class IntegrationHealth:
    """One integration since the process started; `called` False: nobody called it yet.

    `success_rate` is of the last hundred calls, 0..1; `reopens_in` above zero means that its
    circuit is open, `rests_for` that the other side asked for a pause; the rate is in requests of the last minute.
    """

    name: str
    enabled: bool
    latched: Text | None
    called: bool = False
    total: int = 0
    failed: int = 0
    success_rate: float | None = None
    reopens_in: timedelta = timedelta()
    rests_for: timedelta = timedelta()
    rate_in_use: int | None = None
    rate_limit: int | None = None
    login_until: datetime | None = None
    calls: list[Call] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PartsHealth:
    """All parts at one moment; `took` is what a query of the database took."""

    integrations: list[IntegrationHealth]
    database: str
    took: timedelta
    waiting: int
    undelivered: int
    running: int
    next_job: JobStatus | None


class ShowHealth(UseCase):
    """Look at everything that the actor's organisation depends on, without calling anybody."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, connections: Connections, show_status: ShowStatus) -> None:
        self._database = database
        self._connections = connections
        self._show_status = show_status

    async def __call__(self, actor: Actor) -> PartsHealth:
        status = await self._show_status(actor)
        began = perf_counter()
        async with self._database.reading() as session:
            rows = await session.scalars(
                select(Integration)
                .where(Integration.organisation_id == actor.organisation_id, Integration.deleted_at.is_(None))
                .order_by(Integration.name)
            )
            integrations = list(rows)
            took = timedelta(seconds=perf_counter() - began)
            waiting = await _messages(session, actor, WAITING)
            dead = await _messages(session, actor, (DEAD,))
        due = [job for job in status.jobs if job.next_at is not None]
        return PartsHealth(
            [_health(row, self._connections.observed(row.id)) for row in integrations],
            self._database.kind,
            took,
            waiting,
            dead,
            len(status.standing.running),
            min(due, key=_when, default=None),
        )


async def _messages(session: AsyncSession, actor: Actor, states: Sequence[str]) -> int:
    wanted = select(func.count()).where(Message.organisation_id == actor.organisation_id, Message.state.in_(states))
    return await session.scalar(wanted) or 0


def _health(row: Integration, seen: Observed | None) -> IntegrationHealth:
    latched = reason_of(row)
    if seen is None:
        return IntegrationHealth(row.name, row.enabled, latched)
    health = seen.health
    return IntegrationHealth(
        row.name,
        row.enabled,
        latched,
        called=health.total > 0,
        total=health.total,
        failed=health.failed,
        success_rate=health.success_rate,
        reopens_in=timedelta(seconds=health.reopens_in),
        rests_for=timedelta(seconds=health.rests_for),
        rate_in_use=health.rate_in_use,
        rate_limit=health.rate_limit,
        login_until=seen.login_until if isinstance(seen, Expiring) else None,
        calls=health.calls(_CALLS),
    )


def _when(job: JobStatus) -> float:
    return job.next_at.timestamp() if job.next_at is not None else inf
