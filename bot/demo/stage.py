"""Set the stage: a local ERP, platform and Telegram, five stores, and the real process among them."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from core.clock import SystemClock
from core.cnpj import check_digits
from core.errors import ChimeraError
from core.texts import T
from sandbox.crescevendas import PlatformLine, PlatformServer
from sandbox.page import PageServer
from sandbox.rp import RpServer
from sandbox.telegram import Person, TelegramServer

ZONE = ZoneInfo("America/Sao_Paulo")
OWNER_ID, MANAGER_ID, STRANGER_ID = 7001, 7002, 7003
OPS_ID = -1001
# The page shows what each of them is to Chimera.
ROLES = {OWNER_ID: "owner", MANAGER_ID: "manager", STRANGER_ID: "stranger"}
_EARLY = time(5, 10)
_USER, _PASSWORD = "100001", "invented"
_EMAIL, _TOKEN = "integration@example.test", "invented-token"
_NAMES = ("001 Centro", "002 Norte", "003 Sul", "004 Praia", "005 Serra")
_STOP_SECONDS = 15


class DemoFailed(ChimeraError):
    """Something of the walk did not come as it should."""


@dataclass(slots=True)
class Stage:
    """The servers, the owner, and Chimera itself as a process of its own."""

    erp: RpServer
    platform: PlatformServer
    telegram: TelegramServer
    owner: Person
    cnpjs: list[str]
    folder: Path
    clock: SystemClock
    environment: dict[str, str]
    process: asyncio.subprocess.Process | None = None
    page: PageServer | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _calls_before: int = 0

    async def chimera(self, *arguments: str) -> asyncio.subprocess.Process:
        """Start the command line as a person would; what it logs goes to a file."""
        self._calls_before = len(self.telegram.calls)
        log = (self.folder / "chimera.log").open("ab")
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                *arguments,
                env=self.environment | {"CHIMERA_CLOCK": self.clock.now().isoformat()},
                stdout=log,
                stderr=log,
            )
        finally:
            log.close()

    async def start(self) -> None:
        """Apply the configuration and start the bot."""
        apply = await self.chimera("apply", str(self.folder / "chain.yaml"))
        if await apply.wait():
            raise DemoFailed(T("The configuration could not be applied; see {file}.", file=self.log_file))
        self.process = await self.chimera("run")

    def state(self) -> dict[str, Any]:
        """Say what the page shows of the process and its clock."""
        running = self.process is not None and self.process.returncode is None
        now = self.clock.now().astimezone(ZONE)
        starting = (running or self.process is None) and not self._greeted()
        return {"running": running, "starting": starting, "now": now.isoformat(), "zone": str(ZONE)}

    def _greeted(self) -> bool:
        """Tell whether the newest process has asked Telegram who it is, as it does before it answers anybody."""
        return any(call.method == "getMe" for call in self.telegram.calls[self._calls_before :])

    async def restart(self, moment: datetime | None = None, *, kill: bool = False) -> None:
        """End the process, politely or with -9, and start it again, at another local time if one is given."""
        async with self._turn:
            await self.stop(kill=kill)
            if moment is not None:
                self.clock.offset = moment.replace(tzinfo=moment.tzinfo or ZONE).astimezone(UTC) - datetime.now(UTC)
            self.process = await self.chimera("run")

    async def stop(self, *, kill: bool = False) -> None:
        if self.process is not None and self.process.returncode is None:
            (self.process.kill if kill else self.process.terminate)()
            try:
                await asyncio.wait_for(self.process.wait(), _STOP_SECONDS)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()

    @property
    def log_file(self) -> str:
        return str(self.folder / "chimera.log")

    def foreign_lines(self) -> None:
        """Let somebody else have a campaign in the third store, which a sync would remove."""
        today = self.clock.now().astimezone(ZONE).date()
        lines = [PlatformLine(str(90_000 + n), Decimal("9.90"), Decimal("7.90")) for n in range(12)]
        window = (datetime.combine(today, time(5)), datetime.combine(today, time(23, 59)))
        self.platform.add_foreign(self.cnpjs[2], lines, window)


@asynccontextmanager
async def set_up(locale: str) -> AsyncIterator[Stage]:
    """Build the stage in a temporary folder, with its page, and take it down again.

    The clock begins at ten past five in the morning, so that the walk works at any hour.
    """
    start = datetime.combine(datetime.now(ZONE).date(), _EARLY, ZONE)
    clock = SystemClock.starting_at(start)
    cnpjs = [_cnpj(number) for number in range(1, len(_NAMES) + 1)]
    erp = RpServer(users={_USER: _PASSWORD}, clock=clock.now)
    platform = PlatformServer(cnpjs, email=_EMAIL, token=_TOKEN, clock=clock.now)
    telegram = TelegramServer(clock=lambda: clock.now().timestamp())
    telegram.flood_control = True
    with tempfile.TemporaryDirectory(prefix="chimera-demo-") as folder:
        async with erp, platform, telegram:
            for number, (cnpj, name) in enumerate(zip(cnpjs, _NAMES, strict=True), 1):
                erp.add_store(cnpj, unit_code=f"{number:03}", size=400, discounted=60 + 20 * number, name=name)
            owner = _people(telegram, locale)
            environment = _environment(telegram, Path(folder), locale)
            stage = Stage(erp, platform, telegram, owner, cnpjs, Path(folder), clock, environment)
            (stage.folder / "chain.yaml").write_text(_document(stage, locale), encoding="utf-8")
            async with PageServer(telegram, erp, platform, roles=ROLES, process=stage) as stage.page:
                try:
                    yield stage
                finally:
                    await stage.stop()


def _people(telegram: TelegramServer, locale: str) -> Person:
    """Let everybody of the demo exist, and a group of all three; returns the owner."""
    language = locale.replace("_", "-").lower()
    owner, manager, stranger = (
        telegram.person(number, name, language=language)
        for number, name in ((OWNER_ID, "Ana"), (MANAGER_ID, "Bruno"), (STRANGER_ID, "Carla"))
    )
    telegram.group(OPS_ID, "Ops", members=[manager, stranger], admins=[owner])
    return owner


def _cnpj(branch: int) -> str:
    base = f"11222333{branch:04}"
    return base + check_digits(base)


def _environment(telegram: TelegramServer, folder: Path, locale: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHIMERA_")}
    return kept | {
        "CHIMERA_BOT_TOKEN": telegram.token,
        "CHIMERA_TELEGRAM_API": telegram.url,
        "CHIMERA_DATA_DIR": str(folder / "data"),
        "CHIMERA_OWNER_ID": str(OWNER_ID),
        "CHIMERA_HTTP_PORT": "0",
        "CHIMERA_LOCALE": locale,
    }


def _document(stage: Stage, locale: str) -> str:
    events = ["start", "success", "partial", "failure", "held", "not_live_before_opening"]
    document = {
        "version": 1,
        "organisation": {"name": "Mercado Azul", "timezone": str(ZONE), "locale": locale},
        "stores": [{"name": name, "cnpj": cnpj} for name, cnpj in zip(_NAMES, stage.cnpjs, strict=True)],
        "integrations": [
            {"name": "ERP", "module": "rp",
             "settings": {"base_url": stage.erp.url, "username": _USER, "password": _PASSWORD,
                          "requests_per_minute": 600, "confirm_delay_ms": 200, "timeout_seconds": 15}},
            {"name": "Loyalty", "module": "crescevendas",
             "settings": {"base_url": stage.platform.url, "email": _EMAIL, "token": _TOKEN,
                          "requests_per_minute": 600, "timeout_seconds": 10}},
        ],
        "channels": [{"name": "Ops", "module": "telegram", "settings": {"chat_id": OPS_ID}}],
        "jobs": [
            {"name": "Daily sync", "type": "sync_products", "schedule": "10 5 * * *", "stores": "all",
             "settings": {"source": "ERP", "target": "Loyalty"}, "notify": [{"channel": "Ops", "on": events}]},
        ],
        "users": [
            {"telegram_id": MANAGER_ID, "name": "Bruno", "role": "manager", "stores": [_NAMES[0]],
             "may_release": True},
        ],
    }  # fmt: skip
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
