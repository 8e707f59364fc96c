"""`compare_data` for one store (CH-12): what the ERP says against what the platform shows.

What could not be read is *not compared*, a result of its own; it never counts as equal.
"""

from datetime import datetime

from core.catalogue.compare import Difference, compare_lines
from core.catalogue.findings import Seen, strangers
from core.catalogue.prepare import prepare
from core.clock import Clock, local_date
from core.errors import ChimeraError
from core.executions.states import Outcome
from core.texts import T, Text
from core.windows import END_OF_DAY, Window
from jobs.connections import Connections
from jobs.fetching import Fetcher
from jobs.gate import Gate
from jobs.log import RunLog
from jobs.task import StoreResult, StoreTask


class CompareStore:
    """Compares both sides of one store for the rest of its day. Changes nothing anywhere."""

    def __init__(self, clock: Clock, fetcher: Fetcher, connections: Connections, log: RunLog, gate: Gate) -> None:
        self._clock = clock
        self._fetcher = fetcher
        self._connections = connections
        self._log = log
        self._gate = gate

    async def __call__(self, task: StoreTask) -> StoreResult:
        try:
            seen, difference, lines = await self._compare(task)
        except ChimeraError as error:
            await self._log.error(task, error.text, detail=error.detail)
            return StoreResult(Outcome.NOT_COMPARED, T("Could not compare: {cause}", cause=error.text))
        counts = difference.counts | {"lines": lines}
        if difference.equal and not difference.duplicates:
            return StoreResult(Outcome.EQUAL, None, counts, seen)
        return StoreResult(Outcome.DIFFERENT, _summary(difference), counts, seen)

    async def _compare(self, task: StoreTask) -> tuple[Seen, Difference, int]:
        fetched, default_limit = await self._fetcher(task)
        expected = prepare(fetched.candidates, task.store.limit, default_limit)
        window = self._rest_of_day(task)
        async with self._connections.calling(task.job, task.settings.target):
            target = await self._connections.target_of(task)
            async with self._gate.outside():
                live = await target.live(task.ref, window)
        difference = compare_lines(expected, live, window)
        return Seen(before=difference, live=strangers(difference, live, window)), difference, len(expected)

    def _rest_of_day(self, task: StoreTask) -> Window:
        now = self._clock.now().astimezone(task.ref.zone)
        day = local_date(now, task.ref.zone)
        return Window(day, now, datetime.combine(day, END_OF_DAY, task.ref.zone))


def _summary(difference: Difference) -> Text:
    counts = difference.counts
    return T(
        "{missing} missing, {extra} only on the platform, {final} with another price, "
        "{regular} with another regular price, {limit} with another limit, {duplicates} twice.",
        missing=counts["missing"],
        extra=counts["extra"],
        final=counts["final_price"],
        regular=counts["regular_price"],
        limit=counts["limit"],
        duplicates=counts["duplicates"],
    )
