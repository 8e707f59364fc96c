"""Durable execution on DBOS: one workflow per execution, one checkpointed step per store.

DBOS keeps its own database beside ours (SQLite), or its own schema (PostgreSQL). It holds
ids only, as JSON. Workflows are module-level functions, so the runner they use is set
before launch (recovery starts inside launch).
"""

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID

from core.db.database import StorageFailed
from core.repeats import TRACEBACK
from core.texts import T
from jobs.gate import Gate
from jobs.runner import Runner

log = structlog.get_logger(__name__)

STORES_AT_ONCE = 12
"""More than an ERP is read at once for (`max_parallel_scans`): while some stores are read, others are kept and sent."""
STOP_PATIENCE = 20.0
"""Seconds a stop waits for an upload in flight; what takes longer is settled by reading back."""

ORPHAN_SECONDS = 15.0
"""Pause between two looks whether a run's process is gone; two in a row must find nobody."""
_LOOKS = 2

Vacancy = Callable[[str], AbstractContextManager[bool]]
"""Tells whether no process works under a name (an executor's id), and keeps it free inside the block."""

_APPLICATION_VERSION = "1"
"""Fixed, so that runs begun by an older release are resumed by a newer one."""

_ENDED = {"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"}
_PURGED_AT_ONCE = 500
_AWAY = re.compile(r".*^(?:sqlalchemy\.exc|psycopg)\.OperationalError: (.+)\Z", re.MULTILINE | re.DOTALL)
"""Ends the traceback of an error of the connection; group 1 is what the driver said."""
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000")


class _Holder:
    """Gives the workflow functions their runner."""

    runner: Runner


@DBOS.workflow(name="run_execution", max_recovery_attempts=None)
async def run_execution(execution_id: int) -> str:
    """Run all stores of an execution, a few at once.

    Step ids are drawn in the order of the stores before any of them starts, so that a resumed
    workflow finds each store's checkpoint whatever order they ended in.
    """
    runner = _Holder.runner
    store_ids = await DBOS.run_step_async({"name": "begin"}, runner.begin, execution_id)
    reserved = iter([(DBOS.reserve_step(), store_id) for store_id in store_ids])

    async def worker() -> None:
        for step, store_id in reserved:
            await _one_store(step, execution_id, store_id)

    await asyncio.gather(*(worker() for _ in range(STORES_AT_ONCE)))
    return await DBOS.run_step_async({"name": "end"}, runner.end, execution_id)


async def _one_store(step: Any, execution_id: int, store_id: int) -> None:
    """Job-step boundary: a store whose step broke is closed as failed by `Runner.end`."""
    try:
        await step.run_async({"name": "run_store"}, _Holder.runner.run_store, execution_id, store_id)
    except Exception:
        log.exception("store step broke", execution=execution_id, store=store_id)


@dataclass(slots=True)
class _Orphan:
    """A run at work in another process; `alone` counts how often in a row nobody was found there."""

    executor_id: str
    looked_at: float = field(default_factory=time.monotonic)
    alone: int = 0


class DbosEngine:
    """The engine of `jobs.port` on DBOS. `url` is a synchronous SQLAlchemy address."""

    def __init__(
        self,
        url: str,
        runner: Runner,
        gate: Gate,
        executor_id: str,
        vacant: Vacancy,
        orphan_seconds: float = ORPHAN_SECONDS,
    ) -> None:
        self._gate = gate
        self._executor_id = executor_id
        self._vacant = vacant
        self._orphan_seconds = orphan_seconds
        self._orphans: dict[str, _Orphan] = {}
        self._engine = _database_engine(url)
        self._config: DBOSConfig = {
            "name": "chimera",
            "system_database_url": url,
            "system_database_engine": self._engine,
            "application_version": _APPLICATION_VERSION,
            "executor_id": executor_id,
            "enable_otlp": False,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
            "notification_listener_polling_interval_sec": 1.0,
        }
        _Holder.runner = runner

    async def launch(self) -> None:
        # DBOS adds a console handler of its own unless its logger has one.
        dbos_log = logging.getLogger("dbos")
        dbos_log.handlers, dbos_log.propagate = [logging.NullHandler()], True
        dbos_log.addFilter(_say_what_is_away)
        DBOS(config=self._config)
        DBOS.launch()

    async def start(self, execution_id: int) -> None:
        with _translated():
            # What launch resumed is at work already; starting it again would only be logged as odd.
            if await DBOS.get_workflow_status_async(_workflow_id(execution_id)) is None:
                with SetWorkflowID(_workflow_id(execution_id)):
                    await DBOS.start_workflow_async(run_execution, execution_id)

    async def ended(self, execution_id: int) -> bool | None:
        with _translated():
            status = await DBOS.get_workflow_status_async(_workflow_id(execution_id))
            if status is None:
                return None
            if status.status == "PENDING" and status.executor_id not in (None, self._executor_id):
                await self._look_for(status.workflow_id, str(status.executor_id))
            return status.status in _ENDED

    async def _look_for(self, workflow_id: str, executor_id: str) -> None:
        """Take over a run whose process has not been seen for a while: that process may never come back."""
        orphan = self._orphans.setdefault(workflow_id, _Orphan(executor_id))
        if orphan.executor_id != executor_id:
            orphan = self._orphans[workflow_id] = _Orphan(executor_id)
        if time.monotonic() - orphan.looked_at >= self._orphan_seconds:
            orphan.looked_at = time.monotonic()
            await asyncio.to_thread(self._adopt, workflow_id, orphan)

    def _adopt(self, workflow_id: str, orphan: "_Orphan") -> None:
        with self._vacant(orphan.executor_id) as vacant:
            orphan.alone = orphan.alone + 1 if vacant else 0
            if orphan.alone < _LOOKS:
                return
            status = DBOS.get_workflow_status(workflow_id)
            if status is not None and (status.status, status.executor_id) == ("PENDING", orphan.executor_id):
                log.warning("run taken over", workflow=workflow_id, worker=orphan.executor_id)
                DBOS.resume_workflow(workflow_id)
        del self._orphans[workflow_id]

    async def purge(self, before: datetime) -> int:
        purged = 0
        with _translated():
            while found := await DBOS.list_workflows_async(
                status=list(_ENDED),
                completed_before=before.isoformat(),
                limit=_PURGED_AT_ONCE,
                load_input=False,
                load_output=False,
            ):
                await DBOS.delete_workflows_async([one.workflow_id for one in found])
                purged += len(found)
        return purged

    async def stop(self) -> None:
        await self._gate.close(STOP_PATIENCE)
        # Give the last checkpoints a moment to be written before DBOS goes.
        await asyncio.sleep(0.1)
        # What DBOS logs of workflows it leaves behind is noise: they resume at the next launch.
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        own = ThreadPoolExecutor(max_workers=4, thread_name_prefix="chimera")
        loop = asyncio.get_running_loop()
        # DBOS had made its own executor the loop's default. That one goes, and others still need threads.
        loop.set_default_executor(own)
        await loop.run_in_executor(own, lambda: DBOS.destroy(workflow_completion_timeout_sec=0))
        # A call to DBOS that was under way may have made its own the default again.
        loop.set_default_executor(own)
        await loop.run_in_executor(own, self._engine.dispose)
        self._gate.abandon()


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn an error of the engine's database into ours, so that who asks asks again later."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise StorageFailed(T("The engine's database refused to work: {cause}.", cause=str(error.orig))) from error


def _say_what_is_away(record: logging.LogRecord) -> bool:
    """Leave out the long way on which DBOS met a database that is away, but no other traceback."""
    head, _, way = record.getMessage().partition(TRACEBACK)
    if away := _AWAY.search(way):
        record.msg, record.args = head + away[1], ()
    return True


def _workflow_id(execution_id: int) -> str:
    return f"execution-{execution_id}"


def _database_engine(url: str) -> sa.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_size=5, max_overflow=10, pool_pre_ping=True)
    engine = sa.create_engine(url, connect_args={"timeout": 30})
    sa.event.listen(engine, "connect", _tune)
    return engine


def _tune(connection: Any, record: object) -> None:
    del record
    connection.isolation_level = "IMMEDIATE"
    with contextlib.closing(connection.cursor()) as cursor:
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
