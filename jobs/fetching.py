"""Fetch: a whole scan of one store, kept as its snapshot only when its end was proven."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import select

from core.catalogue.lines import Candidate, Reject
from core.catalogue.packed import join
from core.catalogue.sets import Fetched, Rejects, last_prepared_scan, load_fetched, replace_snapshot
from core.clock import Clock
from core.courtesy import Courtesy
from core.db.database import Database
from core.executions.model import Execution
from core.executions.states import Outcome
from core.texts import T
from integrations.contract import DiscountSource, ScanPage, StoreRef
from jobs.connections import Connections
from jobs.gate import Gate
from jobs.task import RunStopped, StoreResult, StoreTask

_LOOK_SECONDS = 0.5
"""How often a scan looks whether its run was stopped. Catalogues take minutes, and pages up to seconds."""


class Fetcher:
    """Gives the candidates of a store, from the ERP or from a scan that is young enough."""

    def __init__(
        self, database: Database, clock: Clock, connections: Connections, gate: Gate, courtesy: Courtesy
    ) -> None:
        self._database = database
        self._clock = clock
        self._connections = connections
        self._gate = gate
        self._courtesy = courtesy

    async def __call__(self, task: StoreTask) -> tuple[Fetched, int]:
        """Return what was fetched and the integration's own limit per customer.

        A release goes on from the scan that was released, and a resumed run from its own,
        unless that is older than `max_age_minutes` (`rules.md` 2) or the integration was changed since.
        Raises what `DiscountSource.scan` raises, or RunStopped; then the stored snapshot stays as it was.
        """
        source = await self._connections.source_of(task)
        async with self._connections.calling(source, task.job):
            origin = await self._connections.origin_of(task)
            kept = await self._young_enough(task, origin)
            if kept is not None:
                return kept, source.default_limit
            async with self._gate.outside():
                found = await scan(source, task.ref, self._clock, self._watch(task))
        fetched = replace(found, origin=origin)
        task.open.clear()
        await self._courtesy.turn()
        await self._database.write(lambda session: replace_snapshot(session, task.store.id, fetched))
        return fetched, source.default_limit

    def _watch(self, task: StoreTask) -> Callable[[], Awaitable[None]]:
        """Return what a scan calls between its pages: it raises RunStopped soon after its run was stopped."""
        looked = _now()

        async def look() -> None:
            nonlocal looked
            if _now() - looked >= _LOOK_SECONDS:
                looked = _now()
                await self._refuse_stopped(task)

        return look

    async def _refuse_stopped(self, task: StoreTask) -> None:
        asked = select(Execution.cancel_requested_by).where(Execution.id == task.execution.id)
        name = await self._database.read(lambda session: session.scalar(asked))
        if name is not None:
            raise RunStopped(StoreResult(Outcome.CANCELLED, T("Cancelled by {name}.", name=name)))
        if task.time_left(self._clock.now()) < timedelta():
            reason = T("Stopped: the run was over its time limit of {n} minutes.", n=task.settings.timeout_minutes)
            raise RunStopped(StoreResult(Outcome.FAILED, reason, {"timed_out": 1}))

    async def _young_enough(self, task: StoreTask, origin: str) -> Fetched | None:
        since = self._reusable_since(task)
        if since is None:
            return None
        newest, kept = await self._database.read(
            lambda session: (last_prepared_scan(session, task.store.id), load_fetched(session, task.store.id))
        )
        if kept is None or kept.origin != origin:
            return None
        # A scan of the future was made before the clock was set back: nobody knows how old it is.
        return kept if max(since, newest or since) <= kept.scanned_at <= self._clock.now() else None

    def _reusable_since(self, task: StoreTask) -> datetime | None:
        oldest = self._clock.now() - timedelta(minutes=task.settings.max_age_minutes)
        if task.execution.trigger == "release":
            return oldest
        began = task.execution.started_at
        return max(oldest, began) if began is not None and task.resumed else None


async def scan(source: DiscountSource, store: StoreRef, clock: Clock, look: Callable[[], Awaitable[None]]) -> Fetched:
    """Read a store's catalogue to its proven end; of a repeated code the last one counts.

    `scanned_at` is the beginning of the scan, since that is how old its first price is. What `look`
    raises after a page ends the scan.
    """
    began = clock.now()
    parts: list[Sequence[Candidate]] = []
    codes: defaultdict[Reject, list[str | int]] = defaultdict(list)
    read = 0
    pages = source.scan(store)
    try:
        async for page in pages:
            read += page.read
            for reason, rejected in page.rejects.items():
                codes[reason] += rejected
            parts = [*parts, page.candidates] if page.fresh else [_renewed(chain.from_iterable(parts), page)]
            await look()
    finally:
        # Others wait for its seat at the ERP.
        if isinstance(pages, AsyncGenerator):
            await pages.aclose()
    return Fetched(began, read, join(parts), dict(codes))


def _renewed(earlier: Iterable[Candidate], page: ScanPage) -> list[Candidate]:
    """Return the candidates after a page that may name codes of earlier ones, or a code twice."""
    known = {candidate.code: candidate for candidate in earlier}
    for rejected in page.rejects.values():
        for code in rejected:
            known.pop(str(code), None)
    known.update((candidate.code, candidate) for candidate in page.candidates)
    return list(known.values())


def reject_counts(rejects: Rejects) -> dict[str, int]:
    """Return how many products each reason kept out."""
    return {reason.value: len(codes) for reason, codes in rejects.items()}


def _now() -> float:
    return asyncio.get_running_loop().time()
