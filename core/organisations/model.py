"""Organisations: every business row belongs to one (X-4)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Instant
from core.i18n import CURRENCY


class Organisation(Base):
    """A chain of stores. `paused_at` set means: nothing is sent to any platform (CH-21).

    `currency` is an ISO 4217 code; `quiet_hours` such as `22:00-06:00`, in the organisation's zone.
    `debug_until` set means: until then, runs write every call they make into their log.
    """

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    timezone: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(8))
    paused_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    paused_by: Mapped[str | None] = mapped_column(String(120), default=None)
    currency: Mapped[str] = mapped_column(String(3), default=CURRENCY, server_default=CURRENCY)
    quiet_hours: Mapped[str | None] = mapped_column(String(11), default=None)
    debug_until: Mapped[datetime | None] = mapped_column(Instant, default=None)

    def debugging(self, now: datetime) -> bool:
        """Tell whether runs write every call into their log."""
        return self.debug_until is not None and now < self.debug_until

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)
