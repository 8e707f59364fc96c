"""Integrations as configured: which module, with which settings, and whether they work."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Document, Instant


class Integration(Base):
    """A configured module. `secrets` maps a field to its sealed value; settings hold none.

    `needs_credentials_at` set means the login was refused: nothing calls out until the
    secrets change or an admin says *try again* (`rules.md` 3.7). `revision` counts changes,
    so that a running connection knows when it is outdated.
    """

    __tablename__ = "integrations"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    module: Mapped[str] = mapped_column(String(64))
    settings: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)
    secrets: Mapped[dict[str, str]] = mapped_column(Document, default_factory=dict)
    enabled: Mapped[bool] = mapped_column(default=True)
    revision: Mapped[int] = mapped_column(default=1)
    needs_credentials_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    needs_credentials_text: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
