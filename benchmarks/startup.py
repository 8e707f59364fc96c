"""P-11: from the command to the first answered update, against importing the chat library alone."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.measure import ROOT, Ratio, clean_environment
from sandbox.telegram.server import TelegramServer

_ANSWER_SECONDS = 120
_OWNER = 4001


def measure(rounds: int = 3) -> list[Ratio]:
    """Start the whole process against a local Telegram, each round on a new data folder."""
    imports, starts = [], []
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import aiogram"], cwd=ROOT, check=True)
        imports.append(time.perf_counter() - began)
        starts.append(asyncio.run(_first_answer()))
    start, alone = median(starts), median(imports)
    details = f"{start:.2f} s, importing aiogram {alone:.2f} s"
    return [Ratio("P-11", "start to first answer against import", start / alone, 2.0, False, details)]


async def _first_answer() -> float:
    """Return the seconds from starting the process until its first message to the owner."""
    with TemporaryDirectory() as folder:
        async with TelegramServer() as telegram:
            owner = telegram.person(_OWNER, "Ana")
            await owner.says("/start")
            began = time.perf_counter()
            process = await _start(Path(folder), telegram)
            try:
                await telegram.wait_for(_OWNER, lambda _: True, timeout=_ANSWER_SECONDS)
                return time.perf_counter() - began
            finally:
                process.terminate()
                await process.wait()


async def _start(folder: Path, telegram: TelegramServer) -> asyncio.subprocess.Process:
    environment = clean_environment() | {
        "CHIMERA_BOT_TOKEN": telegram.token,
        "CHIMERA_TELEGRAM_API": telegram.url,
        "CHIMERA_DATA_DIR": str(folder),
        "CHIMERA_OWNER_ID": str(_OWNER),
        "CHIMERA_HTTP_PORT": "0",
    }
    command = [sys.executable, "-c", "from bot.cli import main; main()", "run"]
    silent = asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=silent, stderr=silent)
