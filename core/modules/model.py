"""Which code from outside may run (`rules.md` 7.8)."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Instant


class ApprovedModule(Base):
    """A module folder that an owner approved, by the hash over all of its files.

    `noticed` is the last other hash that was found there, so that a change is told of once.
    """

    __tablename__ = "approved_modules"

    slug: Mapped[str] = mapped_column(String(64), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    digest: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(64))
    approved_by: Mapped[str] = mapped_column(String(120))
    approved_at: Mapped[datetime] = mapped_column(Instant)
    noticed: Mapped[str | None] = mapped_column(String(64), default=None)
