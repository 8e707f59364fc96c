"""What the chat needs to remember across restarts: dialog state, buttons, handled updates."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Document, Instant


class DialogState(Base):
    """State and data of one conversation; `data` is sealed, since forms may hold secrets."""

    __tablename__ = "dialog_states"

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str | None] = mapped_column(String(160), default=None)
    data: Mapped[str | None] = mapped_column(Text, default=None)


class Button(Base):
    """What an inline button means. The chat only ever holds its opaque id.

    Bound to organisation, chat and message (`message_key`: `card:ID` or `outbox:ID`), and to
    a person where only that person may tap it; the right is checked again at the tap.
    """

    __tablename__ = "buttons"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_key: Mapped[str] = mapped_column(String(32), index=True)
    action: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(Instant)
    arguments: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)
    telegram_id: Mapped[int | None] = mapped_column(BigInteger, default=None)


class CommandList(Base):
    """Which commands the messenger shows somewhere: `private`, `groups`, or `chat:ID` of somebody's own chat."""

    __tablename__ = "command_lists"

    place: Mapped[str] = mapped_column(String(32), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))


class HandledUpdate(Base):
    """An update that was handled wholly; the same one again does nothing."""

    __tablename__ = "handled_updates"

    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    handled_at: Mapped[datetime] = mapped_column(Instant)


class ReceivedUpdate(Base):
    """An update that was posted to us and is not handled wholly yet; `body` is sealed JSON."""

    __tablename__ = "received_updates"

    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    received_at: Mapped[datetime] = mapped_column(Instant)
    body: Mapped[str] = mapped_column(Text)
