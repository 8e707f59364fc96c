"""One product in the stores of a person: what the ERP said, what is held, prepared and live."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from core.catalogue.lines import Candidate, Line, Reject
from core.catalogue.model import FetchedProduct, Hold, HoldState, LineList, PreparedList, Snapshot, VerifiedList
from core.catalogue.places import is_of_store
from core.catalogue.sets import lines_of, reasons_of
from core.clock import local_date
from core.executions.model import Execution, Step
from core.executions.states import WORKED_OUT
from core.organisations.model import Organisation
from core.stores.model import Store

_LISTS_AT_ONCE = 10


class Standing(StrEnum):
    """How a product stands in one store; the first that applies counts."""

    LIVE = "live"
    LATER = "later"
    HELD = "held"
    STORE_HELD = "store_held"
    PREPARED = "prepared"
    WORKED_OUT = "worked_out"
    DISCOUNTED = "discounted"
    REJECTED = "rejected"
    NOT_LISTED = "not_listed"
    NEVER_READ = "never_read"


@dataclass(frozen=True, slots=True)
class StorePrice:
    """One product at one store. Prices are money; `starts` and `ends` the window of `live`.

    `found` and `reject` are what the scan that began at `scanned_at` said; both None: the scan
    did not list the product. `hold` and `store_hold` are reasons of guard rails. `prepared` is
    today's line, `worked_out` if nothing of it was or is to be sent (CH-11), `live` the line that was
    read back for a window that is not over, in the store's own time. `cut_over` tells whether Chimera
    sends to the store now.
    """

    store_id: int
    store: str
    now: datetime
    scanned_at: datetime | None = None
    found: Candidate | None = None
    reject: Reject | None = None
    hold: str | None = None
    store_hold: str | None = None
    prepared: Line | None = None
    live: Line | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    worked_out: bool = False
    cut_over: bool = True

    @property
    def standing(self) -> Standing:
        if self.live is not None and self.starts is not None:
            return Standing.LIVE if self.starts <= self.now else Standing.LATER
        if self.found is not None and self.hold is not None:
            return Standing.HELD
        if self.found is not None and self.store_hold is not None:
            return Standing.STORE_HELD
        if self.prepared is not None:
            return Standing.WORKED_OUT if self.worked_out else Standing.PREPARED
        if self.found is not None:
            return Standing.DISCOUNTED
        if self.reject is not None:
            return Standing.REJECTED
        return Standing.NEVER_READ if self.scanned_at is None else Standing.NOT_LISTED

    @property
    def outdated(self) -> bool:
        """Tell whether the ERP's last scan says other prices than those that are live."""
        if self.live is None:
            return False
        found = self.found
        return found is None or (found.base, found.final) != (self.live.price, self.live.final_price)


async def load_prices(
    session: AsyncSession, organisation: Organisation, stores: Sequence[Store], codes: Collection[str], now: datetime
) -> dict[str, list[StorePrice]]:
    """Return every code with its price in every one of the stores, in the stores' order."""
    ids = [store.id for store in stores]
    scanned = await _scans(session, ids)
    found = await _fetched(session, ids, codes)
    rejects = await _rejects(session, _without(found, scanned, codes), codes)
    holds, store_holds = await _holds(session, ids, codes)
    zones = {store.id: store.zone(organisation.zone) for store in stores}
    prepared, verified = await _prepared(session, zones, now), await _verified(session, zones, now)
    today = {store_id: one.digest for store_id, one in prepared.items()}
    digests = {*today.items(), *((store_id, one.digest) for store_id, one in verified.items())}
    lines = await pick_lines(session, digests, codes)
    return {
        code: [
            StorePrice(
                store.id,
                store.name,
                now,
                scanned.get(store.id),
                found.get((store.id, code)),
                rejects.get(store.id, {}).get(code),
                holds.get((store.id, code)),
                store_holds.get(store.id),
                lines.get((store.id, today.get(store.id, ""), code)),
                *_live(store.id, verified, lines, code, zones),
                worked_out=store.id in prepared and prepared[store.id].worked_out,
                cut_over=store.cut_over,
            )
            for store in stores
        ]
        for code in codes
    }


def _live(
    store_id: int,
    verified: Mapping[int, VerifiedList],
    lines: Mapping[tuple[int, str, str], Line],
    code: str,
    zones: Mapping[int, ZoneInfo],
) -> tuple[Line | None, datetime | None, datetime | None]:
    """Return the live line of a product with its window in the store's own time."""
    one = verified.get(store_id)
    line = None if one is None else lines.get((store_id, one.digest, code))
    if one is None or line is None:
        return None, None, None
    return line, one.window_start.astimezone(zones[store_id]), one.window_end.astimezone(zones[store_id])


def _without(
    found: Mapping[tuple[int, str], Candidate], scanned: Mapping[int, datetime], codes: Collection[str]
) -> list[int]:
    """Return the scanned stores that do not have all of the codes discounted."""
    return [store_id for store_id in scanned if any((store_id, code) not in found for code in codes)]


async def _scans(session: AsyncSession, ids: Sequence[int]) -> dict[int, datetime]:
    rows = await session.execute(select(Snapshot.store_id, Snapshot.scanned_at).where(Snapshot.store_id.in_(ids)))
    return dict(iter(rows))


async def _fetched(
    session: AsyncSession, ids: Sequence[int], codes: Collection[str]
) -> dict[tuple[int, str], Candidate]:
    rows = await session.execute(
        select(FetchedProduct.__table__).where(FetchedProduct.store_id.in_(ids), FetchedProduct.code.in_(codes))
    )
    return {
        (r.store_id, r.code): Candidate(r.code, r.name, r.ean, r.base, r.final, r.limit, r.till, bool(r.per_unit))
        for r in rows
    }


async def _rejects(session: AsyncSession, ids: Sequence[int], codes: Collection[str]) -> dict[int, dict[str, Reject]]:
    rows = await session.execute(select(Snapshot.store_id, Snapshot.rejects).where(Snapshot.store_id.in_(ids)))
    packed = dict(iter(rows))
    wanted = frozenset(codes)
    # Tens of thousands of codes per store: unpacked beside the loop.
    return await asyncio.to_thread(lambda: {one: reasons_of(rejects, wanted) for one, rejects in packed.items()})


async def known_codes(session: AsyncSession, stores: Sequence[Store], codes: Collection[str]) -> set[str]:
    """Return those of the codes that the last scan of any of the stores listed, discounted or not."""
    ids = [store.id for store in stores]
    listed = {code for _, code in await _fetched(session, ids, codes)}
    left = set(codes) - listed
    reasons = await _rejects(session, ids, left) if left else {}
    return listed.union(*reasons.values())


async def _holds(
    session: AsyncSession, ids: Sequence[int], codes: Collection[str]
) -> tuple[dict[tuple[int, str], str], dict[int, str]]:
    """Return the reasons of open holds: of the lines, and of whole stores."""
    found = await session.scalars(
        select(Hold).where(
            Hold.store_id.in_(ids), Hold.state == HoldState.OPEN, Hold.code.in_(codes) | Hold.code.is_(None)
        )
    )
    holds = list(found)
    lines = {(hold.store_id, hold.code): hold.reason for hold in holds if hold.code is not None}
    return lines, {hold.store_id: hold.reason for hold in holds if hold.code is None}


class PreparedOf(NamedTuple):
    """The list that a run prepared for a store and day, and whether it was only worked out."""

    digest: str
    worked_out: bool


async def _prepared(session: AsyncSession, zones: Mapping[int, ZoneInfo], now: datetime) -> dict[int, PreparedOf]:
    """Return what the last run that was no dry run prepared for today, by store."""
    days = {store_id: local_date(now, zone) for store_id, zone in zones.items()}
    rows = await session.execute(
        select(PreparedList.store_id, PreparedList.day, PreparedList.digest, Store.cut_over, Step.counts)
        .join(Execution, Execution.id == PreparedList.execution_id)
        .join(Store, Store.id == PreparedList.store_id)
        .outerjoin(Step, and_(Step.execution_id == Execution.id, Step.store_id == Store.id))
        .where(
            PreparedList.store_id.in_(days),
            PreparedList.day.in_(set(days.values())),
            Execution.dry_run.is_(False),
        )
        .order_by(PreparedList.execution_id)
    )
    return {
        store_id: PreparedOf(digest, not ours or WORKED_OUT in (counts or {}))
        for store_id, day, digest, ours, counts in rows
        if day == days[store_id]
    }


async def _verified(session: AsyncSession, zones: Mapping[int, ZoneInfo], now: datetime) -> dict[int, VerifiedList]:
    """Return the last verified lists whose window is not over, by store."""
    newest = select(func.max(VerifiedList.id)).where(VerifiedList.store_id.in_(zones)).group_by(VerifiedList.store_id)
    ours = is_of_store(VerifiedList.registration, VerifiedList.unit)
    wanted = (
        select(VerifiedList)
        .join(Store, Store.id == VerifiedList.store_id)
        .where(VerifiedList.id.in_(newest), VerifiedList.window_end > now, ours)
    )
    return {one.store_id: one for one in await session.scalars(wanted)}


async def pick_lines(
    session: AsyncSession, lists: Collection[tuple[int, str]], codes: Collection[str]
) -> dict[tuple[int, str, str], Line]:
    """Return the lines of some products, by store, digest and code, out of lists (store, digest).

    A list may hold tens of thousands of lines, so only a few lists are in memory at a time.
    """
    found = {}
    ordered = sorted(lists)
    for first in range(0, len(ordered), _LISTS_AT_ONCE):
        some = tuple_(LineList.store_id, LineList.digest).in_(ordered[first : first + _LISTS_AT_ONCE])
        rows = await session.execute(select(LineList.store_id, LineList.digest, LineList.lines).where(some))
        for store_id, digest, packed in rows:
            found.update({(store_id, digest, code): line for code, line in lines_of(packed, codes).items()})
    return found
