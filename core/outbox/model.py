"""Messages on their way to chats (CH-14): written with the change that causes them, sent later."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Document, Instant

NO_CHAT = 0
"""Stands where a message has no chat: the module of its channel delivers it. No chat has this number."""


LIVE, REDRAWN, FINAL, DEAD, CLOSED = "live", "redrawn", "final", "dead", "closed"
"""States of a card. A redrawn one was final, or its run ended while its chat was closed: it is never sent anew.

A closed one lives again once its chat lets the bot back in.
"""
ALIVE = (LIVE, REDRAWN)


class Message(Base):
    """One message to one chat, sent in order within its chat, or to a channel beyond Telegram.

    `body` is what the messenger's edge draws (`core.outbox.content`); `dedupe_key` names the
    cause, so that the same cause never says the same thing twice.
    state: `pending`, `sending` (a crash here leaves the outcome open), `sent`, `dead` (`reason` is a Text then),
    `dropped` by a person who gave up what was dead.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_state_id", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    chat_id: Mapped[int] = mapped_column(BigInteger)
    thread_id: Mapped[int | None]
    priority: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(Document)
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(8), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None] = mapped_column(Instant, default=None)
    sent_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    message_id: Mapped[int | None] = mapped_column(default=None)
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id"), default=None)
    reason: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)


class OutboxFile(Base):
    """The file of a message, kept until it has arrived: a restart need not make it again."""

    __tablename__ = "outbox_files"

    message_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"), primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(120))
    photo: Mapped[bool]
    data: Mapped[bytes] = mapped_column(LargeBinary)


_WHOLE_CHAT: dict[str, Any] = {f"{dialect}_where": text("thread_id IS NULL") for dialect in ("sqlite", "postgresql")}


class Card(Base):
    """The one living message of an execution in one chat or topic; edited in place until it is final.

    The row comes first, the message later: `message_id` None means not sent yet.
    `shown` is the digest of what the chat shows now. `locale` is the reader's language.
    """

    __tablename__ = "cards"
    __table_args__ = (
        Index("uq_cards_execution_id_chat_id_thread_id", "execution_id", "chat_id", "thread_id", unique=True),
        # Databases take no two NULLs for the same.
        Index("uq_cards_execution_id_chat_id", "execution_id", "chat_id", unique=True, **_WHOLE_CHAT),
        Index("ix_cards_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    execution_id: Mapped[int] = mapped_column(ForeignKey("executions.id"))
    chat_id: Mapped[int] = mapped_column(BigInteger)
    thread_id: Mapped[int | None]
    locale: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(8), default="live")
    message_id: Mapped[int | None] = mapped_column(default=None)
    shown: Mapped[str | None] = mapped_column(String(64), default=None)
    shown_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id"), default=None)
    reason: Mapped[str | None] = mapped_column(String(250), default=None)
