"""What `/status` and the home menu show: the brake, what runs, how every job ended last, what needs somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, and_, bindparam, func, not_, select
from sqlalchemy.orm import Session, aliased

from core.access import Actor, Permission, UseCase
from core.channels.model import Channel
from core.clock import Clock
from core.configuration.modules import ModuleSettings, unusable
from core.connections.model import Integration
from core.connections.waiting import reason_of
from core.db.base import entity_of, table_of
from core.db.database import Database
from core.db.prepared import Prepared
from core.executions.model import IS_OPEN, Execution, Step
from core.executions.states import State
from core.jobs.model import Job
from core.organisations.first_steps import read_steps
from core.organisations.repository import read_home
from core.outbox.model import Message
from core.outbox.queue import DEAD
from core.schedules.cron import parse_cron
from core.stores.model import Store
from core.texts import Text

_MOST_RUNNING = 10
_MOST_ILL = 5
_jobs, _channels, _integrations = table_of(Job).c, table_of(Channel).c, table_of(Integration).c
_home: BindParameter[int] = bindparam("organisation_id")
_JOBS = Prepared(
    select(_jobs.id, _jobs.name, _jobs.enabled, _jobs.schedule, _jobs.due_after)
    .where(_jobs.organisation_id == _home, _jobs.deleted_at.is_(None))
    .order_by(_jobs.name)
)
_CHANNELS = Prepared(
    select(_channels.name, _channels.module, _channels.enabled, _channels.disabled_reason).where(
        _channels.organisation_id == _home, _channels.deleted_at.is_(None)
    )
)
_INTEGRATIONS = Prepared(
    select(*_integrations).where(_integrations.organisation_id == _home, _integrations.deleted_at.is_(None))
)
_stores = table_of(Store).c


def _others(*whose: ColumnElement[bool]) -> Select[int]:
    """Count the stores, or some of them, that the old system still sends."""
    of_home = (_stores.organisation_id == _home, _stores.deleted_at.is_(None), _stores.active)
    return select(func.count()).where(*of_home, not_(_stores.cut_over), *whose)


def _open_runs(*whose: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Find the runs that have not ended, and count their stores, or some of them."""
    return (
        select(
            Job.name,
            Execution.state,
            Execution.trigger,
            Execution.due_at,
            func.count(Step.store_id).label("stores"),
            func.count(Step.outcome).label("done"),
        )
        .select_from(Execution)
        .join(Job, Job.id == Execution.job_id)
        .outerjoin(Step, and_(Step.execution_id == Execution.id, *whose))
        .where(Execution.organisation_id == _home, IS_OPEN)
        .group_by(Execution.id, Job.id)
        .order_by(Execution.id.desc())
        .limit(_MOST_RUNNING)
    )


_OTHERS, _RUNNING = Prepared(_others()), Prepared(_open_runs())
_DEAD = Prepared(select(func.count()).where(Message.organisation_id == _home, Message.state == DEAD))
_LAST_RUN = Prepared(
    select(Execution.state, Execution.finished_at)
    .where(Execution.job_id == bindparam("job_id"), not_(IS_OPEN))
    .order_by(Execution.id.desc())
    .limit(1)
)
_last = aliased(Execution)
_LAST = select(Execution.id).where(Execution.job_id == _jobs.id, not_(IS_OPEN)).order_by(Execution.id.desc()).limit(1)
_ILL = Prepared(
    select(_jobs.name, _last.state, _last.finished_at)
    .join(_last, _last.id == _LAST.scalar_subquery())
    .where(_jobs.organisation_id == _home, _jobs.deleted_at.is_(None), _jobs.enabled)
    .where(_last.state != State.SUCCESS.value)
    .order_by(_jobs.name)
    .limit(_MOST_ILL)
)


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job, how it ended last, and when its schedule starts it next (None: never by itself)."""

    name: str
    next_at: datetime | None
    last_state: State | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run that has not ended: how many of its stores have. `due_at` is when a planned one begins."""

    job: str
    state: State
    trigger: str
    due_at: datetime | None
    stores: int
    done: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What matters of the organisation at every moment.

    `closed`, `latched` and `broken` (what is switched on, and whose module cannot be used) say why, by name.
    """

    zone: ZoneInfo
    paused_by: str | None
    paused_at: datetime | None
    running: list[RunStatus]
    closed: list[tuple[str, Text]]
    latched: list[tuple[str, Text]]
    broken: list[tuple[str, Text]]
    undelivered: int


@dataclass(frozen=True, slots=True)
class Status:
    """The organisation at a glance; `worked_out` are the stores that the old system still sends."""

    standing: Standing
    jobs: list[JobStatus]
    worked_out: int


@dataclass(frozen=True, slots=True)
class HomeStatus:
    """What the home menu tells; `steps` says whether it offers the first steps of a new chain.

    `ill` are jobs in use whose last run did not end well, as far as there is room for them.
    """

    standing: Standing
    ill: list[JobStatus]
    steps: bool


class ShowStatus(UseCase):
    """Read the state of everything that belongs to the actor's organisation.

    Whoever has some stores only is told of runs of those, and those alone are counted.
    """

    permission = Permission.VIEW

    def __init__(self, database: Database, clock: Clock, modules: ModuleSettings) -> None:
        self._database = database
        self._clock = clock
        self._modules = modules

    async def __call__(self, actor: Actor) -> Status:
        return await self._database.glance(lambda session: self._read(session, actor))

    def _read(self, session: Session, actor: Actor) -> Status:
        connection = session.connection()
        standing = _standing(connection, actor, self._modules)
        jobs = _JOBS.rows(connection, organisation_id=actor.organisation_id)
        return Status(
            standing,
            [self._job(connection, job, standing.zone) for job in jobs],
            _worked_out(connection, actor),
        )

    def _job(self, connection: Connection, job: Any, zone: ZoneInfo) -> JobStatus:
        last = next(iter(_LAST_RUN.rows(connection, job_id=job.id)), None)
        due = None
        if job.enabled and job.schedule:
            due = parse_cron(job.schedule).next_after(max(self._clock.now(), job.due_after), zone)
        state, at = (None, None) if last is None else (State(last.state), last.finished_at)
        return JobStatus(job.name, due, state, at)


class ShowHome(UseCase):
    """Read what the home menu tells, all of it at once: it is drawn at every other tap."""

    permission = Permission.VIEW

    def __init__(self, database: Database, modules: ModuleSettings) -> None:
        self._database = database
        self._modules = modules

    async def __call__(self, actor: Actor) -> HomeStatus:
        return await self._database.glance(lambda session: self._read(session.connection(), actor))

    def _read(self, connection: Connection, actor: Actor) -> HomeStatus:
        steps = actor.may(Permission.CONFIGURE) and read_steps(connection, actor, self._modules).due
        found = _ILL.rows(connection, organisation_id=actor.organisation_id)
        ill = [JobStatus(one.name, None, State(one.state), one.finished_at) for one in found]
        return HomeStatus(_standing(connection, actor, self._modules), ill, steps)


def _standing(connection: Connection, actor: Actor, modules: ModuleSettings) -> Standing:
    own = actor.organisation_id
    home = read_home(connection, own)
    channels = _CHANNELS.rows(connection, organisation_id=own)
    integrations = [entity_of(Integration, row) for row in _INTEGRATIONS.rows(connection, organisation_id=own)]
    in_use = [(one.name, unusable(modules, one.module)) for one in (*integrations, *channels) if one.enabled]
    return Standing(
        home.zone,
        home.paused_by,
        home.paused_at,
        [_run(row) for row in _running(connection, actor)],
        [(one.name, Text.from_json(one.disabled_reason)) for one in channels if one.disabled_reason],
        [(one.name, reason) for one in integrations if (reason := reason_of(one)) is not None],
        [(name, reason) for name, reason in in_use if reason is not None],
        _DEAD.rows(connection, organisation_id=own)[0][0],
    )


def _running(connection: Connection, actor: Actor) -> Sequence[Any]:
    if actor.store_ids is None:
        return _RUNNING.rows(connection, organisation_id=actor.organisation_id)
    theirs = _open_runs(Step.store_id.in_(actor.store_ids)).having(func.count(Step.store_id) > 0)
    return connection.execute(theirs, {"organisation_id": actor.organisation_id}).all()


def _worked_out(connection: Connection, actor: Actor) -> int:
    if actor.store_ids is None:
        return int(_OTHERS.rows(connection, organisation_id=actor.organisation_id)[0][0])
    theirs = _others(_stores.id.in_(actor.store_ids))
    return connection.execute(theirs, {"organisation_id": actor.organisation_id}).scalar_one()


def _run(row: Any) -> RunStatus:
    return RunStatus(row.name, State(row.state), row.trigger, row.due_at, row.stores, row.done)
