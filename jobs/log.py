"""The structured log of a run: lines in the database, the same to the process's log."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import insert

from core.clock import Clock
from core.db.base import table_of
from core.db.database import Database
from core.executions.model import LogLine
from core.texts import T, Text
from integrations.health import Call
from jobs.task import StoreTask

log = structlog.get_logger("chimera.run")
_lines = table_of(LogLine)


_MOST_CALLS = 1000
_MILLISECOND = timedelta(milliseconds=1)


def _said(call: Call) -> Text:
    result = str(call.status) if call.status is not None else call.problem or "?"
    ms = round(call.took / _MILLISECOND)
    # Telegram would make a command of what begins with a slash.
    path = call.path.lstrip("/")
    return T("{method} {path}: {result}, {ms} ms", method=call.method, path=path, result=result, ms=ms)


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

    async def calls(self, task: StoreTask, calls: Sequence[Call]) -> None:
        """Write the calls that the work on a store made, the last of very many."""
        about = {"execution_id": task.execution.id, "store_id": task.store.id, "level": "debug", "detail": ""}
        rows = [{**about, "at": call.at, "text": _said(call).to_json()} for call in calls[-_MOST_CALLS:]]
        if rows:
            await self._database.write(lambda session: session.connection().execute(insert(_lines), rows))

    async def _write(self, task: StoreTask, level: str, text: Text, detail: str) -> None:
        values: dict[str, Any] = {"level": level, "text": text.to_json(), "detail": detail, "at": self._clock.now()}
        values |= {"execution_id": task.execution.id, "store_id": task.store.id}
        await self._database.write(lambda session: session.connection().execute(insert(_lines), values))
