"""The job core's object graph for tests and benchmarks, and how a chain is set up."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.catalogue.planner import Planner
from core.clock import ManualClock
from core.courtesy import Courtesy
from core.db.database import Database
from core.executions.byhand import BY_HAND
from core.executions.starting import RunWriter
from core.helper.process import Helper
from core.history.recorder import Recorder
from core.housekeeping.purging import Purge
from core.jobs.model import JobType
from core.notices.channels import Notices
from core.outbox.wake import Wake
from core.redact import Redactor
from core.secrets import SecretBox
from integrations.http import HttpClient, HttpPolicy
from integrations.registry import Registry
from jobs.alerts import OpeningWatch
from jobs.byhand import ByHand
from jobs.cleanup import Cleanup
from jobs.compare import CompareStore
from jobs.connections import Connections
from jobs.fetching import Fetcher
from jobs.gate import Gate
from jobs.log import RunLog
from jobs.runner import Runner
from jobs.scheduler import Scheduler
from jobs.sending import Sender, Timing
from jobs.sync import SyncStore
from jobs.task import StoreWork, WholeWork

QUICK = Timing(read_back=(0, 0.05, 0.1, 0.15), between_sends=0.05)
BOX = SecretBox(SecretBox.new_key())


@dataclass(frozen=True, kw_only=True)
class Setup:
    """How big and how set up a chain is.

    `erp` and `platform` are settings of the modules, `sync` and `compare` of the jobs.
    `read_timeout` (seconds) is how long servers may be silent; None leaves all HTTP pauses as
    in production. `schedule` is the sync job's cron line.
    """

    stores: int = 3
    products: int = 60
    discounted: int = 20
    timezone: str = "America/Sao_Paulo"
    opening: str = "06:00"
    schedule: str | None = None
    erp: Mapping[str, Any] = field(default_factory=dict)
    platform: Mapping[str, Any] = field(default_factory=dict)
    sync: Mapping[str, Any] = field(default_factory=dict)
    compare: Mapping[str, Any] = field(default_factory=dict)
    read_timeout: float | None = 5.0
    timing: Timing = QUICK


class QuickConnections(Connections):
    """The real connections with HTTP pauses cut short, so that tests of faults take no minutes."""

    read_timeout: float = 5.0

    def _client(self, name: str, base_url: str, policy: HttpPolicy) -> HttpClient:
        quick = replace(policy, backoff=0.001, max_wait=0.01, busy_wait=None, read_timeout=self.read_timeout)
        return super()._client(name, base_url, quick)


class Hub:
    """The job core's objects, as one process has them."""

    def __init__(self, database: Database, clock: ManualClock, setup: Setup) -> None:
        self.database, self.clock = database, clock
        self.notices, self.recorder, self.gate = Notices(clock), Recorder(clock), Gate()
        self.writer = RunWriter(clock, self.notices)
        courtesy, self.helper, self.redactor = Courtesy(), Helper(), Redactor()
        kind = Connections if setup.read_timeout is None else QuickConnections
        self.connections = kind(
            database, Registry.builtin(), BOX, clock, self.notices, self.recorder, self.redactor, courtesy, self.helper
        )
        if isinstance(self.connections, QuickConnections) and setup.read_timeout is not None:
            self.connections.read_timeout = setup.read_timeout
        log = RunLog(database, clock)
        fetcher = Fetcher(database, clock, self.connections, self.gate, courtesy)
        self.sender = Sender(database, clock, self.connections, self.gate, log, setup.timing, courtesy)
        sync = SyncStore(database, clock, fetcher, Planner(self.helper, courtesy), self.sender, courtesy)
        compare = CompareStore(database, clock, fetcher, self.connections, log, self.gate, courtesy)
        by_hand = ByHand(database, clock, self.sender)
        work: dict[str, StoreWork] = {JobType.SYNC_PRODUCTS: sync, JobType.COMPARE_DATA: compare, BY_HAND: by_hand}
        self.wake = Wake()
        whole: dict[str, WholeWork] = {JobType.CLEANUP: Cleanup(database, clock, Purge(database), self.gate, courtesy)}
        self.runner = Runner(database, clock, self.notices, self.gate, log, work, whole, self.wake)
        self.scheduler = Scheduler(database, clock, self.writer, self.wake)
        self.watch = OpeningWatch(database, clock, self.notices)

    async def close(self) -> None:
        await self.connections.close()
        await self.helper.close()
