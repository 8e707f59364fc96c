"""Chimera as a process of its own, among local servers."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import yaml

from core.clock import SystemClock
from sandbox.crescevendas import PlatformServer
from sandbox.rp import RpServer
from sandbox.telegram import Person, TelegramServer

EARLY = datetime(2026, 11, 23, 8, 10, tzinfo=UTC)
"""05:10 in São Paulo."""
OWNER, OPS = 7001, -1001
CNPJS = ("11222333000181", "11222333000262", "11222333000343")
SECONDS = 60


@dataclass(slots=True)
class Street:
    """A local ERP, platform and Telegram, and the environment that leads Chimera to them."""

    erp: RpServer
    platform: PlatformServer
    telegram: TelegramServer
    owner: Person
    folder: Path
    environment: dict[str, str]
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def start(self, *arguments: str, **changes: str) -> asyncio.subprocess.Process:
        """Start the command line; `changes` are variables without their prefix."""
        environment = self.environment | {f"CHIMERA_{name}": value for name, value in changes.items()}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            env={name: value for name, value in environment.items() if value},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self.processes.append(process)
        return process

    async def chimera(self, *arguments: str, **changes: str) -> tuple[int, str, str]:
        """Run the command line to its end. Returns exit code, standard output and errors."""
        process = await self.start(*arguments, **changes)
        out, err = await asyncio.wait_for(process.communicate(), SECONDS)
        return process.returncode or 0, out.decode(), err.decode()

    async def configure(self) -> None:
        code, _, errors = await self.chimera("apply", str(self.folder / "chain.yaml"))
        assert code == 0, errors

    async def uploads(self, number: int) -> None:
        """Wait until the platform has had so many uploads."""
        async with asyncio.timeout(SECONDS):
            while len(self.platform.uploads) < number:  # noqa: ASYNC110 - the server keeps a list, no event
                await asyncio.sleep(0.01)

    def live(self, cnpj: str) -> set[str]:
        return {line.code for line in self.platform.lines(cnpj)}

    def expected(self, cnpj: str) -> set[str]:
        """Codes that must be live, read off the ERP's clean catalogue."""
        return {str(p["Codigo"]) for p in self.erp.catalogue(cnpj) if 0 < p["PrecoVenda2"] < p["Preco"]}

    def assert_live(self) -> None:
        for cnpj in CNPJS:
            assert self.live(cnpj) == self.expected(cnpj)

    @property
    def data(self) -> Path:
        return self.folder / "data"


@asynccontextmanager
async def open_street(folder: Path) -> AsyncIterator[Street]:
    """Start the servers; end them and every process that was started."""
    clock = SystemClock.starting_at(EARLY)
    erp = RpServer(users={"100001": "invented"}, clock=clock.now)
    platform = PlatformServer(CNPJS, email="integration@example.test", token="invented-token", clock=clock.now)
    telegram = TelegramServer(clock=lambda: clock.now().timestamp())
    async with erp, platform, telegram:
        for number, cnpj in enumerate(CNPJS, 1):
            erp.add_store(cnpj, unit_code=f"{number:03}", size=300, discounted=40 * number)
        owner = telegram.person(OWNER, "Ana")
        telegram.group(OPS, "Ops", members=[owner])
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CHIMERA_")} | {
            "CHIMERA_BOT_TOKEN": telegram.token,
            "CHIMERA_TELEGRAM_API": telegram.url,
            "CHIMERA_DATA_DIR": str(folder / "data"),
            "CHIMERA_OWNER_ID": str(OWNER),
            "CHIMERA_HTTP_PORT": "0",
            "CHIMERA_CLOCK": EARLY.isoformat(),
        }
        street = Street(erp, platform, telegram, owner, folder, environment)
        (folder / "chain.yaml").write_text(document(street))
        try:
            yield street
        finally:
            for process in street.processes:
                if process.returncode is None:
                    process.kill()
                    await process.communicate()


def document(street: Street) -> str:
    """Return the configuration of the street as YAML."""
    erp = {"base_url": street.erp.url, "username": "100001", "password": "invented", "page_pause_ms": 20}
    platform = {"base_url": street.platform.url, "email": "integration@example.test", "token": "invented-token"}
    return yaml.safe_dump(
        {
            "version": 1,
            "organisation": {"name": "Mercado Azul", "timezone": "America/Sao_Paulo", "locale": "en"},
            "stores": [{"name": f"00{n} Loja", "cnpj": cnpj} for n, cnpj in enumerate(CNPJS, 1)],
            "integrations": [
                {
                    "name": "ERP",
                    "module": "rp",
                    "settings": erp | {"confirm_delay_ms": 100, "requests_per_minute": 6000},
                },
                {"name": "Loyalty", "module": "crescevendas", "settings": platform | {"requests_per_minute": 6000}},
            ],
            "channels": [{"name": "Ops", "module": "telegram", "settings": {"chat_id": OPS}}],
            "jobs": [
                {
                    "name": "Daily sync",
                    "type": "sync_products",
                    "schedule": "10 5 * * *",
                    "settings": {"source": "ERP", "target": "Loyalty"},
                    "notify": [{"channel": "Ops", "on": ["start", "success", "partial", "failure"]}],
                }
            ],
        }
    )
