"""Read first, send, read back (`rules.md` 3): the only place that changes what customers see.

Before a list leaves, the step says so in the database (stage `sending`). Whatever happens
after that, only reading back decides what is live; nothing is ever sent blindly twice.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy.orm import Session

from core.catalogue.compare import Difference, covered, in_window, settled, shows
from core.catalogue.findings import Seen, strangers
from core.catalogue.holding import use_up_foreign
from core.catalogue.lines import Line, LiveLine
from core.catalogue.places import Place
from core.catalogue.sets import Baseline, add_verified, load_baseline, load_lines, load_unproven, remember_prices
from core.clock import Clock, local_date
from core.courtesy import Courtesy
from core.db.base import change_row, table_of
from core.db.database import Database
from core.errors import (
    ChimeraError,
    CredentialsRefused,
    HalfSent,
    OutcomeUnknown,
    OutsideError,
    PauseAsked,
    TemporarilyUnavailable,
    Unreachable,
)
from core.executions.byhand import BY_HAND
from core.executions.model import Step
from core.executions.states import Outcome
from core.texts import TN, T
from core.windows import Window, plan_window
from integrations.contract import Campaign
from integrations.http import LastLook
from jobs.cargo import Cargo
from jobs.connections import Connections
from jobs.gate import Gate
from jobs.log import RunLog
from jobs.stops import CANCELLED_BY, CUT_OVER, STOPS
from jobs.task import RunStopped, StoreResult, StoreTask
from jobs.verdicts import ReadBack, cancelled, moved, not_ours, not_verified, sent_enough, too_late

SENDING = "sending"
_UPLOADS = 0x43484D55
"""The kind of lock that uploads take, among all locks of a database."""
_steps = table_of(Step)
_SENT = ("sent_digest", "sent_start", "sent_end", "sent_account", "sent_registration")
"""What a step says of its last list."""
_LOOK_SECONDS = 1.0
MAX_SENDS = 3


@dataclass(frozen=True, slots=True)
class Timing:
    """Pauses in seconds: between read-backs (from the answer on), and between sends."""

    read_back: tuple[float, ...] = (0, 5, 15, 45)
    between_sends: float = 30


class StaleData(Exception):
    """The prepared list grew older than allowed, or its start passed, before it left (`rules.md` 2).

    Or its ERP, its platform or what is live changed. The store begins anew.
    """


class HalfLive(StaleData):
    """A part of the list is live and a part is not; `result` says so where the store cannot begin anew."""

    def __init__(self, result: StoreResult) -> None:
        super().__init__(result.outcome)
        self.result = result


@dataclass(frozen=True, slots=True)
class First:
    """What was live before sending, and how it differed; `result` is set when that settles the store."""

    live: Collection[LiveLine] = ()
    foreign: list[str] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)
    result: StoreResult | None = None


class Sender:
    """Sends one store's list at a time and proves what became of it."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        connections: Connections,
        gate: Gate,
        log: RunLog,
        timing: Timing,
        courtesy: Courtesy,
    ) -> None:
        self._database = database
        self._clock = clock
        self._connections = connections
        self._gate = gate
        self._log = log
        self._timing = timing
        self._courtesy = courtesy
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    @contextlib.asynccontextmanager
    async def store_lock(self, store_id: int) -> AsyncIterator[None]:
        """One upload per store at a time, whichever jobs and processes want it (`rules.md` 3.6)."""
        async with contextlib.AsyncExitStack() as held:
            # Who has the lock may rest before a closed gate till the end: a stop need not wait for who wants it next.
            async with self._gate.outside():
                await held.enter_async_context(self._locks[store_id])
            await held.enter_async_context(self._database.across_processes(_UPLOADS, store_id, self._gate.pause))
            yield

    async def sends(self, task: StoreTask) -> bool:
        """Tell whether the store is Chimera's to send, as of now (CH-11)."""
        about = {"store": task.store.id}
        found = await self._database.glance(lambda session: CUT_OVER.rows(session.connection(), **about))
        return any(cut_over for (cut_over,) in found)

    async def window(self, task: StoreTask) -> Window | None:
        """Plan the window of the run's day as of now, or None when it is too late for it."""
        target = await self._connections.target_of(task)
        now = self._clock.now()
        opening = task.store.opens_at(local_date(now, task.ref.zone))
        window = plan_window(now, task.ref.zone, opening, target.lead)
        return window if window is not None and window.day == task.day else None

    async def read_first(self, task: StoreTask, cargo: Cargo) -> First:
        """Read what is live; when that is exactly the cargo, nothing needs to be sent (3.1)."""
        window = await self.window(task)
        if window is None:
            return First(result=too_late())
        live = await self.look(task, window)
        difference = settled(cargo.lines, live, cargo.known if live else (), window)
        if difference.equal and (covered(cargo.lines, live, window) or _proven_before(cargo, live, window)):
            return First(live, result=await self._is_live(task, cargo, window))
        return First(
            live, cargo.foreign(live, window), Seen(before=difference, live=strangers(difference, live, window))
        )

    async def look(self, task: StoreTask, window: Window) -> Collection[LiveLine]:
        """Read what is live, while nothing of this store's is on its way."""
        async with self._gate.outside():
            return await self._live(task, window)

    async def settle_interrupted(self, task: StoreTask) -> StoreResult | None:
        """After a restart in the middle of a send: read back what became of it (3.3).

        None means that it did not arrive: the store starts over, reading first. *Not verified* means that it
        cannot be told now.
        """
        step = task.step
        if step.stage != SENDING or step.sent_digest is None or step.sent_start is None or step.sent_end is None:
            return None
        sent = await self._database.read(lambda session: _sent(session, task))
        if sent is None:
            return None
        lines, place, baseline, unproven = sent
        start, end = step.sent_start.astimezone(task.ref.zone), step.sent_end.astimezone(task.ref.zone)
        window = Window(start.date(), start, end)
        if self._clock.now() >= end:
            return None
        now, counts = self._clock.now(), dict(step.counts)
        cargo = Cargo(lines, step.sent_digest, baseline, counts, place, baseline, now, timedelta(), unproven)
        read = await self._read_back(task, cargo, window)
        if read.difference is None:
            return not_verified(cargo.counts, read, None, window)
        return await self._verified(task, cargo, window, read) if read.difference.equal else None

    async def send(self, task: StoreTask, cargo: Cargo, before: Collection[LiveLine]) -> StoreResult:
        """Send until the platform has it, at most three times, and read back after each.

        Raises StaleData, HalfLive, and whatever clear refusal the platform answers.
        """
        try:
            return await self._send(task, cargo, before)
        except RunStopped as stop:
            return stop.result

    async def _send(self, task: StoreTask, cargo: Cargo, before: Collection[LiveLine]) -> StoreResult:
        sends = task.step.sends
        error: ChimeraError | None = None
        doubtful = sends > 0
        while sends < MAX_SENDS:
            window = await self._announce(task, cargo, sends + 1)
            sends += 1
            try:
                answer = await self._upload(task, cargo, window, sends)
            except OutsideError as refusal:
                if not doubtful:
                    raise
                answer = refusal
            judged = await self._judged(task, cargo, window, answer, before)
            if isinstance(judged, StoreResult):
                return judged
            error = judged
            if isinstance(error, PauseAsked) and error.of_others:
                await self._take_back(task, sends)
                sends -= 1
            doubtful = doubtful or isinstance(error, OutcomeUnknown)
            wait = _wait(error, self._timing.between_sends)
            if wait > task.time_left(self._clock.now()).total_seconds():
                raise error
            if sends < MAX_SENDS:
                await self._rest(task, wait, before, window)
        raise error if isinstance(error, TemporarilyUnavailable | Unreachable) else sent_enough(MAX_SENDS, error)

    async def _judged(
        self, task: StoreTask, cargo: Cargo, window: Window, error: ChimeraError | None, before: Collection[LiveLine]
    ) -> StoreResult | ChimeraError:
        """Read back what a send came to; the error of one that did not arrive, which may be sent again.

        A refusal comes here only after an earlier send, which may have arrived meanwhile.
        """
        if isinstance(error, TemporarilyUnavailable | Unreachable):
            return error
        read = await self._read_back(task, cargo, window)
        if read.difference is not None and read.difference.equal:
            return await self._verified(task, cargo, window, read)
        if isinstance(error, OutcomeUnknown) and read.difference is not None and _same(read.live, before, window):
            return error
        result = not_verified(cargo.counts, read, error, window)
        if isinstance(error, HalfSent) and read.difference is not None:
            raise HalfLive(result)
        return result

    async def _rest(self, task: StoreTask, seconds: float, before: Collection[LiveLine], window: Window) -> None:
        """Wait before the next send, which a cancel makes needless: whoever asks for one waits for nothing.

        Raises StaleData when something else is live afterwards: ours came late, or somebody sent meanwhile.
        A look that meets a passing fault is repeated as a read-back is; what it raises in the end goes on.
        """
        looks = [later - earlier for earlier, later in pairwise(self._timing.read_back)]
        pauses = [seconds, *looks]
        while pauses:
            if await self._cancelled_while(task, pauses.pop(0)):
                return
            task.open.clear()
            try:
                live = await self._live(task, window)
            except (TemporarilyUnavailable, Unreachable) as error:
                if not pauses or isinstance(error, PauseAsked):
                    raise
                continue
            if not _same(live, before, window):
                raise StaleData
            return

    async def waits(self, task: StoreTask, asked: PauseAsked) -> bool:
        """Wait as long as the other side asked for, or until a cancel; False at once where the run has no such time."""
        if asked.seconds > task.time_left(self._clock.now()).total_seconds():
            return False
        await self._cancelled_while(task, asked.seconds)
        return True

    async def _cancelled_while(self, task: StoreTask, seconds: float) -> bool:
        """Wait so long, and tell whether a cancel ended that."""
        loop, about = asyncio.get_running_loop(), {"execution": task.execution.id}
        until = loop.time() + seconds
        while (left := until - loop.time()) > 0:
            (found,) = await self._database.glance(lambda session: CANCELLED_BY.rows(session.connection(), **about))
            if found.cancel_requested_by is not None:
                return True
            await self._gate.pause(min(left, _LOOK_SECONDS))
        return False

    async def _announce(self, task: StoreTask, cargo: Cargo, number: int) -> Window:
        """Write that a list leaves now, and return for which hours. Raises RunStopped for one that may not."""
        window = await self.window(task)
        if window is None:
            raise RunStopped(too_late())
        if cargo.origin is not None:
            await self._refuse_another_origin(task, cargo.origin)
        await self._refuse_another_target(task)
        stopped = await self._database.write(lambda session: self._note_send(session, task, cargo, window, number))
        if stopped is not None:
            raise RunStopped(stopped)
        return window

    def _last_look(self, task: StoreTask, cargo: Cargo, window: Window, number: int) -> LastLook:
        """Return what looks once more when the list has its turn at the platform: the last moment to say no."""

        async def look() -> None:
            try:
                await self._refuse_overtaken(task, cargo, window, number)
            except (RunStopped, StaleData):
                await self._take_back(task, number)
                raise

        return look

    async def _refuse_overtaken(self, task: StoreTask, cargo: Cargo, window: Window, number: int) -> None:
        """Raise RunStopped or StaleData for a list that was stopped, or grew stale, while it waited for its turn."""
        stopped = await self._database.glance(lambda session: self._stopped(session, task, cargo, number))
        if stopped is not None:
            raise RunStopped(stopped)
        await self._refuse_another_target(task)
        now = self._clock.now()
        if not cargo.is_fresh(now) or now >= window.start:
            raise StaleData

    async def _take_back(self, task: StoreTask, number: int) -> None:
        """Write that a list which was about to leave did not."""
        before: dict[str, Any] = {"sends": number - 1}
        if number - 1 == task.step.sends:
            step = task.step
            before |= {name: getattr(step, name) for name in _SENT}
        key = {"execution_id": task.execution.id, "store_id": task.store.id}
        await self._database.write(lambda session: change_row(session, _steps, key, before))

    async def _refuse_another_origin(self, task: StoreTask, origin: str) -> None:
        """Raise StaleData when the ERP is another one by now, or configured otherwise: its prices are not known."""
        if await self._connections.origin_of(task) != origin:
            raise StaleData

    async def _refuse_another_target(self, task: StoreTask) -> None:
        """Raise StaleData when the platform is another one by now, or configured otherwise: nobody looked at it yet."""
        if await self._connections.target_changed(task):
            raise StaleData

    def _note_send(
        self, session: Session, task: StoreTask, cargo: Cargo, window: Window, number: int
    ) -> StoreResult | None:
        if (stopped := self._stopped(session, task, cargo, number)) is not None:
            return stopped
        if not cargo.is_fresh(self._clock.now()):
            raise StaleData
        sent = {"sends": number, "sent_digest": cargo.digest, "sent_start": window.start, "sent_end": window.end}
        sent |= {"sent_account": cargo.place.account, "sent_registration": cargo.place.registration}
        step = {"execution_id": task.execution.id, "store_id": task.store.id}
        change_row(session, _steps, step, {"stage": SENDING, "day": window.day, "counts": cargo.counts, **sent})
        return None

    def _stopped(self, session: Session, task: StoreTask, cargo: Cargo, number: int) -> StoreResult | None:
        """Return what a list comes to that somebody, or the clock, stopped; None for one that may leave."""
        about = {"execution": task.execution.id, "store": task.store.id}
        (found,) = STOPS.rows(session.connection(), **about)
        cancelled_by, paused_at, paused_by, served, cut_over, *numbers = found
        if cancelled_by is not None:
            return StoreResult(Outcome.CANCELLED, cancelled(again=number > 1), cargo.counts)
        if task.time_left(self._clock.now()) < timedelta():
            reason = T("Not sent: the run was over its time limit of {n} minutes.", n=task.settings.timeout_minutes)
            return StoreResult(Outcome.FAILED, reason, cargo.counts | {"timed_out": 1})
        if not cut_over:
            return not_ours(task, cargo.counts, again=number > 1)
        if numbers != [task.store.cnpj, task.store.unit, task.store.platform_registration]:
            reason = T("Not sent: the store's CNPJ, unit or registration was changed meanwhile. Run it again.")
            return StoreResult(Outcome.FAILED, reason, cargo.counts)
        if paused_at is not None and not cargo.removes:
            reason = T(
                "Paused by {name} at {time}. After /resume: Retry.",
                name=paused_by or "?",
                time=paused_at.astimezone(task.ref.zone).time().replace(second=0, microsecond=0),
            )
            return StoreResult(Outcome.HELD, reason, cargo.counts)
        if not served and task.execution.type != BY_HAND:
            return StoreResult(Outcome.SKIPPED, T("Not sent: the store was switched off or deleted."), cargo.counts)
        return None

    async def _upload(self, task: StoreTask, cargo: Cargo, window: Window, number: int) -> ChimeraError | None:
        """Send once. Returns None for a clear yes, the error when it may be tried again or read back.

        Raises RunStopped or StaleData, with nothing sent, for a list that was stopped, or grew stale, while it
        waited for its turn.
        """
        target = await self._connections.target_of(task)
        leaving = self._last_look(task, cargo, window, number)
        campaign = Campaign(task.ref, window, cargo.lines, empties=cargo.empties, leaving=leaving)
        try:
            async with self._connections.calling(target, task.job):
                receipt = await target.upload(campaign)
        except (OutcomeUnknown, TemporarilyUnavailable, Unreachable) as error:
            await self._log.warning(
                task,
                TN(
                    "Sending {n} product: {problem}",
                    "Sending {n} products: {problem}",
                    len(cargo.lines),
                    T("Sending an empty list: {problem}", problem=error.text),
                    problem=error.text,
                ),
            )
            return error
        sent = TN("{n} product sent.", "{n} products sent.", len(cargo.lines), T("An empty list was sent."))
        await self._log.info(task, sent, detail=receipt.raw)
        return None

    async def _read_back(self, task: StoreTask, cargo: Cargo, window: Window) -> ReadBack:
        """Read at 0, 5, 15 and 45 seconds after the answer, until it is equal (3.2)."""
        read = ReadBack()
        past = 0.0
        for moment in self._timing.read_back:
            if moment > past:
                await self._gate.pause(moment - past)
                task.open.clear()
                past = moment
            try:
                read.live = await self._live(task, window)
            except CredentialsRefused as error:
                read.error = error
                break
            except ChimeraError as error:
                # What an earlier read showed may have changed since: only the last one counts.
                read.error, read.difference = error, None
                if isinstance(error, PauseAsked) and not await self.waits(task, error):
                    break
                continue
            told = shows(read.live, cargo.digest, window)
            read.difference = Difference() if told else settled(cargo.lines, read.live, cargo.known, window)
            if read.difference.equal:
                break
        return read

    async def _live(self, task: StoreTask, window: Window) -> Collection[LiveLine]:
        target = await self._connections.target_of(task)
        async with self._connections.calling(target, task.job):
            live = await target.live(task.ref, window)
        # Reading thousands of lines took its time already: others go on before they are compared.
        await self._courtesy.turn()
        return live

    async def _verified(self, task: StoreTask, cargo: Cargo, window: Window, read: ReadBack) -> StoreResult:
        if not await self._record(task, cargo, window):
            return moved(cargo.counts)
        counts = cargo.counts | {"sent": len(cargo.lines), "start": window.start.strftime("%H:%M")}
        reason = None
        if read.difference is not None and read.difference.others:
            counts["foreign"] = len(read.difference.others)
        return StoreResult(Outcome.VERIFIED, reason, counts, read.seen(window))

    async def _is_live(self, task: StoreTask, cargo: Cargo, window: Window) -> StoreResult:
        if not await self.sends(task):
            # What the old system made live proves nothing of ours.
            return not_ours(task, cargo.counts)
        if not task.execution.dry_run and not await self._record(task, cargo, window):
            raise StaleData
        return StoreResult(Outcome.ALREADY_LIVE, None, cargo.counts)

    async def _record(self, task: StoreTask, cargo: Cargo, window: Window) -> bool:
        """Make what was read back the store's baseline, unless it is for another place by now."""
        proof: dict[str, Any] = {"digest": cargo.digest, "count": len(cargo.lines), "window": window}
        proof |= {"verified_at": self._clock.now(), "place": cargo.place}

        def record(session: Session) -> bool:
            if task.place(session) != cargo.place:
                return False
            use_up_foreign(session, task.store.id)
            remember_prices(session, task.store.id, window.day, cargo.gone)
            add_verified(session, task.execution.id, task.store.id, **proof)
            return True

        return await self._database.write(record)


def _sent(session: Session, task: StoreTask) -> tuple[list[Line], Place, Baseline | None, frozenset[str]] | None:
    """Read what an interrupted attempt had sent, and what is known of the store besides; None if it left for elsewhere.

    What became of it there cannot be seen here any more.
    """
    place, step = task.place(session), task.step
    if step.sent_account not in (None, place.account) or step.sent_registration not in (None, place.registration):
        return None
    lines = load_lines(session, task.store.id, step.sent_digest or "")
    baseline = load_baseline(session, task.store.id, place.of_any_unit)
    digest = baseline.digest if baseline else None
    return lines, place, baseline, load_unproven(session, task.store.id, task.day, digest, place)


def _wait(error: ChimeraError | None, usual: float) -> float:
    asked = getattr(error, "retry_after", None)
    return usual if asked is None else float(asked)


def _proven_before(cargo: Cargo, live: Collection[LiveLine], window: Window) -> bool:
    """Tell whether an equal answer has no windows, and shows what was verified for today already."""
    last = cargo.here
    if last is None or last.day != window.day or last.digest != cargo.digest:
        return False
    return all(line.starts is None and line.ends is None for line in live)


def _same(now: Iterable[LiveLine], before: Iterable[LiveLine], window: Window) -> bool:
    """Tell whether nothing changed since before the send: then it did not arrive."""
    return sorted(in_window(now, window), key=repr) == sorted(in_window(before, window), key=repr)
