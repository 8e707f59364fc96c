"""Versions of every setting and the audit of every change (X-6, X-7)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Document, Instant


class Version(Base):
    """A numbered, immutable state of one entity. Secrets are names here, never values."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("entity", "entity_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    entity: Mapped[str] = mapped_column(String(32))
    entity_id: Mapped[int]
    number: Mapped[int]
    document: Mapped[dict[str, Any]] = mapped_column(Document)
    checksum: Mapped[str] = mapped_column(String(64))
    author: Mapped[str] = mapped_column(String(120))
    comment: Mapped[str] = mapped_column(String(250))
    created_at: Mapped[datetime] = mapped_column(Instant)


class AuditEntry(Base):
    """Who did what, when, from where, before and after. Only ever appended."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_organisation_at", "organisation_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(120))
    person_id: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(16))
    action: Mapped[str] = mapped_column(String(32))
    entity: Mapped[str] = mapped_column(String(32))
    entity_id: Mapped[int | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(Document)
    after: Mapped[dict[str, Any] | None] = mapped_column(Document)
    correlation_id: Mapped[str | None] = mapped_column(String(32))
