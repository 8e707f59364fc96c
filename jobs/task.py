"""What the work on one store of one run needs to know, and what it comes to."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.orm import Session

from core.catalogue.findings import Seen
from core.catalogue.places import Place, account_at
from core.executions.model import Execution, Step
from core.executions.states import Outcome, State
from core.jobs.model import Job
from core.jobs.settings import JobSettings, StoreSettings
from core.stores.model import Store
from core.texts import Text
from integrations.contract import Connection, StoreRef


@dataclass(frozen=True, slots=True)
class StoreTask:
    """One store of one run. `step` is its row as it was when this attempt began.

    `day` is the store-local date that the run belongs to (`rules.md` 2). `source_id` and `target_id`
    are the integrations whose names the settings hold (None: there is none of that name); they may be
    renamed meanwhile. `open` are the connections this attempt works with, by integration: looked up
    once, and anew after a long wait. `debug`: every call goes into the run's log.
    """

    execution: Execution
    job: Job
    settings: StoreSettings
    store: Store
    ref: StoreRef
    step: Step
    day: date
    source_id: int | None
    target_id: int | None
    open: dict[int, Connection] = field(default_factory=dict)
    debug: bool = False

    def place(self, session: Session) -> Place:
        """Return where the store's lists are live, as the platform is configured now."""
        return Place(account_at(session, self.target_id), self.ref.registration, self.ref.unit)

    def time_left(self, now: datetime) -> timedelta:
        """Return what is left of the run's time limit; negative once it is over."""
        return _time_left(self.execution, self.settings, now)

    @property
    def resumed(self) -> bool:
        """Tell whether an earlier attempt of this run got further than fetching."""
        return self.step.stage != "pending"


@dataclass(frozen=True, slots=True)
class StoreResult:
    """What became of the store; `counts` are whole numbers for cards, `seen` is for the report."""

    outcome: Outcome
    reason: Text | None = None
    counts: dict[str, Any] = field(default_factory=dict)
    seen: Seen | None = None


class RunStopped(Exception):
    """A person or the clock stopped the run while nothing of the store's was on its way; `result` says so."""

    def __init__(self, result: StoreResult) -> None:
        super().__init__(result.outcome)
        self.result = result


@dataclass(frozen=True, slots=True)
class WholeTask:
    """A run that is about the organisation as a whole, as it was when this attempt began."""

    execution: Execution
    job: Job
    settings: JobSettings

    def time_left(self, now: datetime) -> timedelta:
        """Return what is left of the run's time limit; negative once it is over."""
        return _time_left(self.execution, self.settings, now)


@dataclass(frozen=True, slots=True)
class WholeResult:
    """What such a run came to."""

    state: State
    reason: Text | None = None


def _time_left(execution: Execution, settings: JobSettings, now: datetime) -> timedelta:
    began = execution.started_at or now
    return began + timedelta(minutes=settings.timeout_minutes) - now


class WholeWork(Protocol):
    """A job type that works on no single store. Raises ChimeraError when it failed."""

    async def __call__(self, task: WholeTask) -> WholeResult: ...


class StoreWork(Protocol):
    """A job type: what it does for one store. Raises ChimeraError for a store that failed, RunStopped."""

    async def __call__(self, task: StoreTask) -> StoreResult: ...
