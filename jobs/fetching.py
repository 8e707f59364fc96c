"""Fetch: a whole scan of one store, kept as its snapshot only when its end was proven."""

from collections import defaultdict
from datetime import datetime, timedelta

from core.catalogue.lines import Candidate, Reject
from core.catalogue.sets import Fetched, Rejects, last_prepared_scan, load_fetched, replace_snapshot
from core.clock import Clock
from core.courtesy import Courtesy
from core.db.database import Database
from integrations.contract import DiscountSource, ScanPage, StoreRef
from jobs.connections import Connections
from jobs.gate import Gate
from jobs.task import StoreTask


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
        unless that is older than `max_age_minutes` (`rules.md` 2).
        Raises what `DiscountSource.scan` raises; then the stored snapshot stays as it was.
        """
        async with self._connections.calling(task.job, task.settings.source):
            source = await self._connections.source_of(task)
            kept = await self._young_enough(task)
            if kept is not None:
                return kept, source.default_limit
            async with self._gate.outside():
                fetched = await scan(source, task.ref, self._clock)
        task.open.clear()
        await self._courtesy.turn()
        await self._database.write(lambda session: replace_snapshot(session, task.store.id, fetched))
        return fetched, source.default_limit

    async def _young_enough(self, task: StoreTask) -> Fetched | None:
        since = self._reusable_since(task)
        if since is None:
            return None
        newest, kept = await self._database.read(
            lambda session: (last_prepared_scan(session, task.store.id), load_fetched(session, task.store.id))
        )
        if kept is None or kept.scanned_at < max(since, newest or since):
            return None
        return kept

    def _reusable_since(self, task: StoreTask) -> datetime | None:
        oldest = self._clock.now() - timedelta(minutes=task.settings.max_age_minutes)
        if task.execution.trigger == "release":
            return oldest
        began = task.execution.started_at
        return max(oldest, began) if began is not None and task.resumed else None


async def scan(source: DiscountSource, store: StoreRef, clock: Clock) -> Fetched:
    """Read a store's catalogue to its proven end; of a repeated code the last one counts.

    `scanned_at` is the beginning of the scan, since that is how old its first price is.
    """
    began = clock.now()
    candidates: list[Candidate] = []
    codes: defaultdict[Reject, list[str | int]] = defaultdict(list)
    read = 0
    async for page in source.scan(store):
        read += page.read
        for reason, rejected in page.rejects.items():
            codes[reason] += rejected
        if page.fresh:
            candidates += page.candidates
        else:
            candidates = _renewed(candidates, page)
    return Fetched(began, read, candidates, dict(codes))


def _renewed(earlier: list[Candidate], page: ScanPage) -> list[Candidate]:
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
