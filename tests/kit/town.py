"""A small town for tests from outside: an ERP, a platform and a Telegram on loopback, and Chimera as real processes.

Nothing of the product runs in the test's own process but the writing of the first configuration.
"""

import asyncio
import itertools
import json
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from core.access import Actor
from core.clock import SystemClock
from core.configuration.applying import ApplyDocument
from core.configuration.editing import Editor
from core.db.database import Database
from core.history.recorder import Recorder
from core.organisations.repository import DEFAULT_NAME, ensure_organisation
from core.schedules.cron import parse_cron
from core.secrets import SecretBox
from integrations.registry import Registry
from sandbox.crescevendas import PlatformServer
from sandbox.rp import RpServer
from sandbox.telegram import Chat, Message, Person, TelegramServer
from tests.kit.oracle import Prices, expected_of
from tests.kit.process import Launcher, Process

ZONE = ZoneInfo("America/Sao_Paulo")
OWNER, GROUP = 7001, -1001
PASSWORD, TOKEN = "invented-password", "invented-token"
CNPJS = ("11222333000181", "11222333000262", "11222333000343")
NAMES = ("001 Centro", "002 Norte", "003 Sul")
EVENTS = ["start", "success", "partial", "failure", "missed", "cancelled", "needs_credentials"]
_LONG = 150.0


@dataclass(frozen=True)
class Finished:
    """What a command left behind."""

    code: int
    out: str
    err: str


async def until(wanted: Callable[[], Any], seconds: float = _LONG, what: str = "") -> Any:
    """Wait until something is true and return it. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not (found := wanted()):
        if time.monotonic() > end:
            raise TimeoutError(what or "it did not come true")
        await asyncio.sleep(0.03)
    return found


@dataclass
class Running:
    """A `chimera` process at work; what it writes goes to a file."""

    process: Process
    log: Path

    @property
    def text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the log's lines of one event."""
        lines = (json.loads(line) for line in self.text.splitlines() if line.startswith("{"))
        return [line for line in lines if line.get("event") == name]

    async def until_ready(self) -> None:
        def ready() -> bool:
            if self.process.returncode is not None:
                raise AssertionError(f"ended with {self.process.returncode}: {self.text[-3000:]}")
            return '"ready"' in self.text

        await until(ready, what="the bot is not ready")

    async def ended(self, seconds: float = _LONG) -> int:
        await until(lambda: self.process.returncode is not None, seconds, "the process does not end")
        return int(self.process.returncode or 0)

    async def stop(self) -> None:
        """Ask it to stop, as a service manager would."""
        self.process.send_signal(signal.SIGTERM)
        assert await self.ended() == 0, self.text[-3000:]

    async def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        await self.ended()


@dataclass
class Town:
    """The servers, a person, a group, and the folder in which Chimera lives."""

    folder: Path
    launcher: Launcher | None
    clock: SystemClock
    erp: RpServer
    platform: PlatformServer
    telegram: TelegramServer
    owner: Person
    group: Chat
    settings: dict[str, str] = field(default_factory=dict)
    processes: list[Running] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def environment(self, changes: Mapping[str, str | None]) -> dict[str, str]:
        """Return a process's environment: variables without `CHIMERA_`; None leaves one out."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CHIMERA_")}
        own: dict[str, str | None] = {
            "BOT_TOKEN": self.telegram.token,
            "TELEGRAM_API": self.telegram.url,
            "DATA_DIR": str(self.data),
            "OWNER_ID": str(OWNER),
            "HTTP_PORT": "0",
            "LOG_FORMAT": "json",
            "CLOCK": self.clock.now().isoformat(),
            **self.settings,
            **changes,
        }
        # Whoever runs the tests, the command line speaks English.
        return (
            kept
            | {"LC_ALL": "C.UTF-8"}
            | {f"CHIMERA_{name}": value for name, value in own.items() if value is not None}
        )

    def _spawn(self, arguments: tuple[str, ...], changes: Mapping[str, str | None], *, split: bool) -> Process:
        assert self.launcher is not None, "this town has no processes"
        number = next(self.numbers)
        out = self.folder / f"process-{number}.out"
        err = self.folder / f"process-{number}.err" if split else out
        for path in (out, err):
            path.touch(mode=0o600)
        return self.launcher.start(list(arguments), self.environment(changes), out, err)

    async def command(self, *arguments: str, **changes: str | None) -> Finished:
        """Run a command to its end, within a generous time."""
        process = self._spawn(arguments, changes, split=True)
        self.processes.append(running := Running(process, process.out))
        code = await running.ended()
        return Finished(code, process.out.read_text("utf-8"), process.err.read_text("utf-8"))

    async def launch(self, command: str = "run", **changes: str | None) -> Running:
        """Start a command, such as `chimera run`, and return at once."""
        process = self._spawn((command,), changes, split=False)
        self.processes.append(running := Running(process, process.out))
        return running

    async def start(self, **changes: str | None) -> Running:
        """Start `chimera run` and wait until it says that it is ready."""
        running = await self.launch("run", **changes)
        await running.until_ready()
        return running

    async def clear(self) -> None:
        """End what was started here and is still alive."""
        for running in self.processes:
            await running.kill()

    # Configuration

    def document(self, *, schedule: str | None = None, erp: Mapping[str, Any] | None = None) -> dict[str, Any]:
        quick = {"page_pause_ms": 0, "confirm_delay_ms": 0, "page_size": 20, "requests_per_minute": 6000}
        login = {"base_url": self.erp.url, "username": "100001", "password": PASSWORD}
        job: dict[str, Any] = {"name": "Daily sync", "type": "sync_products", "stores": "all"}
        job |= {"schedule": schedule} if schedule else {}
        job |= {"settings": {"source": "ERP", "target": "Loyalty"}, "notify": [{"channel": "Ops", "on": EVENTS}]}
        return {
            "version": 1,
            "organisation": {"name": "Mercado Azul", "timezone": str(ZONE), "locale": "en"},
            "stores": [{"name": name, "cnpj": cnpj} for name, cnpj in zip(NAMES, CNPJS, strict=True)],
            "integrations": [
                {"name": "ERP", "module": "rp", "settings": login | quick | dict(erp or {})},
                {
                    "name": "Loyalty",
                    "module": "crescevendas",
                    "settings": {
                        "base_url": self.platform.url,
                        "email": "integration@example.test",
                        "token": TOKEN,
                        "requests_per_minute": 6000,
                    },
                },
            ],
            "channels": [{"name": "Ops", "module": "telegram", "settings": {"chat_id": GROUP}}],
            "jobs": [job],
        }

    def write(self, document: Any, name: str = "chain.yaml") -> str:
        """Write a document (or its text) to a file and return the file's name."""
        text = document if isinstance(document, str) else yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def found(self, migrated: Path) -> None:
        """Have a data folder with an empty database."""
        self.data.mkdir(mode=0o700)
        shutil.copy(migrated, self.data / "chimera.db")

    async def furnish(self, migrated: Path, url: str | None = None, **options: Any) -> None:
        """Have the data folder as `chimera apply` leaves it, without paying for a process."""
        if url is None:
            self.found(migrated)
        else:
            self.data.mkdir(mode=0o700)
        database = Database(url or f"sqlite:///{self.data / 'chimera.db'}")
        box = SecretBox.open_at(self.data)
        async with database.writing() as session:
            organisation = await ensure_organisation(session, DEFAULT_NAME, str(ZONE), "en")
        editor = Editor(self.clock, Recorder(self.clock), box, Registry.builtin(), parse_cron)
        text = yaml.safe_dump(self.document(**options))
        await ApplyDocument(database, editor)(Actor.system(organisation.id, "cli"), text)
        await database.close()

    # What can be seen

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read from the database file, beside whoever owns it."""
        connection = sqlite3.connect(f"file:{self.data / 'chimera.db'}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def caught_up(self) -> bool:
        """Tell whether every update so far was handled."""
        last = self.telegram.world.updates._last_id
        return bool(self.rows(f"SELECT 1 FROM handled_updates WHERE update_id = {last}"))

    def states(self) -> list[str]:
        return [state for (state,) in self.rows("SELECT state FROM executions ORDER BY id")]

    def live(self, cnpj: str) -> dict[str, Prices]:
        lines = self.platform.lines(cnpj)
        found = {line.code: (line.price, line.final_price, line.limit) for line in lines}
        assert len(found) == len(lines), "a code is live twice"
        return found

    def expected(self, cnpj: str) -> dict[str, Prices]:
        return expected_of(self.erp.catalogue(cnpj)).lines

    def all_live(self) -> bool:
        return all(self.live(cnpj) == self.expected(cnpj) for cnpj in CNPJS)

    def uploads(self, cnpj: str) -> int:
        return sum(body["store_registrations"] == [cnpj] for body in self.platform.uploads)

    def first_pages(self, cnpj: str) -> int:
        """Count how often a scan of a store was begun."""
        return sum(f"/listaprodutos/0/unidade/{cnpj}" in entry.path for entry in self.erp.journal)

    def logins(self) -> int:
        return sum(entry.path.endswith("/auth") for entry in self.erp.journal)

    def cards(self, chat_id: int) -> list[Message]:
        """Return the bot's messages that tell of a run and are still there."""
        found = self.telegram.messages(chat_id)
        return [
            m for m in found if m.is_from_bot and not m.deleted and "Daily sync" in m.text and "/sync" not in m.text
        ]

    async def success(self, chat_id: int, seconds: float = _LONG) -> Message:
        return await self.telegram.wait_for(chat_id, "Success", timeout=seconds)


def early(hour: int, minute: int, second: int = 0) -> datetime:
    """Return a moment of this morning, before the stores open."""
    today = date.today()  # noqa: DTZ011 - any day will do
    return datetime(today.year, today.month, today.day, hour, minute, second, tzinfo=ZONE)


MakeTown = Callable[..., Awaitable[Town]]
