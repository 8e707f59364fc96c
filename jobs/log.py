"""The structured log of a run: lines in the database, the same to the process's log."""

from typing import Any

import structlog
from sqlalchemy import insert

from core.clock import Clock
from core.db.base import table_of
from core.db.database import Database
from core.executions.model import LogLine
from core.texts import Text
from jobs.task import StoreTask

log = structlog.get_logger("chimera.run")
_lines = table_of(LogLine)


class RunLog:
    """Writes log lines of executions."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def info(self, task: StoreTask, text: Text, *, detail: str = "") -> None:
        log.info(str(text), execution=task.execution.id, store=task.store.name)
        await self._write(task, "info", text, detail)

    async def warning(self, task: StoreTask, text: Text, *, detail: str = "") -> None:
        log.warning(str(text), execution=task.execution.id, store=task.store.name)
        await self._write(task, "warning", text, detail)

    async def error(self, task: StoreTask, text: Text, *, detail: str = "") -> None:
        log.error(str(text), execution=task.execution.id, store=task.store.name, detail=detail)
        await self._write(task, "error", text, detail)

    async def _write(self, task: StoreTask, level: str, text: Text, detail: str) -> None:
        values: dict[str, Any] = {"level": level, "text": text.to_json(), "detail": detail, "at": self._clock.now()}
        values |= {"execution_id": task.execution.id, "store_id": task.store.id}
        await self._database.write(lambda session: session.connection().execute(insert(_lines), values))
