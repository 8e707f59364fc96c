"""Opening a data folder: lock, key, database, organisation, in the order that loses nothing.

Everything that can be refused is refused before the first write.
"""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from dishka import AsyncContainer, Provider
from sqlalchemy.exc import DBAPIError

from bot.environment import Environment
from bot.locks import FolderBusy, FolderLock, WorkerLock, server_address
from bot.wiring import make_container
from core.clock import SystemClock
from core.connections.repository import seal_anew
from core.db.database import Database, async_url, sync_url
from core.db.migrate import migrate
from core.errors import StartError
from core.logs import configure_logs
from core.organisations.model import Organisation
from core.organisations.repository import DEFAULT_NAME, ensure_organisation
from core.redact import Redactor
from core.secrets import KEY_FILE, SecretBox
from core.texts import T

_SECRETS = sa.text(
    "SELECT secrets FROM integrations WHERE deleted_at IS NULL"
    " UNION ALL SELECT secrets FROM channels WHERE deleted_at IS NULL"
)


@dataclass(slots=True)
class House:
    """An open data folder. `owner` is False beside another process that owns it; else `worker` is to be kept."""

    environment: Environment
    clock: SystemClock
    container: AsyncContainer
    organisation: Organisation
    owner: bool
    locks: ExitStack
    worker: WorkerLock

    def take(self) -> bool:
        """Own the folder if nobody else does any more. Returns whether it is ours."""
        self.owner = self.owner or _lock(self.environment, self.locks, self.worker, beside=True)
        return self.owner


@asynccontextmanager
async def open_house(
    environment: Environment, *, chat: Provider | None = None, beside: bool = False, log_level: str = "INFO"
) -> AsyncIterator[House]:
    """Open the data folder of the environment; `beside` another process if need be.

    `chat` is the provider of the chat's parts, for the process that has one.

    Raises StartError with one clear sentence for whatever is wrong.
    """
    clock = environment.make_clock()
    redactor = Redactor(_secrets_of(environment))
    configure_logs(redactor, log_format=environment.log_format, level=log_level)
    async with AsyncExitStack() as stack:
        locks = stack.enter_context(ExitStack())
        worker = WorkerLock(server_address(environment.url), environment.worker_id)
        owner = _lock(environment, locks, worker, beside=beside)
        box = _open_box(environment)
        if owner:
            await migrate(async_url(environment.url))
        container = make_container(environment, clock, box, redactor, chat)
        stack.push_async_callback(container.close)
        database = await container.get(Database)
        async with database.writing() as session:
            organisation = await ensure_organisation(session, DEFAULT_NAME, environment.timezone, environment.locale)
            if owner:
                await seal_anew(session, box)
        yield House(environment, clock, container, organisation, owner, locks, worker)


def _lock(environment: Environment, stack: ExitStack, worker: WorkerLock, *, beside: bool) -> bool:
    folder = FolderLock(environment.data_dir)
    try:
        folder.acquire()
    except FolderBusy:
        if beside:
            return False
        raise
    stack.callback(folder.release)
    worker.acquire()
    stack.callback(worker.release)
    return True


def _open_box(environment: Environment) -> SecretBox:
    """Open the key, and make sure that it is the one the stored secrets were sealed with."""
    keys = environment.secret_key.get_secret_value() if environment.secret_key else None
    sealed = _sealed(environment)
    if sealed and not keys and not (environment.data_dir / KEY_FILE).exists():
        path = str(environment.data_dir / KEY_FILE)
        raise StartError(
            T(
                "The key file {path} is gone, and the stored secrets do not open without it. "
                "Put it back, or set CHIMERA_SECRET_KEY.",
                path=path,
            )
        )
    box = SecretBox.open_at(environment.data_dir, keys)
    box.check(sealed)
    return box


def _sealed(environment: Environment) -> list[str]:
    """Return the sealed secrets of an existing database, read without changing anything."""
    url = sync_url(async_url(environment.url))
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return []
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            if not sa.inspect(connection).has_table("integrations"):
                return []
            found = connection.execute(_SECRETS).scalars().all()
    except DBAPIError as error:
        raise StartError(
            T("The database cannot be opened: {cause}", cause=" ".join(str(error.orig).split()))
        ) from error
    finally:
        engine.dispose()
    return [token for secrets in found for token in _tokens(secrets)]


def _tokens(secrets: object) -> list[str]:
    document = json.loads(secrets) if isinstance(secrets, str) else secrets
    return list(document.values()) if isinstance(document, dict) else []


def _secrets_of(environment: Environment) -> list[str]:
    known = (environment.bot_token, environment.secret_key, environment.database_url, environment.metrics_token)
    return [secret.get_secret_value() for secret in known if secret is not None]
