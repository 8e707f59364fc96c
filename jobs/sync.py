"""`sync_products` for one store (CH-9): here a store's discounts are decided.

fetch -> snapshot -> guard rails -> prepare -> read what is live -> send -> read back. A store that the
old system still sends (CH-11) ends at reading what is live: both are compared, and nothing is sent.
Rails and differences are always against the last *verified* list (`rules.md` 1.8).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.orm import Session

from core.catalogue.compare import Difference, compare_lines
from core.catalogue.findings import Seen, keep_scan, strangers
from core.catalogue.holding import Held, Released, lapse_changed, load_released, not_released, replace_open
from core.catalogue.lines import Line
from core.catalogue.packed import Packed, packed_lines
from core.catalogue.places import Place
from core.catalogue.planner import Planner
from core.catalogue.planning import NEVER, Known
from core.catalogue.rails import StoreHold, StoreReason
from core.catalogue.sets import (
    Baseline,
    Fetched,
    is_outdated,
    keep_lines,
    keep_prepared,
    load_baseline,
    load_past_prices,
    load_unproven,
)
from core.clock import Clock, local_date
from core.courtesy import Courtesy
from core.db.database import Database
from core.errors import OutsideError, PauseAsked
from core.executions.model import Step
from core.executions.states import IN_DOUBT, WORKED_OUT, Outcome
from core.jobs.settings import SyncSettings
from core.texts import TN, T, Text
from jobs.cargo import Cargo
from jobs.compare import rest_of_day
from jobs.fetching import Fetcher, reject_counts
from jobs.sending import SENDING, HalfLive, Sender, StaleData
from jobs.task import RunStopped, StoreResult, StoreTask
from jobs.verdicts import too_late

_DOUBTLESS = (Outcome.VERIFIED, Outcome.ALREADY_LIVE, Outcome.NOT_VERIFIED)
MOST_FETCHES = 3
"""How often a store is fetched in one run when its data keeps growing too old."""


class _Known(NamedTuple):
    """What is known of a store: where it is live, codes sent there but unproven, releases, earlier prices.

    `baseline` was verified last, wherever that was: prices are weighed against it. `here` was verified at this place.
    """

    place: Place
    baseline: Baseline | None
    here: Baseline | None
    unproven: frozenset[str]
    released: Released
    past: dict[str, Decimal]


@dataclass(slots=True)
class Plan:
    """What a store should have today, and what is held of it.

    `digest` is that of the lines, `held.digest` that of everything that would be sent if nothing
    were held: what a release of the whole store is about.
    """

    lines: Packed[Line]
    digest: str
    held: Held
    known: _Known
    fetched: Fetched
    counts: dict[str, Any] = field(default_factory=dict)


class SyncStore:
    """Brings one store's campaign up to what the ERP says today."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        fetcher: Fetcher,
        planner: Planner,
        sender: Sender,
        courtesy: Courtesy,
    ) -> None:
        self._database = database
        self._clock = clock
        self._fetcher = fetcher
        self._planner = planner
        self._sender = sender
        self._courtesy = courtesy

    async def __call__(self, task: StoreTask) -> StoreResult:
        settled = await self._settled(task)
        if settled is not None and settled.outcome is not Outcome.NOT_VERIFIED:
            return settled
        left = MOST_FETCHES
        while left:
            left -= 1
            try:
                return _beside(settled, await self._once(task))
            except RunStopped as stopped:
                return _beside(settled, stopped.result)
            except HalfLive as half:
                settled = half.result
            except StaleData:
                pass
            except OutsideError as error:
                # What other stores were asked for ends with their own last attempts.
                left += isinstance(error, PauseAsked) and error.of_others
                if not (left and isinstance(error, PauseAsked) and await self._sender.waits(task, error)):
                    # After an interrupted send still nobody knows what became of it: that is what has to be told.
                    if settled is not None:
                        return settled
                    raise
            task = await self._reloaded(task)
        return settled or StoreResult(
            Outcome.FAILED,
            T(
                "Begun {times} times: each time the prices were older than {n} minutes, or something changed, "
                "before they could be sent. Try again later, or allow older data in the job's settings.",
                times=MOST_FETCHES,
                n=task.settings.max_age_minutes,
            ),
        )

    async def _settled(self, task: StoreTask) -> StoreResult | None:
        """Return what became of a send that was interrupted; None when there was none, or it did not arrive."""
        if task.step.stage != SENDING:
            return None
        async with self._sender.store_lock(task.store.id):
            return await self._sender.settle_interrupted(task)

    async def _reloaded(self, task: StoreTask) -> StoreTask:
        """Return the task with its step as it is now: sends are counted over all attempts."""
        step = await self._database.read(lambda session: session.get_one(Step, (task.execution.id, task.store.id)))
        return replace(task, step=step, open={})

    async def _once(self, task: StoreTask) -> StoreResult:
        ours = await self._sender.sends(task)
        if ours and await self._sender.window(task) is None:
            return too_late()
        fetched, default_limit = await self._fetcher(task)
        plan = await self._plan(task, fetched, default_limit)
        await self._keep(task, plan, ours=ours)
        if not ours:
            return await self._work_out(task, plan)
        if plan.held.stores:
            return StoreResult(Outcome.HELD, why_held(plan.held), plan.counts)
        if not plan.lines:
            return StoreResult(Outcome.NOTHING_TO_SEND, _without_discounts(task, plan.known.baseline), plan.counts)
        return await self._send(task, plan)

    async def _plan(self, task: StoreTask, fetched: Fetched, default_limit: int) -> Plan:
        settings = task.settings
        assert isinstance(settings, SyncSettings)  # noqa: S101 - the runner chose this job type
        stored = await self._database.read(lambda session: _known(session, task))
        known = Known(
            rails=settings.guard_rails,
            store_limit=task.store.limit,
            default_limit=default_limit,
            past=stored.past,
            released_lines=stored.released.lines,
            released_lists=stored.released.digests,
            verified=msgspec.Raw(stored.baseline.packed) if stored.baseline else NEVER,
        )
        planned, packed = await self._planner(fetched.candidates, known)
        counts = {
            "read": fetched.products_read,
            "candidates": len(fetched.candidates),
            "rejects": reject_counts(fetched.rejects),
            "held_lines": len(planned.held),
            "lines": planned.count,
            "changed": planned.changed,
        }
        held = Held(lines=planned.held, stores=planned.stores, digest=planned.full_digest)
        lines = packed_lines(packed, planned.count)
        return Plan(lines, planned.digest, held, stored, fetched, counts)

    async def _keep(self, task: StoreTask, plan: Plan, *, ours: bool) -> None:
        """Write the prepared list and, where it may be sent, what is held."""
        now = self._clock.now()
        prepared: dict[str, Any] = {"digest": plan.digest, "count": len(plan.lines)}
        prepared |= {"day": local_date(now, task.ref.zone), "scanned_at": plan.fetched.scanned_at}

        def keep(session: Session) -> None:
            keep_lines(session, task.store.id, plan.digest, count=len(plan.lines), packed=plan.lines.packed)
            keep_prepared(session, task.execution.id, task.store.id, **prepared)
            keep_scan(session, task.execution.id, task.store.id, plan.fetched.rejects, plan.held.lines)
            if ours and not task.execution.dry_run:
                lapse_changed(session, task.store.id, plan.fetched.candidates, plan.held.digest)
                _hold(session, task, plan.held, now)

        await self._courtesy.turn()
        await self._database.write(keep)

    async def _work_out(self, task: StoreTask, plan: Plan) -> StoreResult:
        """Compare what would be sent with what the old system has live. Nothing is sent, held or verified."""
        window = rest_of_day(task, self._clock.now())
        live = await self._sender.look(task, window)
        held = {line.candidate.code for line in plan.held.lines}
        found = compare_lines(plan.lines, live, window)
        difference = msgspec.structs.replace(found, extra=[code for code in found.extra if code not in held])
        counts = {name: number for name, number in plan.counts.items() if name != "held_lines"}
        counts |= difference.counts | {WORKED_OUT: 1, "would_hold": len(held)}
        seen = Seen(before=difference, live=strangers(difference, live, window))
        return StoreResult(Outcome.SKIPPED, worked_out(len(plan.lines), difference, plan.held), counts, seen)

    async def _send(self, task: StoreTask, plan: Plan) -> StoreResult:
        cargo = Cargo(
            lines=plan.lines,
            digest=plan.digest,
            baseline=plan.known.baseline,
            place=plan.known.place,
            here=plan.known.here,
            counts=plan.counts,
            read_at=plan.fetched.scanned_at,
            fresh_for=timedelta(minutes=task.settings.max_age_minutes),
            unproven=plan.known.unproven,
            origin=plan.fetched.origin,
        )
        async with self._sender.store_lock(task.store.id):
            if await self._is_outdated(task, plan):
                raise StaleData
            first = await self._sender.read_first(task, cargo)
            if first.result is not None:
                return first.result
            strangers = not_released(first.foreign, plan.known.released)
            if strangers and not task.store.foreign_lines_allowed:
                return await self._hold_foreign(task, plan, strangers, first.seen)
            if task.execution.dry_run:
                changes = first.seen.before or Difference()
                return StoreResult(Outcome.SKIPPED, _dry(changes), plan.counts | changes.counts, first.seen)
            result = await self._sender.send(task, cargo, first.live)
            return replace(result, seen=first.seen.then(result.seen))

    async def _is_outdated(self, task: StoreTask, plan: Plan) -> bool:
        """Tell whether another run of the store came first while this one waited for its turn."""
        now, read_at = self._clock.now(), plan.fetched.scanned_at
        return await self._database.read(
            lambda session: is_outdated(session, task.store.id, read_at, now, plan.known.baseline)
        )

    async def _hold_foreign(self, task: StoreTask, plan: Plan, codes: list[str], seen: Seen) -> StoreResult:
        plan.held.foreign = codes
        if not task.execution.dry_run:
            now = self._clock.now()
            await self._database.write(lambda session: _hold(session, task, plan.held, now))
        return StoreResult(Outcome.HELD, why_held(plan.held), plan.counts | {"foreign": len(codes)}, seen)


def _beside(doubt: StoreResult | None, result: StoreResult) -> StoreResult:
    """Return what to tell of a store whose last send is in doubt (None: it is not): the doubt, until it is gone."""
    if doubt is None or doubt.reason is None or result.outcome in _DOUBTLESS:
        return result
    if result.outcome is not Outcome.HELD or result.reason is None:
        return doubt
    both = T("{first} {second}", first=doubt.reason, second=result.reason)
    return replace(result, reason=both, counts=result.counts | {IN_DOUBT: 1})


def _without_discounts(task: StoreTask, last: Baseline | None) -> Text:
    """Say that a released empty list sends nothing, and what that leaves live: only clearing a store empties it."""
    if last is None or last.day != task.day or not last.lines:
        return T("No discounts today, as released.")
    return TN(
        "No discounts today, as released. Today's campaign of {n} product stays live until the store is cleared.",
        "No discounts today, as released. Today's campaign of {n} products stays live until the store is cleared.",
        len(last.lines),
    )


def _known(session: Session, task: StoreTask) -> _Known:
    store_id, place = task.store.id, task.place(session)
    baseline, here = load_baseline(session, store_id), load_baseline(session, store_id, place.of_any_unit)
    unproven = load_unproven(session, store_id, task.day, here.digest if here else None, place)
    past = load_past_prices(session, store_id)
    return _Known(place, baseline, here, unproven, load_released(session, store_id), past)


def _hold(session: Session, task: StoreTask, held: Held, now: datetime) -> None:
    replace_open(
        session,
        now,
        organisation_id=task.job.organisation_id,
        execution_id=task.execution.id,
        store_id=task.store.id,
        held=held,
    )


def why_held(held: Held) -> Text:
    """Say why a store gets nothing, with the numbers behind it."""
    reasons = [_STORE_REASONS[hold.reason](hold) for hold in held.stores]
    if held.lines and any(hold.reason is StoreReason.NO_LINES for hold in held.stores):
        reasons = [TN("its only product is held", "all its {n} products are held", len(held.lines))]
    if held.foreign:
        reasons.append(
            TN(
                "{n} live product comes from somebody else; releasing takes it off the air",
                "{n} live products come from somebody else; releasing takes them off the air",
                len(held.foreign),
            )
        )
    return T("Reason: {reasons}.", reasons=reasons)


_STORE_REASONS: dict[StoreReason, Callable[[StoreHold], Text]] = {
    StoreReason.NO_LINES: lambda hold: T("no products at all (last time {last})", last=hold.last),
    StoreReason.MIN_LINES: lambda hold: TN(
        "only {n} product after {last} last time",
        "only {n} products after {last} last time",
        hold.lines,
        last=hold.last,
    ),
    StoreReason.MAX_CHANGED: lambda hold: T(
        "{added} added, {removed} removed and {repriced} repriced of {last}",
        added=hold.added,
        removed=hold.removed,
        repriced=hold.repriced,
        last=hold.last,
    ),
}


def worked_out(lines: int, difference: Difference, held: Held) -> Text:
    """Say how far what would be sent agrees with what the old system has live; a zero is not told."""
    missing, extra, altered = len(difference.missing), len(difference.extra), difference.altered
    agree = TN("{n} product agrees", "{n} products agree", lines - missing - altered, T("no product agrees"))
    told = (
        (altered, TN("{n} differs", "{n} differ", altered)),
        (missing, TN("{n} missing", "{n} missing", missing)),
        (extra, TN("{n} only on the platform", "{n} only on the platform", extra)),
        (len(held.lines), TN("{n} would be held", "{n} would be held", len(held.lines))),
    )
    parts = [agree, *(text for number, text in told if number)]
    said = T("Not sent: the old system still sends this store. {parts}.", parts=parts)
    if not held.stores:
        return said
    return T("{first} {second}", first=said, second=T("The store would be held. {reason}", reason=why_held(held)))


def _dry(difference: Difference) -> Text:
    """Say what sending would have changed on the platform; a zero is not told."""
    new, altered, gone = len(difference.missing), difference.altered, len(difference.extra)
    told = (
        (new, TN("{n} new", "{n} new", new)),
        (altered, TN("{n} changed", "{n} changed", altered)),
        (gone, TN("{n} taken off", "{n} taken off", gone)),
    )
    changes = [text for number, text in told if number]
    if not changes:
        return T("The products and prices that are live now, for other hours.")
    return T("Against what is live now: {changes}.", changes=changes)
