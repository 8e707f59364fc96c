"""Which object gets which: one dishka container for all that lives as long as the process."""

from collections.abc import AsyncIterator, Iterator

from dishka import AsyncContainer, Provider, Scope, from_context, make_async_container, provide, provide_all

from bot.editing import EditingProvider
from bot.environment import Environment
from bot.locks import Workers, server_address
from core.catalogue.planner import Planner
from core.catalogue.releasing import ReleaseHeld
from core.chat.answered import Answered
from core.clock import Clock
from core.courtesy import Courtesy
from core.db.database import Database
from core.executions.again import RunAgain
from core.executions.byhand import BY_HAND
from core.executions.findings import ReadFindings, ShowFindings
from core.executions.resync import Resync
from core.executions.retrying import RetryFailed
from core.executions.starting import CancelRun, RunWriter, StartRun
from core.executions.tomorrow import PlanTomorrow
from core.executions.views import ListRuns, ShowLog, ShowRun
from core.helper.process import Helper
from core.history.recorder import Recorder
from core.housekeeping.purging import Purge
from core.jobs.model import JobType
from core.lookup.indexing import ProductIndex
from core.notices.channels import Notices
from core.organisations.usecases import PauseSending, ResumeSending
from core.outbox.queue import OutboxQueue
from core.outbox.reach import Reach
from core.outbox.wake import Wake
from core.outbox.writing import Outbox
from core.redact import Redactor
from core.secrets import SecretBox
from handlers.charts.runs import stats_picture
from integrations.registry import Registry
from jobs.alerts import OpeningWatch
from jobs.asking import AskErp
from jobs.byhand import ByHand
from jobs.cleanup import Cleanup
from jobs.compare import CompareStore
from jobs.connections import Connections
from jobs.digest import MorningDigest
from jobs.dispatcher import Dispatcher
from jobs.engine import DbosEngine
from jobs.fetching import Fetcher
from jobs.gate import Gate
from jobs.housekeeping import Housekeeping
from jobs.indexing import ProductWatch
from jobs.log import RunLog
from jobs.modules import ApproveModule, FindModuleTrouble, ListModules, NameModules, WithdrawModule, admit_approved
from jobs.port import Engine
from jobs.posting import ChannelSender
from jobs.runner import Runner
from jobs.scheduler import Scheduler
from jobs.sending import Sender, Timing
from jobs.sync import SyncStore
from jobs.task import StoreWork
from jobs.weekly import WeeklyReport


class GivenProvider(Provider):
    """What the start of the process makes before there is a container."""

    scope = Scope.APP
    environment = from_context(Environment)
    clock = from_context(Clock)
    box = from_context(SecretBox)
    redactor = from_context(Redactor)


class CoreProvider(Provider):
    """Data, history, use cases."""

    scope = Scope.APP

    @provide
    async def database(self, environment: Environment) -> AsyncIterator[Database]:
        made = Database(environment.url)
        yield made
        await made.close()

    @provide
    def answered(self, environment: Environment) -> Iterator[Answered]:
        made = Answered(environment.data_dir / "answered")
        yield made
        made.close()

    @provide
    async def helper(self) -> AsyncIterator[Helper]:
        made = Helper()
        yield made
        await made.close()

    tools = provide_all(Courtesy, Planner, Recorder, Notices, Outbox, RunWriter)
    runs = provide_all(StartRun, PlanTomorrow, CancelRun, ShowRun, ListRuns, ReleaseHeld)
    once_more = provide_all(RetryFailed, RunAgain, Resync)
    looking = provide_all(ShowLog, ShowFindings, ReadFindings)
    brake = provide_all(PauseSending, ResumeSending)


class JobsProvider(Provider):
    """What runs: modules, job types, engine, schedule."""

    scope = Scope.APP

    @provide
    async def registry(
        self, environment: Environment, database: Database, recorder: Recorder
    ) -> AsyncIterator[Registry]:
        made = Registry.builtin(environment.modules_dir)
        await admit_approved(database, recorder, made)
        yield made
        made.close()

    @provide
    def timing(self) -> Timing:
        return Timing()

    @provide
    async def connections(
        self,
        database: Database,
        registry: Registry,
        box: SecretBox,
        clock: Clock,
        notices: Notices,
        recorder: Recorder,
        redactor: Redactor,
        courtesy: Courtesy,
        helper: Helper,
    ) -> AsyncIterator[Connections]:
        made = Connections(database, registry, box, clock, notices, recorder, redactor, courtesy, helper)
        yield made
        await made.close()

    @provide
    def runner(
        self,
        database: Database,
        clock: Clock,
        notices: Notices,
        gate: Gate,
        log: RunLog,
        sync: SyncStore,
        compare: CompareStore,
        by_hand: ByHand,
        cleanup: Cleanup,
        wake: Wake,
    ) -> Runner:
        work: dict[str, StoreWork] = {JobType.SYNC_PRODUCTS: sync, JobType.COMPARE_DATA: compare, BY_HAND: by_hand}
        return Runner(database, clock, notices, gate, log, work, {JobType.CLEANUP: cleanup}, wake)

    @provide
    def engine(self, environment: Environment, runner: Runner, gate: Gate) -> Engine:
        workers = Workers(server_address(environment.url))
        return DbosEngine(environment.engine_url, runner, gate, environment.worker_id, workers.vacant)

    @provide
    def weekly(self, database: Database, clock: Clock, notices: Notices) -> WeeklyReport:
        return WeeklyReport(database, clock, notices, stats_picture)

    lookup = provide_all(ProductIndex, ProductWatch, AskErp)
    morning = provide(MorningDigest)
    modules = provide_all(FindModuleTrouble, ListModules, NameModules, ApproveModule, WithdrawModule)
    parts = provide_all(
        Gate, RunLog, Fetcher, Sender, SyncStore, CompareStore, ByHand, Dispatcher, Scheduler, OpeningWatch
    )
    upkeep = provide_all(Purge, Cleanup, Housekeeping, ChannelSender)


class HeadlessProvider(Provider):
    """Stands in for the chat's provider in commands without chat: nobody else hears the bell."""

    scope = Scope.APP
    bell = provide_all(Wake, OutboxQueue, Reach)


def make_container(
    environment: Environment, clock: Clock, box: SecretBox, redactor: Redactor, chat: Provider | None = None
) -> AsyncContainer:
    """Return the container; what is made at start is put in, everything else is made on demand.

    `chat` is the provider of `handlers.providers`, left out by commands without chat.
    """
    return make_async_container(
        CoreProvider(),
        EditingProvider(),
        JobsProvider(),
        GivenProvider(),
        chat or HeadlessProvider(),
        context={Environment: environment, Clock: clock, SecretBox: box, Redactor: redactor},
    )
