"""How a channel's own words would look, before they are saved (CH-14)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.clock import Clock
from core.configuration.fields import FieldProblem
from core.db.database import Database
from core.executions.model import Execution, Step
from core.executions.states import OPEN_STATES, Event, Outcome, State, event_of
from core.i18n import Translator
from core.jobs.model import Job, JobType
from core.notices.channels import steps_of
from core.notices.facts import Facts, about, about_run
from core.notices.templates import check_template
from core.organisations.model import Organisation
from core.stores.model import Store
from core.texts import T, Text
from integrations.email.letter import subject
from jobs.alerts import not_live
from jobs.connections import latched
from jobs.digest import morning_lines
from jobs.weekly import example_week

_EMAIL = "email"
_EXAMPLE_STORES = ("001 Centro", "002 Norte", "003 Sul")
_EXAMPLE_JOB = "Daily sync"
_EXAMPLE_OPENING = time(6)
_BEYOND_RUNS = (
    Event.NOT_LIVE_BEFORE_OPENING,
    Event.NEEDS_CREDENTIALS,
    Event.DIGEST,
    Event.WEEKLY_REPORT,
)
_ENDS: dict[Event, Outcome] = {
    Event.FAILURE: Outcome.FAILED,
    Event.CANCELLED: Outcome.CANCELLED,
    Event.MISSED: Outcome.SKIPPED,
    Event.PARTIAL: Outcome.FAILED,
    Event.HELD: Outcome.HELD,
}
"""What became of an example's last store; of the others only where it is no trouble of some."""
_OF_SOME = (Event.PARTIAL, Event.HELD)


@dataclass(frozen=True, slots=True)
class Preview:
    """A notice as the channel would send it. `subject` is that of a mail; `at` None: an example, no real run.

    `problem` says why the own words cannot be used: then it is the standard text.
    """

    lines: Sequence[str]
    subject: str | None
    at: datetime | None
    problem: Text | None


class PreviewWords(UseCase):
    """Show a notice in a channel's own words (without any: in the standard ones), made from the last such run."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(
        self, actor: Actor, event: Event, template: str | None, *, module: str, spoken: str | None
    ) -> Preview:
        """`spoken` is the channel's own language, None for that of the organisation."""
        async with self._database.reading() as session:
            home = await session.get_one(Organisation, actor.organisation_id)
            facts, at = await self._facts(session, home, event)
        translator = Translator(spoken or home.locale, home.zone, home.currency)
        checked, problem = _checked(event, template)
        words = facts.in_words(checked, translator) if checked is not None else facts.lines
        title, *rest = [translator(line) for line in words or facts.lines]
        if module == _EMAIL:
            return Preview(rest, subject(title), at, problem)
        return Preview([title, *rest], None, at, problem)

    async def _facts(self, session: AsyncSession, home: Organisation, event: Event) -> tuple[Facts, datetime | None]:
        now = self._clock.now()
        if event in _BEYOND_RUNS:
            return await _example_beyond_runs(session, home, event, now), None
        run = await _last_run(session, home, event)
        if run is None:
            return await _example_run(session, home, event, now), None
        job = await session.get_one(Job, run.job_id)
        at = run.finished_at or run.created_at
        return about_run(home, job.name, event, run, await steps_of(session, run), at), at


def _checked(event: Event, template: str | None) -> tuple[str | None, Text | None]:
    try:
        return None if template is None else check_template(event, template), None
    except FieldProblem as error:
        return None, error.text


async def _last_run(session: AsyncSession, home: Organisation, event: Event) -> Execution | None:
    """Return the last run that was such an event."""
    wanted = select(Execution).where(Execution.organisation_id == home.id)
    match event:
        case Event.START:
            wanted = wanted.where(Execution.started_at.is_not(None))
        case Event.HELD:
            wanted = wanted.join(Step, Step.execution_id == Execution.id).where(
                Step.outcome == Outcome.HELD, Execution.state.not_in(OPEN_STATES)
            )
        case _:
            kind = Event.SUCCESS if event is Event.RECOVERED else event
            states = [state for state in State if not state.open and event_of(state) is kind]
            wanted = wanted.where(Execution.state.in_(states))
    found: Execution | None = await session.scalar(wanted.order_by(Execution.id.desc()).limit(1))
    return found


async def _example_run(session: AsyncSession, home: Organisation, event: Event, now: datetime) -> Facts:
    """Return a run that never was, of the chain's own stores where it has some."""
    job, stores = await _names(session, home)
    execution = Execution(
        organisation_id=home.id,
        job_id=0,
        type=JobType.SYNC_PRODUCTS.value,
        state="",
        trigger="",
        requested_by="",
        requested_by_id=None,
        dedupe_key="",
        correlation_id="",
        created_at=now,
        started_at=now - timedelta(minutes=3),
        finished_at=now,
        dry_run=False,
    )
    last = _ENDS.get(event, Outcome.VERIFIED)
    outcomes = [Outcome.VERIFIED if event in _OF_SOME else last] * (len(stores) - 1) + [last]
    steps = [
        (name, Step(execution_id=0, store_id=0, position=0, outcome=outcome))
        for name, outcome in zip(stores, outcomes, strict=True)
    ]
    return about_run(home, job, event, execution, steps, now)


async def _example_beyond_runs(session: AsyncSession, home: Organisation, event: Event, now: datetime) -> Facts:
    job, stores = await _names(session, home)
    match event:
        case Event.NOT_LIVE_BEFORE_OPENING:
            lines = not_live(_EXAMPLE_OPENING, stores[-1:])
        case Event.NEEDS_CREDENTIALS:
            lines = latched("ERP", None)
        case Event.WEEKLY_REPORT:
            lines = example_week(job, stores[-1:], now.astimezone(home.zone).date())
        case _:
            last = len(stores) - 1
            lines = morning_lines(dict(enumerate(stores)), {last: T("The login was refused.")})
    return about(home, job, event, lines, now)


async def _names(session: AsyncSession, home: Organisation) -> tuple[str, list[str]]:
    job = await session.scalar(
        select(Job.name).where(Job.organisation_id == home.id, Job.deleted_at.is_(None)).order_by(Job.id).limit(1)
    )
    own = select(Store.name).where(Store.organisation_id == home.id, Store.deleted_at.is_(None), Store.active)
    stores = list(await session.scalars(own.order_by(Store.name).limit(len(_EXAMPLE_STORES))))
    return job or _EXAMPLE_JOB, stores or list(_EXAMPLE_STORES)
