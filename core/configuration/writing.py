"""Writes a decision into the rows, with a version and audit entry for each entity that changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor
from core.channels.model import Channel
from core.clock import Clock
from core.configuration.deciding import Decision
from core.configuration.stored import Fields, Stored, recorded
from core.configuration.wanted import Row, Section, Wanted
from core.connections.model import Integration
from core.connections.repository import seal_secrets
from core.connections.waiting import FORGOTTEN, LEFT_OUT, hold_back
from core.history.recorder import Recorder
from core.jobs.model import Job
from core.outbox.closing import withhold
from core.people.model import Person
from core.secrets import SecretBox
from core.stores.model import Store

ENTITIES = {
    Section.ORGANISATION: "organisation",
    Section.STORES: "store",
    Section.INTEGRATIONS: "integration",
    Section.CHANNELS: "channel",
    Section.JOBS: "job",
    Section.USERS: "person",
}
_ASIDE_LENGTH = 100
S = TypeVar("S", Store, Integration, Channel, Job)


@dataclass(frozen=True, slots=True)
class Written:
    """An entity that was written, and the number of its new version."""

    wanted: Wanted[Row]
    row: Row
    version: int


class Writer:
    """Writes inside the caller's transaction."""

    def __init__(
        self,
        session: AsyncSession,
        actor: Actor,
        clock: Clock,
        recorder: Recorder,
        box: SecretBox,
        comment: str,
    ) -> None:
        self._session = session
        self._actor = actor
        self._now = clock.now()
        self._recorder = recorder
        self._box = box
        self._organisation_id = actor.organisation_id
        self._comment = comment
        self._store_ids: dict[str, int] = {}

    async def write(self, decision: Decision, stored: Stored, *, prune: bool) -> list[Written]:
        """Make everything as decided; with `prune`, remove what is absent. Returns what changed."""
        restart_schedules = decision.organisation.after["timezone"] != stored.organisation.timezone
        before = {id(item): recorded(item.row) for item in decision.wanted() if item.row and item.before}
        self._store_ids = {name: row.id for name, row in stored.stores.live.items()}
        written = []
        await self._free_names(decision, stored)
        for item in [item for item in decision.wanted() if item.changed]:
            row = self._set(item, stored)
            self._session.add(row)
            await self._session.flush()
            if isinstance(row, Store):
                self._store_ids[row.name] = row.id
            if isinstance(row, Person) and row.blocked:
                await withhold(self._session, row.organisation_id, row.telegram_id)
            written.append(Written(item, row, await self._record(item, row, before.get(id(item)))))
        if restart_schedules:
            for job in stored.jobs.live.values():
                job.due_after = self._now
        if prune:
            for section, rows in decision.absent.items():
                for row in rows:
                    await self.remove(section, row)
        return written

    async def _free_names(self, decision: Decision, stored: Stored) -> None:
        """Let go of old names first, and move removed rows aside, so that no name is twice at any moment."""
        self._let_go(decision.stores, stored.stores.removed)
        self._let_go(decision.integrations, stored.integrations.removed)
        self._let_go(decision.channels, stored.channels.removed)
        self._let_go(decision.jobs, stored.jobs.removed)
        await self._session.flush()

    def _let_go(self, wanted: Iterable[Wanted[S]], removed: dict[str, S]) -> None:
        for item in wanted:
            if item.row is None or not item.renamed:
                continue
            item.row.name = f"{item.name[:_ASIDE_LENGTH]} (renamed {item.row.id})"
            if gone := removed.get(item.name):
                gone.name = f"{gone.name[:_ASIDE_LENGTH]} (removed {gone.id})"

    def _set(self, item: Wanted[Row], stored: Stored) -> Row:
        after = item.after
        match item.section:
            case Section.ORGANISATION:
                return _assign(stored.organisation, after)
            case Section.STORES:
                return self._set_store(item)
            case Section.INTEGRATIONS:
                row = item.row if isinstance(item.row, Integration) else self._new_integration(after)
                return self._set_connected(row, item)
            case Section.CHANNELS:
                channel = item.row if isinstance(item.row, Channel) else self._new_channel(after)
                return self._set_connected(channel, item)
            case Section.JOBS:
                return self._set_job(item)
            case Section.USERS:
                return self._set_person(item)

    def _set_store(self, item: Wanted[Row]) -> Store:
        if not isinstance(item.row, Store):
            return Store(organisation_id=self._organisation_id, **item.after)
        if item.before is None:
            item.row.deleted_at = None
            item.row.foreign_lines_allowed = False
        return _assign(item.row, item.after)

    def _new_integration(self, after: Fields) -> Integration:
        return Integration(organisation_id=self._organisation_id, **after, revision=0)

    def _new_channel(self, after: Fields) -> Channel:
        return Channel(organisation_id=self._organisation_id, **after)

    def _set_connected(self, row: Integration | Channel, item: Wanted[Row]) -> Integration | Channel:
        if item.before is None:
            row.deleted_at = None
            row.secrets = {}
        if item.before is None or item.secrets or item.before["settings"] != item.after["settings"]:
            _unlatch(row)
        if isinstance(row, Integration):
            row.revision += 1
        seal_secrets(row, item.secrets, self._box)
        _assign(row, item.after)
        if item.missing:
            hold_back(row, LEFT_OUT, self._now)
        return row

    def _set_job(self, item: Wanted[Row]) -> Job:
        """Set a job; its due times count from now when they are new, changed or were switched off."""
        if not isinstance(item.row, Job):
            return Job(organisation_id=self._organisation_id, due_after=self._now, **item.after)
        timing = ("schedule", "enabled")
        if item.before is None or any(item.before[key] != item.after[key] for key in timing):
            item.row.due_after = self._now
        item.row.deleted_at = None
        return _assign(item.row, item.after)

    def _set_person(self, item: Wanted[Row]) -> Person:
        after = {key: value for key, value in item.after.items() if key != "stores"}
        person = item.row if isinstance(item.row, Person) else None
        if person is None:
            person = Person(organisation_id=self._organisation_id, created_at=self._now, **after)
        if item.before is None or item.before["stores"] != item.after["stores"]:
            scope = item.after["stores"]
            names = scope.get("names", []) if isinstance(scope, dict) else scope
            person.store_ids = None if names is None else [self._store_ids[name] for name in names]
            person.store_tags = list(scope["tags"]) if isinstance(scope, dict) else []
        person.active = True
        return _assign(person, after)

    async def _record(self, item: Wanted[Row], row: Row, before: Fields | None) -> int:
        entity = ENTITIES[item.section]
        version = await self._recorder.version(
            self._session, self._actor, entity, row.id, recorded(row), before=before, comment=self._comment
        )
        if item.secrets:
            after = {"secrets": sorted(item.secrets)}
            self._recorder.audit(self._session, self._actor, "secrets_changed", entity, row.id, after=after)
        return version

    async def remove(self, section: Section, row: Row) -> None:
        """Hide a row from everything but history; what it could open the outside with is forgotten."""
        before = recorded(row)
        match row:
            case Person():
                row.active = False
                await withhold(self._session, row.organisation_id, row.telegram_id)
            case Integration() | Channel():
                row.deleted_at = self._now
                row.secrets = {}
            case Store() | Job():
                row.deleted_at = self._now
        if isinstance(row, Integration):
            row.revision += 1
        self._recorder.audit(self._session, self._actor, "removed", ENTITIES[section], row.id, before=before)

    async def restore(self, section: Section, row: Integration | Channel) -> int:
        """Bring back what had secrets, which are forgotten: it stays off until they are given anew."""
        row.deleted_at = None
        hold_back(row, FORGOTTEN, self._now)
        if isinstance(row, Integration):
            row.revision += 1
        return await self._recorder.version(
            self._session, self._actor, ENTITIES[section], row.id, recorded(row), comment=self._comment
        )


A = TypeVar("A", bound=Row)


def _assign(row: A, fields: Fields) -> A:
    for key, value in fields.items():
        setattr(row, key, value)
    return row


def _unlatch(row: Integration | Channel) -> None:
    """Forget a refusal: new settings deserve a new try."""
    if isinstance(row, Integration):
        row.needs_credentials_at = row.needs_credentials_text = None
    else:
        row.disabled_reason = None
