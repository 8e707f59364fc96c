"""What a run looks like to the people who follow it: read models for cards, history, commands."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from core.access import Actor, Permission, UseCase
from core.catalogue.model import Hold, HoldKind, HoldState
from core.clock import local_date
from core.db.database import Database
from core.db.prepared import Prepared
from core.errors import NotFound
from core.executions.held import HeldProduct, load_examples
from core.executions.model import IS_OPEN, Execution, LogLine, Step
from core.executions.released import Release, load_releases
from core.executions.replacing import TodaysCampaign, lead_of, load_campaigns
from core.executions.states import WORKED_OUT, Outcome, State
from core.executions.tomorrow import own_run_tomorrow
from core.housekeeping.purging import Freed, read_freed
from core.jobs.model import Job, JobType
from core.organisations.model import Organisation
from core.stores.model import Store
from core.texts import T, Text

_latest = (
    select(Execution.id)
    .where(Execution.organisation_id == bindparam("organisation_id"))
    .order_by(Execution.id.desc())
    .limit(bindparam("most"))
)
_LATEST, _LATEST_OPEN = Prepared(_latest), Prepared(_latest.where(IS_OPEN))


@dataclass(frozen=True, slots=True)
class StoreView:
    """One store of a run; `open_holds` counts what waits for a person there.

    `campaign` is what a further send of the run's day would replace, `released` what became of what
    was held there and let go, `held_for` how many products each guard rail held, `example` one that waits, `sends`
    how often a list left for the store.
    """

    store_id: int
    name: str
    stage: str
    outcome: Outcome | None
    reason: Text | None
    counts: dict[str, Any]
    open_holds: int = 0
    campaign: TodaysCampaign | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    dry_run: bool = False
    released: Release | None = None
    held_for: Mapping[str, int] = field(default_factory=dict)
    example: HeldProduct | None = None
    sends: int = 0
    cut_over: bool = True

    @property
    def releasable(self) -> bool:
        """Tell whether something waits there that a release would send: nothing is, where the old system sends."""
        return bool(self.open_holds) and self.cut_over

    @property
    def waits(self) -> bool:
        """Tell whether *Release* or *Retry* would send this store again."""
        if self.open_holds or self.outcome is None or self.released is not None:
            return bool(self.open_holds)
        return not self.outcome.good and not self.worked_out

    @property
    def let_go(self) -> bool:
        """Tell whether all that was held there was released since."""
        return self.released is not None and not self.open_holds

    @property
    def worked_out(self) -> bool:
        """Tell whether nothing of it was to be sent, since the old system still sends it."""
        return WORKED_OUT in self.counts


@dataclass(frozen=True, slots=True)
class RunView:
    """One run with its stores in the job's order. `freed` is what a cleanup removed, by kind.

    `due_at` is when a planned run begins; `tomorrow` when the job's own schedule takes up the
    stores that were too late, None when it does not come in time.
    """

    id: int
    organisation_id: int
    zone: ZoneInfo
    currency: str
    job: str
    type: str
    state: State
    trigger: str
    requested_by: str
    requested_by_id: int | None
    dry_run: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    reason: Text | None
    cancelling: bool
    stores: list[StoreView] = field(default_factory=list)
    due_at: datetime | None = None
    tomorrow: datetime | None = None
    freed: dict[str, Freed] = field(default_factory=dict)

    @property
    def outcomes(self) -> Counter[Outcome]:
        """Count what stores came to, but those that were only worked out."""
        return Counter(store.outcome for store in self.stores if store.outcome is not None and not store.worked_out)

    @property
    def worked_out(self) -> int:
        return sum(store.worked_out for store in self.stores)

    @property
    def untouched(self) -> bool:
        """Tell whether nothing left for any store: what was live before is live now."""
        return not self.dry_run and not any(store.sends for store in self.stores)

    @property
    def done(self) -> int:
        return sum(store.outcome is not None for store in self.stores)


def load_run(session: Session, execution_id: int) -> RunView | None:
    """Read one run with its stores, or None when there is none."""
    found = session.execute(
        select(Execution, Job, Organisation)
        .join(Job, Job.id == Execution.job_id)
        .join(Organisation, Organisation.id == Execution.organisation_id)
        .where(Execution.id == execution_id)
    )
    row = found.one_or_none()
    if row is None:
        return None
    execution, job, organisation = row
    stores = _stores(session, execution, job, organisation)
    tomorrow = _tomorrow(session, execution, job, organisation, stores)
    return _view(execution, job, organisation, stores, tomorrow)


def load_runs(session: Session, organisation_id: int, *, limit: int, only_open: bool) -> list[RunView]:
    """Read the latest runs of an organisation, newest first; `only_open` for those that have not ended."""
    wanted = _LATEST_OPEN if only_open else _LATEST
    found = wanted.rows(session.connection(), organisation_id=organisation_id, most=limit)
    runs = [load_run(session, row.id) for row in found]
    return [run for run in runs if run is not None]


def _stores(session: Session, execution: Execution, job: Job, organisation: Organisation) -> list[StoreView]:
    columns = (Hold.store_id, Hold.kind, Hold.reason, Hold.state, Hold.decided_at)
    holds = session.execute(select(*columns).where(Hold.execution_id == execution.id)).all()
    waiting = Counter(hold.store_id for hold in holds if hold.state == HoldState.OPEN)
    released = load_releases(session, execution.id) if any(hold.decided_at for hold in holds) else {}
    rails: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for hold in holds:
        rails[hold.store_id][hold.reason] += hold.kind == HoldKind.LINE
    in_wait = any(hold.kind == HoldKind.LINE and hold.state == HoldState.OPEN for hold in holds)
    examples = load_examples(session, execution.id) if in_wait else {}
    found = session.execute(
        select(Step, Store)
        .join(Store, Store.id == Step.store_id)
        .where(Step.execution_id == execution.id)
        .order_by(Step.position)
    )
    rows = [(step, store) for step, store in found]
    campaigns = _campaigns(session, execution, job, organisation, [store for _, store in rows])
    return [
        StoreView(
            step.store_id,
            store.name,
            step.stage,
            Outcome(step.outcome) if step.outcome else None,
            Text.from_json(step.reason) if step.reason else None,
            step.counts,
            waiting[step.store_id],
            campaigns.get(step.store_id),
            step.started_at,
            step.finished_at,
            execution.dry_run,
            released.get(step.store_id),
            rails[step.store_id],
            examples.get(step.store_id),
            step.sends,
            store.cut_over,
        )
        for step, store in rows
    ]


def _campaigns(
    session: Session, execution: Execution, job: Job, organisation: Organisation, stores: list[Store]
) -> dict[int, TodaysCampaign]:
    """Return the campaigns that the run, or a further one, replaces; a dry run and a comparison replace none."""
    if execution.dry_run or execution.type != JobType.SYNC_PRODUCTS:
        return {}
    began = execution.due_at or execution.created_at
    zones = {store.id: store.zone(organisation.zone) for store in stores}
    places = {store.id: (store, zones[store.id], local_date(began, zones[store.id])) for store in stores}
    return load_campaigns(session, execution.id, places, lead_of(session, job))


def _view(
    execution: Execution, job: Job, organisation: Organisation, stores: list[StoreView], tomorrow: datetime | None
) -> RunView:
    return RunView(
        id=execution.id,
        organisation_id=execution.organisation_id,
        zone=organisation.zone,
        currency=organisation.currency,
        job=job.name,
        type=execution.type,
        state=State(execution.state),
        trigger=execution.trigger,
        requested_by=execution.requested_by,
        requested_by_id=execution.requested_by_id,
        dry_run=execution.dry_run,
        created_at=execution.created_at,
        started_at=execution.started_at,
        finished_at=execution.finished_at,
        reason=Text.from_json(execution.reason) if execution.reason else None,
        cancelling=execution.cancel_requested_by is not None,
        stores=stores,
        due_at=execution.due_at,
        tomorrow=tomorrow,
        freed=read_freed(execution.counts),
    )


def _tomorrow(
    session: Session, execution: Execution, job: Job, organisation: Organisation, stores: list[StoreView]
) -> datetime | None:
    late = [store.store_id for store in stores if store.outcome is Outcome.TOO_LATE]
    if not late:
        return None
    places = session.scalars(select(Store).where(Store.id.in_(late)))
    day = local_date(execution.due_at or execution.created_at, organisation.zone)
    return own_run_tomorrow(job, organisation, day, list(places))


class ShowRun(UseCase):
    """One run of the actor's organisation, with the stores the actor may see."""

    permission = Permission.VIEW

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, actor: Actor, execution_id: int) -> RunView:
        run = await self._database.read(lambda session: load_run(session, execution_id))
        if run is None or run.organisation_id != actor.organisation_id:
            raise NotFound(T("There is no run number {number}.", number=str(execution_id)))
        run.stores[:] = [store for store in run.stores if actor.sees(store.store_id)]
        return run


class ListRuns(UseCase):
    """The latest runs, newest first; `only_open` for those still pending, running or waiting."""

    permission = Permission.VIEW

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, actor: Actor, *, limit: int = 10, only_open: bool = False) -> list[RunView]:
        return await self._database.read(
            lambda session: load_runs(session, actor.organisation_id, limit=limit, only_open=only_open)
        )


class ShowLog(UseCase):
    """One run with its newest log lines, oldest first."""

    permission = Permission.VIEW

    def __init__(self, database: Database, show_run: ShowRun) -> None:
        self._database = database
        self._show_run = show_run

    async def __call__(self, actor: Actor, execution_id: int, *, limit: int = 20_000) -> tuple[RunView, list[LogLine]]:
        run = await self._show_run(actor, execution_id)
        async with self._database.reading() as session:
            newest = await session.scalars(
                select(LogLine).where(LogLine.execution_id == run.id).order_by(LogLine.id.desc()).limit(limit)
            )
            lines = [line for line in newest if line.store_id is None or actor.sees(line.store_id)]
        return run, lines[::-1]
