"""`compare_data` for one store (CH-12): what the ERP says against what the platform shows.

What could not be read is *not compared*, a result of its own; it never counts as equal.
What guard rails hold and nobody released is *held*, not missing; where such a product is live
with another price, that is a difference like any other.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.catalogue.compare import Difference, compare_lines
from core.catalogue.findings import Seen, strangers
from core.catalogue.holding import load_released
from core.catalogue.lines import Candidate
from core.catalogue.model import Hold, HoldKind, HoldState
from core.catalogue.prepare import prepare
from core.catalogue.rails import GuardRails, hold_lines
from core.catalogue.sets import load_last_prices
from core.clock import Clock, local_date
from core.courtesy import Courtesy
from core.db.database import Database
from core.errors import ChimeraError
from core.executions.states import Outcome
from core.jobs.model import Job, JobType
from core.jobs.settings import SyncSettings, read_store_settings
from core.texts import TN, T, Text
from core.windows import END_OF_DAY, Window
from jobs.connections import Connections
from jobs.fetching import Fetcher
from jobs.gate import Gate
from jobs.log import RunLog
from jobs.task import StoreResult, StoreTask


class CompareStore:
    """Compares both sides of one store for the rest of its day. Changes nothing anywhere."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        fetcher: Fetcher,
        connections: Connections,
        log: RunLog,
        gate: Gate,
        courtesy: Courtesy,
    ) -> None:
        self._database = database
        self._clock = clock
        self._fetcher = fetcher
        self._connections = connections
        self._log = log
        self._gate = gate
        self._courtesy = courtesy

    async def __call__(self, task: StoreTask) -> StoreResult:
        try:
            seen, difference, counts = await self._compare(task)
        except ChimeraError as error:
            await self._log.error(task, error.text, detail=error.detail)
            return StoreResult(Outcome.NOT_COMPARED, error.text)
        if difference.equal and not difference.duplicates:
            return StoreResult(Outcome.EQUAL, None, counts, seen)
        return StoreResult(Outcome.DIFFERENT, _summary(counts), counts, seen)

    async def _compare(self, task: StoreTask) -> tuple[Seen, Difference, dict[str, int]]:
        fetched, default_limit = await self._fetcher(task)
        held, whole = await self._database.read(lambda session: _held(session, task, fetched.candidates))
        expected = prepare(fetched.candidates, task.store.limit, default_limit)
        window = rest_of_day(task, self._clock.now())
        target = await self._connections.target_of(task)
        async with self._connections.calling(target, task.job), self._gate.outside():
            live = await target.live(task.ref, window)
        await self._courtesy.turn()
        found = compare_lines(expected, live, window)
        difference = msgspec.structs.replace(found, missing=[code for code in found.missing if code not in held])
        waiting = {"held_lines": len(found.missing) - len(difference.missing), "held_store": int(whole)}
        counts = difference.counts | waiting | {"lines": len(expected)}
        return Seen(before=difference, live=strangers(difference, live, window)), difference, counts


def rest_of_day(task: StoreTask, now: datetime) -> Window:
    """Return what is left of the day at the store."""
    local = now.astimezone(task.ref.zone)
    day = local_date(local, task.ref.zone)
    return Window(day, local, datetime.combine(day, END_OF_DAY, task.ref.zone))


def _held(session: Session, task: StoreTask, candidates: Sequence[Candidate]) -> tuple[set[str], bool]:
    """Return the codes that guard rails keep out of a sync now, and whether the whole store is held."""
    rails = _rails(session, task)
    if rails is None:
        return set(), False
    store_id = task.store.id
    prices = load_last_prices(session, store_id)
    _, held = hold_lines(candidates, prices, rails, load_released(session, store_id).lines)
    whole = (
        select(Hold.id)
        .where(Hold.store_id == store_id, Hold.state == HoldState.OPEN, Hold.kind == HoldKind.STORE)
        .limit(1)
    )
    return {line.candidate.code for line in held}, session.scalar(whole) is not None


def _rails(session: Session, task: StoreTask) -> GuardRails | None:
    """Return the guard rails of the sync between the same two sides: this very job's, or the first such job's."""
    if isinstance(task.settings, SyncSettings):
        return task.settings.guard_rails
    jobs = session.scalars(
        select(Job)
        .where(
            Job.organisation_id == task.job.organisation_id,
            Job.type == JobType.SYNC_PRODUCTS,
            Job.enabled,
            Job.deleted_at.is_(None),
        )
        .order_by(Job.id)
    )
    now = session.get_one(Job, task.job.id)
    own = read_store_settings(now.type, now.settings)
    for job in jobs:
        settings = read_store_settings(job.type, job.settings)
        same = (settings.source, settings.target) == (own.source, own.target)
        if isinstance(settings, SyncSettings) and same:
            return settings.guard_rails
    return None


def _summary(counts: dict[str, int]) -> Text:
    missing, extra, duplicates = counts["missing"], counts["extra"], counts["duplicates"]
    final, regular, limit = counts["final_price"], counts["regular_price"], counts["limit"]
    texts = [
        TN("{n} product missing", "{n} products missing", missing),
        TN("{n} only on the platform", "{n} only on the platform", extra),
        TN("{n} with another club price", "{n} with another club price", final),
        TN("{n} with another regular price", "{n} with another regular price", regular),
        TN("{n} with another limit", "{n} with another limit", limit),
        TN("{n} twice", "{n} twice", duplicates),
    ]
    parts = [text for text in texts if text.count]
    text = T("{differences}.", differences=parts) if parts else T("Every product that may be live is.")
    if lines := counts["held_lines"]:
        held = TN("{n} more product is held.", "{n} more products are held.", lines)
        text = T("{first} {second}", first=text, second=held)
    if counts["held_store"]:
        text = T("{first} {second}", first=text, second=T("The store is held: somebody has to release it."))
    return text
