"""People who may use the bot, strangers who asked, and one-time codes."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint, and_, false, not_
from sqlalchemy.orm import Mapped, mapped_column

from core.access import Actor, Role
from core.db.base import Base, Document, Instant


class Person(Base):
    """A member of an organisation. `store_ids` None means all stores; else those, and whatever has one of `store_tags`.

    One who is blocked stays a member, and is treated as nobody until that is lifted.
    `private_chat` is true once the person wrote to the bot, which may not write first.
    `last_seen_at` is when they did so last, to within a few minutes; `client_locale` is what their
    Telegram spoke then, `locale` what they chose. `steps_put_away`: their home menu offers no first steps.
    """

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("organisation_id", "telegram_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    telegram_id: Mapped[int] = mapped_column(BigInteger, index=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Instant)
    locale: Mapped[str | None] = mapped_column(String(8), default=None)
    private_chat: Mapped[bool] = mapped_column(default=False)
    may_release: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    store_ids: Mapped[list[int] | None] = mapped_column(Document, default=None)
    last_seen_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    blocked: Mapped[bool] = mapped_column(default=False, server_default=false())
    store_tags: Mapped[list[str]] = mapped_column(Document, default_factory=list, server_default="[]")
    client_locale: Mapped[str | None] = mapped_column(String(8), default=None)
    steps_put_away: Mapped[bool] = mapped_column(default=False, server_default=false())

    @property
    def admitted(self) -> bool:
        """Whether the person may use the bot now."""
        return self.active and not self.blocked

    def language(self, home: str) -> str:
        """Return what to write in: what they chose, else what their Telegram speaks, else the organisation's."""
        return self.locale or self.client_locale or home

    def actor(self, source: str, locale: str, tagged: Collection[int] = ()) -> Actor:
        """Return this person as an actor; `locale` counts when the person chose none.

        `tagged` are the stores that have one of the person's tags at this moment (`tagged_stores`).
        """
        return Actor(
            organisation_id=self.organisation_id,
            role=Role.named(self.role),
            name=self.name,
            source=source,
            person_id=self.id,
            telegram_id=self.telegram_id,
            store_ids=None if self.store_ids is None else frozenset(self.store_ids).union(tagged),
            may_release=self.may_release,
            locale=self.locale or locale,
        )


ADMITTED = and_(Person.active, not_(Person.blocked))
"""Who may use the bot now, as a condition."""


class Stranger(Base):
    """Somebody unknown who wrote: answered once a day at most; may have asked for access."""

    __tablename__ = "strangers"

    telegram_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(120))
    answered_at: Mapped[datetime] = mapped_column(Instant)
    asked_at: Mapped[datetime | None] = mapped_column(Instant, default=None)


class OneTimeCode(Base):
    """A code that may be used once; only its hash is kept."""

    __tablename__ = "one_time_codes"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    purpose: Mapped[str] = mapped_column(String(16))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant, default=None)


class Invitation(Base):
    """A link that lets one person in; only its hash is kept. `scope` None means all stores."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    invited_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    scope: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    used_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant, default=None)


class Way(StrEnum):
    """What somebody confirms the gravest actions with."""

    PIN = "pin"
    APP = "app"


class Confirmation(Base):
    """What a person confirms with; wrong tries are counted, and too many make a pause.

    `secret` is the slow hash of a PIN, or the sealed key of an authenticator app. `last_step` is that of the
    app's code which was taken last (`core.people.codes`): it and older ones count no more.
    """

    __tablename__ = "confirmations"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    way: Mapped[str] = mapped_column(String(8))
    secret: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime] = mapped_column(Instant)
    failures: Mapped[int] = mapped_column(default=0)
    paused_until: Mapped[datetime | None] = mapped_column(Instant, default=None)
    last_step: Mapped[int | None] = mapped_column(BigInteger, default=None)
