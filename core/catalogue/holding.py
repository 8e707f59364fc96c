"""Keeping what guard rails hold, and remembering what people released (`rules.md` 1.6-1.8)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from core.catalogue.lines import Candidate
from core.catalogue.model import Hold, HoldKind, HoldState
from core.catalogue.rails import HeldLine, Release, StoreHold, StoreReason
from core.db.base import table_of

_holds = table_of(Hold)
_of_store = _holds.c.store_id == bindparam("store")
_released = select(Hold).where(_of_store, Hold.state == HoldState.RELEASED)
_close = update(_holds).where(_of_store).values(state=HoldState.CLOSED)
_close_open = _close.where(_holds.c.state == HoldState.OPEN)
_close_foreign = _close.where(_holds.c.state == HoldState.RELEASED, _holds.c.reason == StoreReason.FOREIGN_LINES)
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Released:
    """What people released for a store and is still unchanged.

    `digests` are the full lists (held lines included) that releases of the whole store were about,
    `foreign` the codes of others that may be replaced.
    """

    lines: frozenset[Release] = frozenset()
    digests: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()


@dataclass(slots=True)
class Held:
    """What a run found to be held for one store."""

    lines: list[HeldLine] = field(default_factory=list)
    stores: list[StoreHold] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    digest: str = ""


def load_released(session: Session, store_id: int) -> Released:
    """Return the releases of a store that still count."""
    holds = list(session.scalars(_released, {"store": store_id}))
    lines = frozenset(
        (hold.code, hold.base, hold.final)
        for hold in holds
        if hold.code is not None and hold.base is not None and hold.final is not None
    )
    stores = [hold for hold in holds if hold.kind == HoldKind.STORE]
    digests = frozenset(hold.digest for hold in stores if hold.digest and hold.reason != StoreReason.FOREIGN_LINES)
    foreign = frozenset(
        code for hold in stores if hold.reason == StoreReason.FOREIGN_LINES for code in hold.details["codes"]
    )
    return Released(lines, digests, foreign)


def lapse_changed(session: Session, store_id: int, candidates: Iterable[Candidate], full_digest: str) -> None:
    """End the releases whose line or list is no longer what was released."""
    holds = list(session.scalars(_released, {"store": store_id}))
    now = {(c.code, c.base, c.final) for c in candidates} if holds else set()
    for hold in holds:
        same = (hold.code, hold.base, hold.final) in now if hold.kind == HoldKind.LINE else hold.digest == full_digest
        if not same:
            hold.state = HoldState.CLOSED


def replace_open(
    session: Session, now: datetime, *, organisation_id: int, execution_id: int, store_id: int, held: Held
) -> None:
    """Make these the open holds of a store; those of earlier runs are closed."""
    session.execute(_close_open, {"store": store_id})
    common: dict[str, Any] = {
        "organisation_id": organisation_id,
        "store_id": store_id,
        "execution_id": execution_id,
        "created_at": now,
    }
    session.add_all(Hold(**common, **_line_columns(line)) for line in held.lines)
    session.add_all(Hold(**common, **_store_columns(store, held.digest)) for store in held.stores)
    if held.foreign:
        details = {"codes": held.foreign, "lines": len(held.foreign)}
        session.add(
            Hold(
                **common,
                kind=HoldKind.STORE,
                reason=StoreReason.FOREIGN_LINES,
                digest=held.digest,
                details=details,
            )
        )


def use_up_foreign(session: Session, store_id: int) -> None:
    """End a release of foreign lines: it was for one send."""
    session.execute(_close_foreign, {"store": store_id})


def not_released(codes: Collection[str], released: Released) -> list[str]:
    """Return the foreign codes that nobody released."""
    return [code for code in codes if code not in released.foreign]


def _line_columns(held: HeldLine) -> dict[str, Any]:
    numbers: dict[str, Decimal | None] = {"actual": held.actual, "allowed": held.allowed, "last": held.last}
    details = {name: str(value) for name, value in numbers.items() if value is not None}
    return {
        "kind": HoldKind.LINE,
        "reason": held.reason,
        "code": held.candidate.code,
        "base": held.candidate.base,
        "final": held.candidate.final,
        "details": details | {"name": held.candidate.name[:_SHOWN]},
    }


def _store_columns(hold: StoreHold, digest: str) -> dict[str, Any]:
    numbers = {
        "lines": hold.lines,
        "last": hold.last,
        "allowed": hold.allowed,
        "added": hold.added,
        "removed": hold.removed,
        "repriced": hold.repriced,
    }
    return {"kind": HoldKind.STORE, "reason": hold.reason, "digest": digest, "details": numbers}
