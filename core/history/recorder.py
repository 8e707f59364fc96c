"""Writes the version and the audit entry of a change, inside the change's own transaction."""

import hashlib
import json
from typing import Any

import structlog
from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from core.access import Actor
from core.clock import Clock
from core.db.prepared import Prepared
from core.history.model import AuditEntry, Version

_NEWEST = Prepared(
    select(func.max(Version.number)).where(
        Version.entity == bindparam("entity"), Version.entity_id == bindparam("entity_id")
    )
)


class Recorder:
    """Keeps history. Every use case that changes something calls it once per entity."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def audit(
        self,
        session: AsyncSession,
        actor: Actor,
        action: str,
        entity: str,
        entity_id: int | None,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Append an audit entry; `before` and `after` must be free of secrets."""
        context = structlog.contextvars.get_contextvars()
        session.add(
            AuditEntry(
                organisation_id=actor.organisation_id,
                at=self._clock.now(),
                actor=actor.name,
                person_id=actor.person_id,
                source=actor.source,
                action=action,
                entity=entity,
                entity_id=entity_id,
                before=before,
                after=after,
                correlation_id=context.get("correlation_id"),
            )
        )

    async def version(
        self,
        session: AsyncSession,
        actor: Actor,
        entity: str,
        entity_id: int,
        document: dict[str, Any],
        *,
        before: dict[str, Any] | None = None,
        comment: str = "",
    ) -> int:
        """Store `document` as the entity's next version, with its audit entry. Returns the number.

        What was there before anything was recorded of it becomes version 1, without an author,
        so that the first change can be taken back too.
        """
        number = await latest_number(session, entity, entity_id)
        action = "created" if number == 0 and before is None else "changed"
        states = [(document, actor.name, comment)]
        if number == 0 and before is not None:
            states.insert(0, (before, "", ""))
        for state, author, reason in states:
            number += 1
            session.add(
                Version(
                    organisation_id=actor.organisation_id,
                    entity=entity,
                    entity_id=entity_id,
                    number=number,
                    document=state,
                    checksum=checksum(state),
                    author=author,
                    comment=reason,
                    created_at=self._clock.now(),
                )
            )
        self.audit(session, actor, action, entity, entity_id, before=before, after=document)
        return number


async def latest_number(session: AsyncSession, entity: str, entity_id: int) -> int:
    """Return the number of the entity's newest version, 0 when nothing is recorded of it."""
    return await session.run_sync(newest_number, entity, entity_id)


def newest_number(session: Session, entity: str, entity_id: int) -> int:
    """Return what `latest_number` does, in a unit of work that is one function."""
    session.flush()
    ((newest,),) = _NEWEST.rows(session.connection(), entity=entity, entity_id=entity_id)
    return newest or 0


def checksum(document: dict[str, Any]) -> str:
    """Return the SHA-256 of the document's canonical JSON, in hex."""
    canonical = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
