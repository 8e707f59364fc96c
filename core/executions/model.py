"""Executions of jobs, their stores and their log lines (CH-8)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String, Text, or_
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Document, Instant
from core.executions.states import OPEN_STATES, WORKED_OUT


class Execution(Base):
    """One run of a job. Its row is written before anything else knows of it.

    `dedupe_key` names what started it (an update, a due time), so that the same cause never
    starts two. `store_ids` None means: the stores of the job at its start.
    `options` are the parameters of this run alone (dry run, the run it retries, ...). `counts`
    is what it did that is about no store: rows and bytes by kind.
    """

    __tablename__ = "executions"
    __table_args__ = (
        Index("ix_executions_state_id", "state", "id"),
        Index("ix_executions_job_id_id", "job_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id"))
    type: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    trigger: Mapped[str] = mapped_column(String(16))
    requested_by: Mapped[str] = mapped_column(String(120))
    requested_by_id: Mapped[int | None]
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    correlation_id: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(Instant)
    dry_run: Mapped[bool] = mapped_column(default=False)
    store_ids: Mapped[list[int] | None] = mapped_column(Document, default=None)
    options: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)
    due_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    started_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    finished_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    cancel_requested_by: Mapped[str | None] = mapped_column(String(120), default=None)
    reason: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    counts: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)


IS_OPEN = or_(*(Execution.state == state.value for state in OPEN_STATES))
"""Which runs have not ended yet, as a condition without a list of values (`core.db.prepared`)."""


class Step(Base):
    """One store in an execution.

    `stage` tells how far it got, and survives a crash: from `sending` on, the platform may
    have the list `sent_digest`, and only reading back may decide (`rules.md` 3.3).
    `sent_account` and `sent_registration` are where it left to (`core.catalogue.places`).
    `counts` are whole numbers (read, candidates, rejects by reason, held, sent, ...).
    """

    __tablename__ = "steps"
    __table_args__ = (Index("ix_steps_store_id_execution_id", "store_id", "execution_id"),)

    execution_id: Mapped[int] = mapped_column(ForeignKey("executions.id"), primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True)
    position: Mapped[int]
    stage: Mapped[str] = mapped_column(String(16), default="pending")
    outcome: Mapped[str | None] = mapped_column(String(16), default=None)
    reason: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    counts: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)
    started_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    finished_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    day: Mapped[date | None] = mapped_column(default=None)
    sent_digest: Mapped[str | None] = mapped_column(String(64), default=None)
    sent_start: Mapped[datetime | None] = mapped_column(Instant, default=None)
    sent_end: Mapped[datetime | None] = mapped_column(Instant, default=None)
    sends: Mapped[int] = mapped_column(default=0)
    sent_account: Mapped[str | None] = mapped_column(String(40), default=None)
    sent_registration: Mapped[str | None] = mapped_column(String(32), default=None)

    @property
    def worked_out(self) -> bool:
        """Tell whether it was only worked out, since the old system still sends the store (CH-11)."""
        return WORKED_OUT in self.counts


class Finding(Base):
    """What a run found at one store, packed (`core.catalogue.findings`): kept for report and details.

    `scan` is what the ERP's side came to, `seen` what the platform showed.
    """

    __tablename__ = "findings"

    execution_id: Mapped[int] = mapped_column(ForeignKey("executions.id"), primary_key=True, autoincrement=False)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True, autoincrement=False)
    scan: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    seen: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)


class LogLine(Base):
    """One line of an execution's log; `text` is a Text as JSON, rendered for its reader."""

    __tablename__ = "execution_logs"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, init=False)
    execution_id: Mapped[int] = mapped_column(ForeignKey("executions.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    level: Mapped[str] = mapped_column(String(8))
    text: Mapped[dict[str, Any]] = mapped_column(Document)
    store_id: Mapped[int | None] = mapped_column(ForeignKey("stores.id"), default=None)
    detail: Mapped[str] = mapped_column(Text, default="")
