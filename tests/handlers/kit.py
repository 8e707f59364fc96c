"""A chat desk for tests: a real database, a real Bot API server on loopback, the whole chat part."""

import asyncio
import functools
import inspect
from asyncio import Lock
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dishka import AsyncContainer, Provider, Scope, from_context, make_async_container, provide, provide_all
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.editing import EditingProvider
from core.access import Role
from core.catalogue.releasing import ReleaseHeld
from core.channels.model import Channel
from core.chat.answered import Answered
from core.clock import Clock, ManualClock
from core.courtesy import Courtesy
from core.db.database import Database
from core.executions.again import RunAgain
from core.executions.findings import ReadFindings, ShowFindings
from core.executions.model import Execution, Step
from core.executions.resync import Resync
from core.executions.retrying import RetryFailed
from core.executions.starting import CancelRun, RunWriter, StartRun
from core.executions.states import Outcome, State
from core.executions.tomorrow import PlanTomorrow
from core.executions.views import ListRuns, ShowLog, ShowRun
from core.helper.process import Helper
from core.history.recorder import Recorder
from core.jobs.model import Job, JobType
from core.notices.channels import Notices
from core.notices.chats import NOTICE, ChatRef
from core.organisations.model import Organisation
from core.organisations.usecases import PauseSending, ResumeSending
from core.outbox.content import Draft
from core.outbox.model import Card, Message
from core.outbox.wake import Wake
from core.outbox.writing import Outbox
from core.people.model import Person
from core.redact import Redactor
from core.secrets import SecretBox
from core.stores.model import Store
from core.texts import T, Text
from handlers.delivery.cards import Rhythm
from handlers.delivery.pacing import Paces
from handlers.dialogs.menu import MENUS
from handlers.dialogs.messages import MenuMessages
from handlers.providers import ChatProvider
from handlers.service import ChatService, Tempo
from integrations.registry import Registry
from jobs.asking import AskErp
from jobs.connections import Connections
from jobs.modules import ApproveModule, FindModuleTrouble, ListModules, NameModules, WithdrawModule
from sandbox.telegram import TelegramServer
from tests.kit.every_module import kit_registry
from tests.kit.hub import QuickConnections
from tests.kit.windows import lent_windows

TOKEN = "42:sandbox-of-invented-tokens"
HURRY = Tempo(Paces(0.01, 0.01, 0.001), Rhythm(0.05, 0.05), rest=0.1)
ANA, RUI, VERA = 1001, 1002, 1003
GROUP = -4001
BOX = SecretBox(SecretBox.new_key())


class CoreProvider(Provider):
    """The use cases that the chat calls, as the process provides them."""

    scope = Scope.APP
    database = from_context(Database)
    clock = from_context(Clock)
    box = from_context(SecretBox)
    tools = provide_all(Courtesy, Recorder, Notices, Outbox, RunWriter)
    runs = provide_all(StartRun, PlanTomorrow, CancelRun, ShowRun, ListRuns, ReleaseHeld)
    once_more = provide_all(RetryFailed, RunAgain, Resync)
    looking = provide_all(ShowLog, ShowFindings, ReadFindings)
    brake = provide_all(PauseSending, ResumeSending)
    asking = provide(AskErp)
    modules = provide_all(FindModuleTrouble, ListModules, NameModules, ApproveModule, WithdrawModule)

    @provide
    def answered(self) -> Iterator[Answered]:
        with TemporaryDirectory() as folder:
            made = Answered(Path(folder) / "answered")
            yield made
            made.close()

    @provide
    def redactor(self) -> Redactor:
        return Redactor()

    @provide
    def registry(self) -> Registry:
        return kit_registry()

    @provide
    async def connections(
        self,
        database: Database,
        registry: Registry,
        clock: Clock,
        box: SecretBox,
        notices: Notices,
        recorder: Recorder,
        courtesy: Courtesy,
    ) -> AsyncIterator[Connections]:
        parts = (registry, box, clock, notices, recorder, Redactor(), courtesy, Helper())
        made = QuickConnections(database, *parts)
        yield made
        await made.close()


@functools.cache
def _graph() -> AsyncContainer:
    """Return what every desk's container is made from: how things are made, and none of them."""
    return make_async_container(CoreProvider(), EditingProvider(), ChatProvider(), start_scope=Scope.RUNTIME)


class Desk:
    """Mercado Azul with three stores, its people, its Telegram; `chat()` runs the chat part."""

    def __init__(self, database: Database, clock: ManualClock, telegram: TelegramServer, locale: str = "en") -> None:
        self.database, self.clock, self.telegram, self.locale = database, clock, telegram, locale
        self.menus: MenuMessages | None = None
        context = {Database: database, Clock: clock, SecretBox: BOX}
        self.container: AsyncContainer = _graph()(context, Lock, Scope.APP)
        self.ana = telegram.person(ANA, "Ana")
        self.rui = telegram.person(RUI, "Rui")
        self.vera = telegram.person(VERA, "Vera")
        self.group = telegram.group(GROUP, "Ops", members=[self.ana, self.rui, self.vera])
        self.organisation_id = self.job_id = self.channel_id = 0
        self.store_ids: list[int] = []

    async def furnish(self) -> None:
        async with self.database.writing() as session:
            home = Organisation(name="Mercado Azul", timezone="America/Sao_Paulo", locale=self.locale)
            session.add(home)
            await session.flush()
            self.organisation_id = home.id
            stores = [
                Store(organisation_id=home.id, name=f"00{number} {place}", cnpj=cnpj)
                for number, place, cnpj in (
                    (1, "Centro", "11222333000181"),
                    (2, "Norte", "11222333000262"),
                    (3, "Sul", "11222333000343"),
                )
            ]
            people = ((ANA, "Ana", "admin"), (RUI, "Rui", "manager"), (VERA, "Vera", "viewer"))
            await self.settle_in(session, stores, GROUP, people)
        for person in (self.ana, self.rui, self.vera):
            person.chat.started = True
        await self.set_person(ANA, private_chat=True)

    async def settle_in(
        self, session: AsyncSession, stores: list[Store], group: int, people: Sequence[tuple[int, str, str]]
    ) -> None:
        """Give the organisation its stores, a daily sync, a channel and people (Telegram id, name, role)."""
        home, now = self.organisation_id, self.clock.now()
        job = self._job("Daily sync")
        channel = Channel(organisation_id=home, name="Ops", module="telegram", settings={"chat_id": group})
        members = [
            Person(organisation_id=home, telegram_id=number, name=name, role=role, created_at=now)
            for number, name, role in people
        ]
        session.add_all([*stores, job, channel, *members])
        await session.flush()
        self.job_id, self.channel_id, self.store_ids = job.id, channel.id, [store.id for store in stores]

    def _job(self, name: str, kind: JobType = JobType.SYNC_PRODUCTS) -> Job:
        return Job(organisation_id=self.organisation_id, name=name, type=kind, due_after=self.clock.now())

    async def add_job(self, name: str, kind: JobType = JobType.SYNC_PRODUCTS) -> None:
        async with self.database.writing() as session:
            session.add(self._job(name, kind))

    async def set_person(self, telegram_id: int, **values: Any) -> None:
        async with self.database.writing() as session:
            person = await session.scalar(select(Person).where(Person.telegram_id == telegram_id))
            assert person is not None
            for name, value in values.items():
                setattr(person, name, value)

    @asynccontextmanager
    async def chat(
        self, tempo: Tempo = HURRY, clock_note: Text | None = None, public_url: str | None = None
    ) -> AsyncIterator[ChatService]:
        """Run the chat part, and stop it as a shutdown does."""
        with lent_windows() as windows:
            made = await ChatService.create(
                TOKEN,
                self.telegram.url,
                self.container,
                tempo=tempo,
                clock_note=clock_note,
                public_url=public_url,
                windows=windows,
            )
            self.menus = made.dispatcher[MENUS]
            running = asyncio.create_task(made.run())
            try:
                yield made
            finally:
                await made.stop()
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

    async def ring(self) -> None:
        (await self.container.get(Wake)).ring()

    async def say(
        self, text: str, chat_id: int, *, key: str, channel_id: int | None = None, thread: int | None = None
    ) -> None:
        """Queue a notice as the job core does."""
        chat = ChatRef(chat_id, self.locale, thread, channel_id)
        async with self.database.writing() as session:
            draft = Draft([T("{text}", text=text)])
            await Outbox(self.clock).say(session, self.organisation_id, chat, draft, key=key, priority=NOTICE)
        await self.ring()

    async def start_run(
        self, *chats: int, outcomes: Sequence[Outcome | None] = (None, None, None), thread: int | None = None
    ) -> int:
        """Write a run at work with a card in some chats."""
        async with self.database.writing() as session:
            execution = Execution(
                organisation_id=self.organisation_id,
                job_id=self.job_id,
                type=JobType.SYNC_PRODUCTS,
                state=State.RUNNING,
                trigger="manual",
                requested_by="Ana",
                requested_by_id=None,
                dedupe_key=f"test:{await session.scalar(select(func.count(Execution.id)))}",
                correlation_id="c",
                created_at=self.clock.now(),
                started_at=self.clock.now(),
                store_ids=list(self.store_ids),
            )
            session.add(execution)
            await session.flush()
            for position, (store_id, outcome) in enumerate(zip(self.store_ids, outcomes, strict=True)):
                session.add(Step(execution_id=execution.id, store_id=store_id, position=position, outcome=outcome))
            for chat_id in chats:
                await Notices(self.clock).open_card(session, execution, ChatRef(chat_id, self.locale, thread))
        await self.ring()
        return execution.id

    async def set_store(
        self, execution_id: int, store: int, outcome: Outcome, reason: Text | None = None, **counts: int
    ) -> None:
        async with self.database.writing() as session:
            step = await session.get_one(Step, (execution_id, self.store_ids[store]))
            step.outcome, step.stage, step.counts = outcome, "done", dict(counts)
            step.reason = reason.to_json() if reason else None
        await self.ring()

    async def end_run(self, execution_id: int, state: State = State.SUCCESS) -> None:
        async with self.database.writing() as session:
            execution = await session.get_one(Execution, execution_id)
            execution.state, execution.finished_at = state, self.clock.now() + timedelta(seconds=200)
        await self.ring()

    async def set_row(self, table: type[Any], key: Any, **values: Any) -> None:
        async with self.database.writing() as session:
            row = await session.get_one(table, key)
            for name, value in values.items():
                setattr(row, name, value)

    async def rows(self, table: type[Any]) -> list[Any]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(table).order_by(*table.__table__.primary_key.columns)))

    async def message(self, key: str) -> Message:
        found: Message
        (found,) = [row for row in await self.rows(Message) if row.dedupe_key == key]
        return found

    async def card(self) -> Card:
        found: Card
        (found,) = await self.rows(Card)
        return found

    async def role_of(self, telegram_id: int) -> Role | None:
        found = [Role.named(one.role) for one in await self.rows(Person) if one.telegram_id == telegram_id]
        return found[0] if found else None

    def texts(self, chat_id: int) -> list[str]:
        """What the bot's messages in a chat show now."""
        return [one.text for one in self.telegram.messages(chat_id) if one.is_from_bot and not one.deleted]


async def until(found: Callable[[], Any], seconds: float = 100.0) -> Any:
    """Wait until a look finds something true; the look may be a coroutine."""
    async with asyncio.timeout(seconds):
        while True:
            result = found()
            if result := await result if inspect.isawaitable(result) else result:
                return result
            await asyncio.sleep(0.02)


async def until_sent(desk: Desk) -> None:
    """Wait until nothing in the outbox waits any more."""

    async def settled() -> bool:
        return all(row.state in ("sent", "dead") for row in await desk.rows(Message))

    await until(settled)
