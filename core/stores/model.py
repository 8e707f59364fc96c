"""Stores: the branches of a chain (CH-1)."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Document, Instant
from core.stores.opening import DEFAULT_OPENING, opening_on


class Store(Base):
    """One store. Empty overrides (None) mean: the integration's or organisation's value counts.

    `opening` is a time, or a mapping with times by weekday and holiday (`core.stores.opening`).
    `paused_at` set means: nothing is sent to this store (CH-21). Nor is it while `cut_over` is off: the old
    system still sends it, and runs only compare (CH-11).
    """

    __tablename__ = "stores"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    cnpj: Mapped[str] = mapped_column(String(14))
    tags: Mapped[list[str]] = mapped_column(Document, default_factory=list)
    limit: Mapped[int | None] = mapped_column(default=None)
    timezone: Mapped[str | None] = mapped_column(String(64), default=None)
    opening: Mapped[Any] = mapped_column(Document, default=DEFAULT_OPENING)
    unit: Mapped[str | None] = mapped_column(String(32), default=None)
    platform_registration: Mapped[str | None] = mapped_column(String(32), default=None)
    active: Mapped[bool] = mapped_column(default=True)
    cut_over: Mapped[bool] = mapped_column(default=True)
    foreign_lines_allowed: Mapped[bool] = mapped_column(default=False)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    paused_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    paused_by: Mapped[str | None] = mapped_column(String(120), default=None)

    def opens_at(self, day: date) -> time:
        return opening_on(self.opening, day)

    def zone(self, organisation_zone: ZoneInfo) -> ZoneInfo:
        return ZoneInfo(self.timezone) if self.timezone else organisation_zone
