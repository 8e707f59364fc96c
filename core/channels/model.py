"""Notification channels: where results are told (CH-14)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Document, Instant


class Channel(Base):
    """A configured channel. `disabled_reason` (a Text) is set when the other side closed it.

    `locale` and `quiet_hours` None are those of the organisation (`NO_QUIET`: no quiet hours at all);
    `templates` are words of its own by event.
    """

    __tablename__ = "channels"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    module: Mapped[str] = mapped_column(String(64))
    settings: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)
    secrets: Mapped[dict[str, str]] = mapped_column(Document, default_factory=dict)
    enabled: Mapped[bool] = mapped_column(default=True)
    disabled_reason: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    locale: Mapped[str | None] = mapped_column(String(8), default=None)
    quiet_hours: Mapped[str | None] = mapped_column(String(11), default=None)
    templates: Mapped[dict[str, str]] = mapped_column(Document, default_factory=dict, server_default="{}")
