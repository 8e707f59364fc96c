"""Deeds of people on one store (CH-21), through the same machinery as a sync: read, send, read back."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.catalogue.lines import Line
from core.catalogue.places import Place
from core.catalogue.prepare import canonical, digest, in_order
from core.catalogue.sets import Baseline, keep_lines, keep_prepared, load_baseline, load_unproven
from core.clock import Clock, local_date
from core.db.database import Database
from core.executions.byhand import Deed
from core.executions.states import Outcome
from core.texts import TN, T, Text
from jobs.cargo import Cargo
from jobs.sending import SENDING, First, HalfLive, Sender, StaleData
from jobs.task import StoreResult, StoreTask
from jobs.verdicts import not_ours, too_late

_FRESH = timedelta(days=1)
_CHANGED = T(
    "Not sent: it waited too long for the platform, or something changed meanwhile. Look again, then repeat it."
)


class ByHand:
    """Sends the last verified list again, without one product, or as nothing at all."""

    def __init__(self, database: Database, clock: Clock, sender: Sender) -> None:
        self._database = database
        self._clock = clock
        self._sender = sender

    async def __call__(self, task: StoreTask) -> StoreResult:
        async with self._sender.store_lock(task.store.id):
            if task.step.stage == SENDING and (settled := await self._sender.settle_interrupted(task)) is not None:
                return settled
            if not await self._sender.sends(task):
                return not_ours(task, {})
            if await self._sender.window(task) is None:
                return too_late()
            cargo = await self._cargo(task)
            if isinstance(cargo, StoreResult):
                return cargo
            first = await self._looked(task, cargo)
            if first.result is not None:
                return first.result
            if first.foreign and not cargo.empties and not task.store.foreign_lines_allowed:
                return StoreResult(Outcome.HELD, _foreign(len(first.foreign)), cargo.counts, first.seen)
            if other := _others_repriced(task, first):
                return StoreResult(Outcome.FAILED, _other_prices(other), cargo.counts, first.seen)
            try:
                return await self._sender.send(task, cargo, first.live)
            except HalfLive as half:
                return half.result
            except StaleData:
                return StoreResult(Outcome.FAILED, _CHANGED, cargo.counts, first.seen)

    async def _looked(self, task: StoreTask, cargo: Cargo) -> First:
        try:
            return await self._sender.read_first(task, cargo)
        except StaleData:
            return First(result=StoreResult(Outcome.FAILED, _CHANGED, cargo.counts))

    async def _cargo(self, task: StoreTask) -> Cargo | StoreResult:
        deed, now = Deed(task.execution.options["deed"]), self._clock.now()
        place, last, unproven = await self._database.read(lambda session: _known(session, task))
        if last is None or (deed is not Deed.RESEND and last.day != task.day):
            return StoreResult(Outcome.NOTHING_TO_SEND, T("There is no verified campaign of today to change."))
        lines = in_order(_wanted(deed, last, task.execution.options["code"]))
        sent, counts = digest(lines), {"lines": len(lines), "changed": len(last.lines) - len(lines)}
        note: dict[str, Any] = {"digest": sent, "count": len(lines)}
        note |= {"day": local_date(now, task.ref.zone), "scanned_at": now}

        def keep(session: Session) -> None:
            keep_lines(session, task.store.id, sent, count=len(lines), packed=canonical(lines))
            keep_prepared(session, task.execution.id, task.store.id, **note)

        await self._database.write(keep)
        removes, empties = deed is not Deed.RESEND, deed is Deed.CLEAR
        return Cargo(lines, sent, last, counts, place, last, now, _FRESH, unproven, removes=removes, empties=empties)


def _known(session: Session, task: StoreTask) -> tuple[Place, Baseline | None, frozenset[str]]:
    place = task.place(session)
    last = load_baseline(session, task.store.id, place)
    return place, last, load_unproven(session, task.store.id, task.day, last.digest if last else None, place)


def _wanted(deed: Deed, last: Baseline, code: str) -> list[Line]:
    match deed:
        case Deed.CLEAR:
            return []
        case Deed.TAKE_OFF:
            return [line for line in last.lines.values() if line.code != code]
        case _:
            return list(last.lines.values())


def _others_repriced(task: StoreTask, first: First) -> int:
    """Return for how many others taking one product off would bring back the prices that were verified last.

    That is how it is after a send that nobody could read back: newer prices are live than those.
    """
    before = first.seen.before
    return before.altered if before is not None and task.execution.options["deed"] == Deed.TAKE_OFF else 0


def _other_prices(number: int) -> Text:
    return TN(
        "Not sent: {n} other live product has another price than was verified last. Sync the store first.",
        "Not sent: {n} other live products have other prices than were verified last. Sync the store first.",
        number,
    )


def _foreign(number: int) -> Text:
    return TN(
        "Not sent: {n} live product comes from somebody else and would be replaced.",
        "Not sent: {n} live products come from somebody else and would be replaced.",
        number,
    )
