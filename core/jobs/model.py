"""Jobs: named configurations of what runs, when, for which stores, and who is told (CH-6)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Document, Instant


class JobType(StrEnum):
    """What a job does."""

    SYNC_PRODUCTS = "sync_products"
    COMPARE_DATA = "compare_data"
    CLEANUP = "cleanup"

    @property
    def about_stores(self) -> bool:
        """Tell whether it works on stores, one by one; else on the organisation as a whole."""
        return self is not JobType.CLEANUP


class Job(Base):
    """A job. `stores` is `{"all": true}`, `{"names": [...]}` or `{"tags": [...]}`.

    `due_after` is the instant up to which due times were handled: the scheduler fires the
    next one after it, and after a downtime it finds here what was missed.
    `notify` is a list of `{"channel": name, "on": [event, ...]}`.
    """

    __tablename__ = "jobs"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    type: Mapped[str] = mapped_column(String(32))
    due_after: Mapped[datetime] = mapped_column(Instant)
    schedule: Mapped[str | None] = mapped_column(String(120), default=None)
    stores: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=lambda: {"all": True})
    settings: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)
    notify: Mapped[list[dict[str, Any]]] = mapped_column(Document, default_factory=list)
    enabled: Mapped[bool] = mapped_column(default=True)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
