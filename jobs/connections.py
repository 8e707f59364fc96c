"""Modules at work: one connection per integration and revision, shared by all jobs.

Here a refused login latches the integration (`rules.md` 3.7), across restarts.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from core.access import Actor
from core.clock import Clock
from core.connections.model import Integration
from core.connections.repository import load_settings, open_secrets
from core.courtesy import Courtesy
from core.db.database import Database
from core.db.prepared import Prepared
from core.errors import CredentialsRefused, NotFound
from core.executions.states import Event
from core.helper.process import Helper
from core.history.recorder import Recorder
from core.jobs.model import Job
from core.modules.model import ApprovedModule
from core.notices.channels import Notices
from core.notices.chats import ALARM, ChatRef
from core.organisations.model import Organisation
from core.outbox.content import Choice, Draft
from core.outbox.writing import Outbox
from core.people.repository import admins_of
from core.redact import Redactor
from core.secrets import SecretBox
from core.texts import T, Text
from integrations.contract import Connection, DiscountSource, DiscountTarget, ModuleContext, Observed, Probe
from integrations.http import HttpClient, HttpPolicy
from integrations.registry import Registry
from jobs.task import StoreTask

RENEW = "renew"
"""The action of the button that leads to the credentials of an integration."""
_CLOSING_SECONDS = 5
_ORIGIN_LENGTH = 32
log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class _Open:
    id: int
    revision: int
    module: str
    connection: Connection

    async def close(self) -> None:
        """Close it for good; a module that cannot do even that hurts no other."""
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                await self.connection.close()
        except Exception:
            log.exception("connection_not_closed", module=self.module)


class Connections:
    """Opens connections and keeps them until the settings of their integration change.

    A run keeps to its integrations whatever they are called meanwhile; others ask by name.
    """

    def __init__(
        self,
        database: Database,
        registry: Registry,
        box: SecretBox,
        clock: Clock,
        notices: Notices,
        recorder: Recorder,
        redactor: Redactor,
        courtesy: Courtesy,
        helper: Helper,
    ) -> None:
        self._database = database
        self._registry = registry
        self._box = box
        self._clock = clock
        self._notices = notices
        self._recorder = recorder
        self._redactor = redactor
        self._courtesy = courtesy
        self._helper = helper
        self._outbox = Outbox(clock)
        self._open: dict[int, _Open] = {}
        self._outdated: list[_Open] = []
        self._withdrawn: list[_Open] = []
        self._calls: Counter[int] = Counter()
        self._opening = asyncio.Lock()

    async def source_of(self, task: StoreTask) -> DiscountSource:
        """Return the ERP that a store's attempt works with. Raises NotFound, CredentialsRefused (latched), BadInput."""
        return _as_source(await self._of(task, task.source_id, task.settings.source), task.settings.source)

    async def target_of(self, task: StoreTask) -> DiscountTarget:
        """Return the loyalty platform that a store's attempt works with. Raises as `source_of`."""
        name = task.settings.target
        connection = await self._of(task, task.target_id, name)
        if not isinstance(connection, DiscountTarget):
            raise NotFound(T("The integration “{name}” is no target for discounts.", name=name))
        return connection

    async def _of(self, task: StoreTask, integration_id: int | None, name: str) -> Connection:
        """Return what the attempt looked up before, unless its module was withdrawn since; else look it up."""
        if integration_id is None:
            raise _missing(name)
        known = task.open.get(integration_id)
        if known is None or not any(one.connection is known for one in (*self._open.values(), *self._outdated)):
            known = task.open[integration_id] = await self._current(integration_id, name)
        return known

    async def source(self, organisation_id: int, name: str) -> DiscountSource:
        """Return the ERP of that name. Raises as `source_of`."""
        return _as_source(await self.get(organisation_id, name), name)

    async def get(self, organisation_id: int, name: str) -> Connection:
        """Return the connection of an enabled integration that is not latched."""
        place = {"organisation_id": organisation_id, "name": name}
        number = await self._database.glance(lambda session: session.scalar(_named, place))
        if number is None:
            raise _missing(name)
        return await self._current(number, name)

    async def _current(self, integration_id: int, name: str) -> Connection:
        """Return the connection of an integration as it is configured now."""
        one = {"id": integration_id}
        rows = await self._database.glance(lambda session: _usable.rows(session.connection(), **one))
        if not rows:
            return await self._opened(integration_id, name)
        (found,) = rows
        if self._registry.admitted(found.module) != found.digest:
            await self._agree(found.module, found.digest)
        known = self._open.get(integration_id)
        if known is not None and known.revision == found.revision:
            return known.connection
        return await self._opened(integration_id, name)

    async def origin_of(self, task: StoreTask) -> str:
        """Return which ERP an attempt reads, how it is configured, and whose prices: another text after any change.

        Empty when there is none. What was read under another origin may come from somewhere else.
        """
        if task.source_id is None:
            return ""
        revision = await self._revision_of(task.source_id)
        return "" if revision is None else _origin(task.source_id, revision, task.ref.unit)

    async def target_changed(self, task: StoreTask) -> bool:
        """Tell whether the platform that an attempt works with was configured otherwise since it was looked up."""
        known = None if task.target_id is None else task.open.get(task.target_id)
        if task.target_id is None or known is None:
            return False
        now = await self._revision_of(task.target_id)
        usable = (*self._open.values(), *self._outdated)
        return not any(one.connection is known and one.revision == now for one in usable)

    async def _revision_of(self, integration_id: int) -> int | None:
        """Return how often an integration was changed, None for one that is gone."""
        one = {"id": integration_id}
        found = await self._database.glance(lambda session: _revision.rows(session.connection(), **one))
        return found[0].revision if found else None

    async def _opened(self, integration_id: int, name: str) -> Connection:
        """Open the connection if that was not done, or say why it cannot be."""
        row = await self._database.read(lambda session: _find(session, integration_id))
        if row is None:
            raise _missing(name)
        if row.needs_credentials_at is not None:
            why, how = latched(row.name, row.needs_credentials_text)
            raise CredentialsRefused(T("{first} {second}", first=why, second=how))
        async with self._opening:
            known = self._open.get(row.id)
            if known is None or known.revision != row.revision:
                if known is not None:
                    # Stores may be in the middle of a scan or an upload with it; idle it costs nothing.
                    self._outdated.append(known)
                known = self._open[row.id] = _Open(row.id, row.revision, row.module, self._connect(row))
            return known.connection

    async def withdraw(self, module: str) -> None:
        """Use no connection of a module any more: what comes next gets a new one, if it still may.

        Each is closed as soon as no call to its integration is under way.
        """
        for number in [number for number, known in self._open.items() if known.module == module]:
            self._withdrawn.append(self._open.pop(number))
        self._withdrawn += [known for known in self._outdated if known.module == module]
        self._outdated = [known for known in self._outdated if known.module != module]
        await self._close_idle()

    async def follow(self, module: str) -> None:
        """Let a folder's module in, or go, as was decided meanwhile: before it is used past `get`."""
        slug = {"slug": module}
        digest = await self._database.glance(lambda session: session.scalar(_approved, slug))
        if self._registry.admitted(module) != digest:
            await self._agree(module, digest)

    async def _agree(self, module: str, digest: str | None) -> None:
        """Let a folder's module in, or go, as another process was told meanwhile (None: it was withdrawn)."""
        async with self._opening:
            if self._registry.admitted(module) == digest:
                return
            self._registry.dismiss(module)
            await self.withdraw(module)
            for entry in await asyncio.to_thread(self._registry.look_outside) if digest is not None else ():
                if entry.name == module and entry.approved_as(digest):
                    self._registry.admit(entry)

    async def _close_idle(self) -> None:
        idle = [known for known in self._withdrawn if not self._calls[known.id]]
        self._withdrawn = [known for known in self._withdrawn if known not in idle]
        for known in idle:
            await known.close()

    def observed(self, integration_id: int) -> Observed | None:
        """Return an open connection to be looked at; None when nothing was called since the start."""
        known = self._open.get(integration_id)
        return known.connection if known is not None and isinstance(known.connection, Observed) else None

    @asynccontextmanager
    async def calling(self, connection: Connection, job: Job | None) -> AsyncIterator[None]:
        """Around calls to an integration: a refused login latches it before the error goes on."""
        known = self._entry(connection)
        self._calls[known.id] += 1
        try:
            yield
        except CredentialsRefused as error:
            await self._latch(known, error, job)
            raise
        finally:
            self._calls[known.id] -= 1
            await self._close_idle()

    def _entry(self, connection: Connection) -> _Open:
        every = (*self._open.values(), *self._outdated, *self._withdrawn)
        return next(one for one in every if one.connection is connection)

    async def probe(self, organisation_id: int, name: str) -> Probe:
        """Reach an integration as it is saved, once; a refused login latches it here too. Raises as `get`."""
        connection = await self.get(organisation_id, name)
        async with self.calling(connection, None):
            return await connection.probe()

    async def _latch(self, known: _Open, error: CredentialsRefused, job: Job | None) -> None:
        """Stop all calls of an integration whose login was refused, and tell who can mend it.

        What a connection from before a change says is nothing about the credentials of now.
        """
        async with self._database.writing() as session:
            row = await session.run_sync(_find, known.id)
            if row is None or row.needs_credentials_at is not None or not self._is_current(row, known):
                return
            row.needs_credentials_at = self._clock.now()
            row.needs_credentials_text = error.text.to_json()
            actor = Actor.system(row.organisation_id, "job" if job else "cli")
            self._recorder.audit(session, actor, "needs_credentials", "integration", row.id)
            await self._ask_to_renew(session, job, row)
        # It begins no call any more; whoever lets the integration go on gets a new one.
        if (refused := self._open.pop(row.id, None)) is not None:
            self._outdated.append(refused)

    def _is_current(self, row: Integration, known: _Open) -> bool:
        return self._open.get(row.id) is known and known.revision == row.revision

    async def _ask_to_renew(self, session: AsyncSession, job: Job | None, row: Integration) -> None:
        """Tell those whom the job's rules name, and the admins in any case, each with the way to mend it."""
        about = {"integration_id": row.id, "job_id": job.id if job else None}
        draft = Draft(latched(row.name, row.needs_credentials_text), choices=[[Choice(T("🔑 Renew"), RENEW, about)]])
        key = f"latch:{row.id}:{row.revision}"
        if job is not None:
            await self._notices.tell(session, job, Event.NEEDS_CREDENTIALS, draft.lines, key=key, choices=draft.choices)
        organisation = await session.get_one(Organisation, row.organisation_id)
        for admin in await admins_of(session, organisation.id):
            chat = ChatRef(admin.telegram_id, admin.language(organisation.locale))
            # Who was told by the rules is not told twice: it is the same key.
            said = f"{key}:{chat.place}"
            await self._outbox.say(session, organisation.id, chat, draft, key=said, priority=ALARM)

    async def close(self) -> None:
        for known in [*self._withdrawn, *self._outdated, *self._open.values()]:
            await known.close()
        self._withdrawn.clear()
        self._outdated.clear()
        self._open.clear()

    def _connect(self, row: Integration) -> Connection:
        module = self._registry.module(row.module)
        self._redactor.add(*open_secrets(row, self._box).values())
        settings = load_settings(row, module.Settings, self._box)
        client = partial(self._client, row.name)
        return module.connect(settings, ModuleContext(row.name, self._clock, client, self._helper))

    def _client(self, name: str, base_url: str, policy: HttpPolicy) -> HttpClient:
        return HttpClient(base_url, policy, clock=self._clock, courtesy=self._courtesy, name=name)


def _origin(source_id: int, revision: int, unit: str) -> str:
    """Return a short text that differs where any of these does."""
    return hashlib.sha256(f"{source_id}:{revision}:{unit}".encode()).hexdigest()[:_ORIGIN_LENGTH]


_one = (Integration.id == bindparam("id"), Integration.deleted_at.is_(None))
_revision = Prepared(select(Integration.revision).where(*_one))
_usable = Prepared(
    select(Integration.revision, Integration.module, ApprovedModule.digest)
    .outerjoin(ApprovedModule, ApprovedModule.slug == Integration.module)
    .where(*_one, Integration.enabled, Integration.needs_credentials_at.is_(None))
)
_approved = select(ApprovedModule.digest).where(ApprovedModule.slug == bindparam("slug"))
_whole = select(Integration).where(*_one, Integration.enabled)
_named = select(Integration.id).where(
    Integration.organisation_id == bindparam("organisation_id"),
    Integration.name == bindparam("name"),
    Integration.deleted_at.is_(None),
)


def _find(session: Session, integration_id: int) -> Integration | None:
    found: Integration | None = session.scalar(_whole, {"id": integration_id})
    return found


def _missing(name: str) -> NotFound:
    return NotFound(T("There is no enabled integration “{name}”.", name=name))


def _as_source(connection: Connection, name: str) -> DiscountSource:
    if not isinstance(connection, DiscountSource):
        raise NotFound(T("The integration “{name}” is no source of discounts.", name=name))
    return connection


def latched(name: str, refusal: Mapping[str, Any] | None) -> list[Text]:
    """Say that an integration needs credentials, and why; then what can be done."""
    cause = Text.from_json(refusal) if refusal else T("The login was refused.")
    return [
        T("🔑 “{name}” needs credentials: {cause}", name=name, cause=cause),
        T("Nothing is tried until an admin gives new ones, or lets it try again with those it has: /integrations."),
    ]
