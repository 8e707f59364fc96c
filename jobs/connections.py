"""Modules at work: one connection per integration and revision, shared by all jobs.

Here a refused login latches the integration (`rules.md` 3.7), across restarts.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
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
from core.errors import CredentialsRefused, NotFound
from core.executions.states import Event
from core.helper.process import Helper
from core.history.recorder import Recorder
from core.jobs.model import Job
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
_Place = tuple[int, str]
"""An organisation, and the name of an integration there."""
log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class _Open:
    revision: int
    module: str
    place: _Place
    connection: Connection

    async def close(self) -> None:
        """Close it for good; a module that cannot do even that hurts no other."""
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                await self.connection.close()
        except Exception:
            log.exception("connection_not_closed", module=self.module)


class Connections:
    """Opens connections by the integration's name and keeps them until its settings change."""

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
        self._calls: Counter[_Place] = Counter()
        self._opening = asyncio.Lock()

    async def source_of(self, task: StoreTask) -> DiscountSource:
        """Return the ERP that a store's attempt works with. Raises as `source`."""
        known = self._kept(task, task.settings.source)
        if not isinstance(known, DiscountSource):
            known = task.open[task.settings.source] = await self.source(task.job.organisation_id, task.settings.source)
        return known

    async def target_of(self, task: StoreTask) -> DiscountTarget:
        """Return the loyalty platform that a store's attempt works with. Raises as `source`."""
        known = self._kept(task, task.settings.target)
        if not isinstance(known, DiscountTarget):
            known = task.open[task.settings.target] = await self.target(task.job.organisation_id, task.settings.target)
        return known

    def _kept(self, task: StoreTask, name: str) -> Connection | None:
        """Return what the attempt looked up before, unless its module was withdrawn since."""
        known = task.open.get(name)
        usable = (one.connection for one in (*self._open.values(), *self._outdated))
        return known if any(one is known for one in usable) else None

    async def source(self, organisation_id: int, name: str) -> DiscountSource:
        """Return the ERP of that name. Raises NotFound, CredentialsRefused (latched), BadInput."""
        connection = await self.get(organisation_id, name)
        if not isinstance(connection, DiscountSource):
            raise NotFound(T("The integration “{name}” is no source of discounts.", name=name))
        return connection

    async def target(self, organisation_id: int, name: str) -> DiscountTarget:
        """Return the loyalty platform of that name. Raises as `source`."""
        connection = await self.get(organisation_id, name)
        if not isinstance(connection, DiscountTarget):
            raise NotFound(T("The integration “{name}” is no target for discounts.", name=name))
        return connection

    async def get(self, organisation_id: int, name: str) -> Connection:
        """Return the connection of an enabled integration that is not latched."""
        place = {"organisation_id": organisation_id, "name": name}
        usable = await self._database.glance(lambda connection: connection.execute(_usable, place).one_or_none())
        known = self._open.get(usable.id) if usable is not None else None
        if usable is not None and known is not None and known.revision == usable.revision:
            return known.connection
        return await self._opened(organisation_id, name)

    async def origin(self, organisation_id: int, name: str) -> str:
        """Return which integration a name means now, and how it is configured: another text after any change.

        Empty when there is none. What was read under another origin may come from somewhere else.
        """
        place = {"organisation_id": organisation_id, "name": name}
        found = await self._database.glance(lambda connection: connection.execute(_revision, place).one_or_none())
        return "" if found is None else f"{found.id}:{found.revision}"

    async def _opened(self, organisation_id: int, name: str) -> Connection:
        """Open the connection if that was not done, or say why it cannot be."""
        row = await self._database.read(lambda session: _find(session, organisation_id, name))
        if row is None:
            raise NotFound(T("There is no enabled integration “{name}”.", name=name))
        if row.needs_credentials_at is not None:
            raise CredentialsRefused(latched(row.name, row.needs_credentials_text))
        async with self._opening:
            known = self._open.get(row.id)
            if known is None or known.revision != row.revision:
                if known is not None:
                    # Stores may be in the middle of a scan or an upload with it; idle it costs nothing.
                    self._outdated.append(known)
                place = (row.organisation_id, row.name)
                known = self._open[row.id] = _Open(row.revision, row.module, place, self._connect(row))
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

    async def _close_idle(self) -> None:
        idle = [known for known in self._withdrawn if not self._calls[known.place]]
        self._withdrawn = [known for known in self._withdrawn if known not in idle]
        for known in idle:
            await known.close()

    def observed(self, integration_id: int) -> Observed | None:
        """Return an open connection to be looked at; None when nothing was called since the start."""
        known = self._open.get(integration_id)
        return known.connection if known is not None and isinstance(known.connection, Observed) else None

    @asynccontextmanager
    async def calling(self, job: Job, name: str, connection: object) -> AsyncIterator[None]:
        """Around calls to an integration: a refused login latches it before the error goes on."""
        place = (job.organisation_id, name)
        self._calls[place] += 1
        try:
            yield
        except CredentialsRefused as error:
            await self._latch(place, connection, error, job)
            raise
        finally:
            self._calls[place] -= 1
            await self._close_idle()

    async def probe(self, organisation_id: int, name: str) -> Probe:
        """Reach an integration as it is saved, once; a refused login latches it here too. Raises as `get`."""
        connection = await self.get(organisation_id, name)
        try:
            return await connection.probe()
        except CredentialsRefused as error:
            await self._latch((organisation_id, name), connection, error, None)
            raise

    async def _latch(self, place: _Place, connection: object, error: CredentialsRefused, job: Job | None) -> None:
        """Stop all calls of an integration whose login was refused, and tell who can mend it.

        What a connection from before a change says is nothing about the credentials of now.
        """
        async with self._database.writing() as session:
            row = await session.run_sync(_find, *place)
            if row is None or row.needs_credentials_at is not None or not self._is_current(row, connection):
                return
            row.needs_credentials_at = self._clock.now()
            row.needs_credentials_text = error.text.to_json()
            actor = Actor.system(row.organisation_id, "job" if job else "cli")
            self._recorder.audit(session, actor, "needs_credentials", "integration", row.id)
            await self._ask_to_renew(session, job, row)
        # It begins no call any more; whoever lets the integration go on gets a new one.
        if (refused := self._open.pop(row.id, None)) is not None:
            self._outdated.append(refused)

    def _is_current(self, row: Integration, connection: object) -> bool:
        known = self._open.get(row.id)
        return known is not None and known.connection is connection and known.revision == row.revision

    async def _ask_to_renew(self, session: AsyncSession, job: Job | None, row: Integration) -> None:
        """Tell those whom the job's rules name, and the admins in any case, each with the way to mend it."""
        about = {"integration_id": row.id, "job_id": job.id if job else None}
        draft = Draft([latched(row.name, row.needs_credentials_text)], choices=[[Choice(T("🔑 Renew"), RENEW, about)]])
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
        return module.connect(settings, ModuleContext(row.name, self._clock, self._client, self._helper))

    def _client(self, base_url: str, policy: HttpPolicy) -> HttpClient:
        return HttpClient(base_url, policy, clock=self._clock, courtesy=self._courtesy)


_named = (
    Integration.organisation_id == bindparam("organisation_id"),
    Integration.name == bindparam("name"),
    Integration.deleted_at.is_(None),
)
_enabled = (*_named, Integration.enabled)
_usable = select(Integration.id, Integration.revision).where(*_enabled, Integration.needs_credentials_at.is_(None))
_revision = select(Integration.id, Integration.revision).where(*_named)
_whole = select(Integration).where(*_enabled)


def _find(session: Session, organisation_id: int, name: str) -> Integration | None:
    found: Integration | None = session.scalar(_whole, {"organisation_id": organisation_id, "name": name})
    return found


def latched(name: str, refusal: Mapping[str, Any] | None) -> Text:
    """Say that an integration needs credentials, and why."""
    cause = Text.from_json(refusal) if refusal else T("The login was refused.")
    return T(
        "🔑 “{name}” needs credentials: {cause} Nothing is tried until an admin gives new ones, or lets it "
        "try again with those it has: /integrations.",
        name=name,
        cause=cause,
    )
