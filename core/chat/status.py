"""What `/status` shows: the brake, what runs, how every job ended last, what needs somebody."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, bindparam, func, select
from sqlalchemy.orm import Session

from core.access import Actor, Permission, UseCase
from core.channels.model import Channel
from core.clock import Clock
from core.connections.model import Integration
from core.connections.waiting import reason_of
from core.db.database import Database
from core.executions.model import Execution
from core.executions.states import OPEN_STATES, State
from core.executions.views import RunView, load_runs
from core.jobs.model import Job
from core.organisations.model import Organisation
from core.outbox.model import Message
from core.schedules.cron import parse_cron
from core.texts import Text

_MOST_RUNNING = 10
_home: BindParameter[int] = bindparam("organisation_id")
_JOBS = select(Job).where(Job.organisation_id == _home, Job.deleted_at.is_(None)).order_by(Job.name)
_CLOSED = select(Channel).where(
    Channel.organisation_id == _home, Channel.deleted_at.is_(None), Channel.disabled_reason.is_not(None)
)
_LATCHED = select(Integration).where(
    Integration.organisation_id == _home,
    Integration.deleted_at.is_(None),
    Integration.needs_credentials_at.is_not(None),
)
_DEAD = select(func.count()).where(Message.organisation_id == _home, Message.state == "dead")
_LAST_RUN = (
    select(Execution)
    .where(Execution.job_id == bindparam("job_id"), Execution.state.not_in(OPEN_STATES))
    .order_by(Execution.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job, how it ended last, and when its schedule starts it next (None: never by itself)."""

    name: str
    next_at: datetime | None
    last_state: State | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Status:
    """The organisation at a glance. `closed` and `latched` say why, by name."""

    zone: ZoneInfo
    paused_by: str | None
    paused_at: datetime | None
    running: list[RunView]
    jobs: list[JobStatus]
    closed: list[tuple[str, Text]]
    latched: list[tuple[str, Text]]
    undelivered: int


class ShowStatus(UseCase):
    """Read the state of everything that belongs to the actor's organisation."""

    permission = Permission.VIEW

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, actor: Actor) -> Status:
        return await self._database.read(lambda session: self._read(session, actor.organisation_id))

    def _read(self, session: Session, own: int) -> Status:
        organisation = session.get_one(Organisation, own)
        ours = {"organisation_id": own}
        jobs, channels = session.scalars(_JOBS, ours), session.scalars(_CLOSED, ours)
        latched = session.scalars(_LATCHED, ours)
        return Status(
            organisation.zone,
            organisation.paused_by,
            organisation.paused_at,
            load_runs(session, own, limit=_MOST_RUNNING, only_open=True),
            [self._job(session, job, organisation.zone) for job in jobs.all()],
            [(one.name, Text.from_json(one.disabled_reason)) for one in channels if one.disabled_reason],
            [(one.name, reason) for one in latched if (reason := reason_of(one)) is not None],
            session.connection().execute(_DEAD, ours).scalar_one(),
        )

    def _job(self, session: Session, job: Job, zone: ZoneInfo) -> JobStatus:
        last = session.scalar(_LAST_RUN, {"job_id": job.id})
        due = None
        if job.enabled and job.schedule:
            due = parse_cron(job.schedule).next_after(max(self._clock.now(), job.due_after), zone)
        state, at = (None, None) if last is None else (State(last.state), last.finished_at)
        return JobStatus(job.name, due, state, at)
