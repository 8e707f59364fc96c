"""Trying an integration or channel before it is saved (CH-2, CH-14): what was reached, what failed and why."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import structlog
from pydantic import BaseModel, SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.clock import Clock
from core.configuration.editing import Edit, Editor, find_row, live_rows
from core.configuration.stored import Fields, Stored, load_stored
from core.configuration.wanted import Row, Section
from core.connections.model import Integration
from core.db.database import Database
from core.entities.reaching import require_change
from core.errors import AddressRefused, ChimeraError, Conflict, CredentialsRefused, Unreachable
from core.history.recorder import Recorder
from core.redact import Redactor
from core.texts import T, Text
from integrations.contract import Connection, ModuleContext, Probe
from integrations.http import HttpClient, HttpPolicy
from integrations.registry import Registry
from jobs.telling import ChannelTest

SECONDS = 30.0

log = structlog.get_logger(__name__)


class Blame(StrEnum):
    """What of a connection's settings a failed test points at."""

    ADDRESS = "address"
    LOGIN = "login"


@dataclass(frozen=True, slots=True)
class Tried:
    """What a test came to, in words, and where a failure is mended: at the address or at the login."""

    good: bool
    lines: list[Text]
    blames: Blame | None = None


class _NoAnswer(Conflict):
    """The other side was silent for as long as a test waits."""


class TryConnection(UseCase):
    """Connect with settings that are not saved yet, once, and say what was found; a channel gets a message.

    A stored secret goes to the stored address only. A refused login of an integration as it is
    saved latches it, as everywhere (`rules.md` 3.7).
    """

    permission = Permission.CONFIGURE_ACCESS

    def __init__(
        self,
        database: Database,
        editor: Editor,
        registry: Registry,
        clock: Clock,
        recorder: Recorder,
        redactor: Redactor,
        channel_test: ChannelTest,
    ) -> None:
        self._database = database
        self._editor = editor
        self._registry = registry
        self._clock = clock
        self._recorder = recorder
        self._redactor = redactor
        self._channel_test = channel_test

    async def __call__(self, actor: Actor, section: Section, entity_id: int | None, fields: Fields) -> Tried:
        require_change(actor, section)
        if section not in (Section.INTEGRATIONS, Section.CHANNELS):
            raise Conflict(T("There is nothing to test here."))
        async with self._database.reading() as session:
            stored = await load_stored(session, actor.organisation_id)
            row = _row(stored, section, entity_id)
            as_saved = row is not None and await self._is_saved(session, actor, stored, section, Edit(row, fields))
            if as_saved and isinstance(row, Integration) and row.needs_credentials_at is not None:
                text = T("Its login was refused before. Give new credentials, then test again.")
                return Tried(False, [text], Blame.LOGIN)
            module, settings = self._editor.opened(actor, stored, section, Edit(row, fields))
        name = str(fields.get("name", "?"))
        context = ModuleContext(name, self._clock, partial(self._client, name))
        self._redactor.add(*_secrets(settings))
        try:
            connect = partial(self._registry.module(module).connect, settings, context)  # type: ignore[arg-type]
            return await self._reached(actor, context.integration, connect, fields.get("locale"))
        except CredentialsRefused as error:
            if as_saved and isinstance(row, Integration):
                await self._latch(actor, row.id, error)
            return Tried(False, [error.text], Blame.LOGIN)
        except (Unreachable, AddressRefused, _NoAnswer) as error:
            return Tried(False, [error.text], Blame.ADDRESS)
        except ChimeraError as error:
            return Tried(False, [error.text])

    async def _is_saved(
        self, session: AsyncSession, actor: Actor, stored: Stored, section: Section, edit: Edit
    ) -> bool:
        """Tell whether the fields are what is stored, secrets included."""
        (tried,) = await self._editor.edit(session, actor, stored, section, [edit], whole=True, dry_run=True)
        return not tried.changes

    async def _reached(self, actor: Actor, name: str, connect: Callable[[], Connection], spoken: str | None) -> Tried:
        """Reach the other side; a module's own mistakes end here, with their traceback in the log."""
        try:
            async with asyncio.timeout(SECONDS):
                return await self._asked(actor, name, connect(), spoken)
        except TimeoutError:
            raise _NoAnswer(
                T("No answer within {seconds} seconds. Is the address right?", seconds=int(SECONDS))
            ) from None
        except ChimeraError:
            raise
        except Exception as error:
            log.exception("probe_failed")
            raise Conflict(T("The module failed: {error}. The log tells more.", error=type(error).__name__)) from error

    async def _asked(self, actor: Actor, name: str, connection: Connection, spoken: str | None) -> Tried:
        try:
            sent = await self._channel_test(actor, name, connection, spoken)
            return Tried(True, sent) if sent is not None else _found(await connection.probe())
        finally:
            await connection.close()

    async def _latch(self, actor: Actor, integration_id: int, error: CredentialsRefused) -> None:
        async with self._database.writing() as session:
            row = await session.get_one(Integration, integration_id)
            row.needs_credentials_at = self._clock.now()
            row.needs_credentials_text = error.text.to_json()
            self._recorder.audit(session, actor, "needs_credentials", "integration", row.id)

    def _client(self, name: str, base_url: str, policy: HttpPolicy) -> HttpClient:
        return HttpClient(base_url, policy, clock=self._clock, name=name)


def _secrets(settings: BaseModel) -> list[str]:
    values = (getattr(settings, name) for name in type(settings).model_fields)
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]


def _found(probe: Probe) -> Tried:
    return Tried(True, [T("{where} answered in {took}.", where=probe.reached, took=probe.took), *probe.notes])


def _row(stored: Stored, section: Section, entity_id: int | None) -> Row | None:
    return None if entity_id is None else find_row(live_rows(stored, section), entity_id)
