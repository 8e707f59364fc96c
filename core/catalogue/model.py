"""The three sets of a store, kept apart (`rules.md` 1.8): fetched, prepared, verified.

Fetched products are rows, replaced as a whole by a complete scan. Lists of lines are kept by
their content (`LineList`), so that an unchanged day costs one small row.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Document, Instant, Money


class Snapshot(Base):
    """What the last complete scan of a store was. `rejects` is packed {reason: [codes]}.

    `origin` is the store's unit and the integration it was read through, as they were then (`Connections.origin_of`).
    """

    __tablename__ = "snapshots"

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    scanned_at: Mapped[datetime] = mapped_column(Instant)
    products_read: Mapped[int]
    rejects: Mapped[bytes] = mapped_column(LargeBinary)
    origin: Mapped[str | None] = mapped_column(String(40), default=None)


class FetchedProduct(Base):
    """A discounted product as the ERP gave it, before guard rails."""

    __tablename__ = "fetched_products"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own convention

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    ean: Mapped[str] = mapped_column(String(20))
    base: Mapped[Decimal] = mapped_column(Money)
    final: Mapped[Decimal] = mapped_column(Money)
    limit: Mapped[int | None]
    till: Mapped[Decimal | None] = mapped_column(Money)
    per_unit: Mapped[bool]


class LineList(Base):
    """A list of lines under its digest; written once, referred to by many days."""

    __tablename__ = "line_lists"

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    lines: Mapped[bytes] = mapped_column(LargeBinary)


class PreparedList(Base):
    """What a run wanted to send for a store, and from which scan it came."""

    __tablename__ = "prepared_lists"
    __table_args__ = (Index("ix_prepared_lists_store_id_day", "store_id", "day"),)

    execution_id: Mapped[int] = mapped_column(ForeignKey("executions.id"), primary_key=True, autoincrement=False)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    count: Mapped[int]
    day: Mapped[date]
    scanned_at: Mapped[datetime] = mapped_column(Instant)


class VerifiedList(Base):
    """What was read back from the platform; the newest row of a store is its baseline.

    `account` and `registration` are where it was read back, `unit` whose prices they were: elsewhere it proves
    nothing. None in a list from before that was kept; it counts as of here.
    """

    __tablename__ = "verified_lists"
    __table_args__ = (Index("ix_verified_lists_store_id_id", "store_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    execution_id: Mapped[int] = mapped_column(ForeignKey("executions.id"))
    digest: Mapped[str] = mapped_column(String(64))
    count: Mapped[int]
    day: Mapped[date]
    window_start: Mapped[datetime] = mapped_column(Instant)
    window_end: Mapped[datetime] = mapped_column(Instant)
    verified_at: Mapped[datetime] = mapped_column(Instant)
    account: Mapped[str | None] = mapped_column(String(40), default=None)
    registration: Mapped[str | None] = mapped_column(String(32), default=None)
    unit: Mapped[str | None] = mapped_column(String(32), default=None)


class PastPrice(Base):
    """The last verified final price of a product that left the store's list since.

    Without it, a line that is held for its price would count as new once the list without it
    is verified, and asking twice would send what was held (`rules.md` 1.6).
    """

    __tablename__ = "past_prices"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own convention

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    final: Mapped[Decimal] = mapped_column(Money)
    day: Mapped[date]


class HoldKind(StrEnum):
    """What is held."""

    LINE = "line"
    STORE = "store"


class HoldState(StrEnum):
    """Whether a hold waits, was released and still counts, or was replaced, used up or changed."""

    OPEN = "open"
    RELEASED = "released"
    CLOSED = "closed"


class Hold(Base):
    """Something that waits for a person: one line, or a whole store (`rules.md` 1.6, 1.7, 3.4).

    A release (by `decided_by`) is valid as long as nothing of it changes. `details` are the numbers shown.
    `digest` is the list to be sent when a store was held.
    """

    __tablename__ = "holds"
    __table_args__ = (Index("ix_holds_store_id_state", "store_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    execution_id: Mapped[int] = mapped_column(ForeignKey("executions.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(8), default=HoldState.OPEN)
    code: Mapped[str | None] = mapped_column(String(20), default=None)
    base: Mapped[Decimal | None] = mapped_column(Money, default=None)
    final: Mapped[Decimal | None] = mapped_column(Money, default=None)
    digest: Mapped[str | None] = mapped_column(String(64), default=None)
    details: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)
    decided_by: Mapped[str | None] = mapped_column(String(120), default=None)
    decided_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
