"""Runs without chat: the same use cases, here or handed to the bot that owns the folder."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

from bot.commands.printing import printer
from bot.environment import Environment, spoken_language
from bot.opening import House, open_house
from core.access import Actor
from core.catalogue.releasing import ReleaseHeld
from core.errors import Conflict
from core.executions.starting import Order, Started, StartRun
from core.executions.states import ICONS, State
from core.executions.views import RunView, ShowRun, StoreView
from core.i18n import Translator
from core.ids import new_id
from core.jobs.model import JobType
from core.nursery import Nursery
from core.texts import TN, T
from handlers.cards.words import STATES, result_at
from jobs.dispatcher import Dispatcher
from jobs.port import Engine

_LOOK_EVERY = 0.3
_OWNER_LOOK_EVERY = 2.0
"""How often to see whether the owner of the folder is still there to do the work."""
_HANDOVER_SECONDS = 60.0
"""How long the owner of the folder may take to begin an order that was handed to it."""


async def run_job(environment: Environment, kind: JobType, job: str | None, words: list[str], *, dry_run: bool) -> int:
    """Run a job for some stores (none named: all of the job) and print what came of it."""
    async with open_house(environment, beside=True, log_level="WARNING") as house:
        start = await house.container.get(StartRun)
        order = Order(f"cli:{new_id()}", kind, job, tuple(words), dry_run, trigger="cli")
        # What is refused is refused before the engine resumes anything here.
        started = await start(actor_of(house), order)
        async with working(house) as bench:
            return await _follow(bench, started)


async def release_held(environment: Environment, words: list[str], execution_id: int | None) -> int:
    """Release what is held for stores or in one run, and send it."""
    async with open_house(environment, beside=True, log_level="WARNING") as house:
        release = await house.container.get(ReleaseHeld)
        started = await release(actor_of(house), f"cli:{new_id()}", execution_id=execution_id, words=words)
        async with working(house) as bench:
            return await _follow(bench, started)


class Workbench:
    """The engine in this process, at work as soon as the folder is ours."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._nursery = Nursery()
        self._engine: Engine | None = None
        self._named: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Work here if the folder is ours, or has become free: its owner may have ended, or died.

        Raises StartError once another process works under our name.
        """
        if self._named is not None and self._named.done():
            self._named.result()
        if self._engine is None and self.house.take():
            engine = await self.house.container.get(Engine)
            self._engine = engine
            self._named = self._nursery.start("name", self.house.worker.keep())
            await engine.launch()
            self._nursery.keep("dispatcher", (await self.house.container.get(Dispatcher)).run)

    async def end(self) -> None:
        await self._nursery.close()
        if self._engine is not None:
            await self._engine.stop()


@asynccontextmanager
async def working(house: House) -> AsyncIterator[Workbench]:
    """Run the engine here if the folder is ours; else the process that owns it does the work."""
    bench = Workbench(house)
    await bench.begin()
    try:
        yield bench
    finally:
        await bench.end()


async def _follow(bench: Workbench, started: Started) -> int:
    """Wait for the end of a run and print what came of it; returns the exit code."""
    house = bench.house
    show = printer()
    say = translator(house)
    if not started.new:
        text = T("Already at work: {job}, run {number}.", job=started.job, number=str(started.execution_id))
        show(say(text))
    view = await _ended(bench, started.execution_id)
    for line in report(view, say):
        show(line)
    return 0 if view.state is State.SUCCESS else 1


async def _ended(bench: Workbench, execution_id: int) -> RunView:
    """Watch a run until it is over, whoever does the work."""
    house = bench.house
    show = await house.container.get(ShowRun)
    waited, looked = 0.0, 0.0
    while (view := await show(actor_of(house), execution_id)).state.open:
        if view.state is State.PENDING and not house.owner and waited > _HANDOVER_SECONDS:
            raise Conflict(T("The process that owns the data folder does not begin the run. Is it the bot?"))
        await asyncio.sleep(_LOOK_EVERY)
        waited += _LOOK_EVERY
        if waited - looked >= _OWNER_LOOK_EVERY:
            looked = waited
            await bench.begin()
    return view


def report(view: RunView, say: Translator) -> list[str]:
    """Return the result of a run as lines of text, a store each."""
    title = T("{job}, run {number}: {state}", job=view.job, number=str(view.id), state=STATES[view.state])
    lines = [f"{ICONS[view.state]} {say(title)}"]
    if view.dry_run:
        lines.append(say(T("Dry run: nothing was sent.")))
    if view.reason is not None:
        lines.append(say(view.reason))
    return lines + [_store_line(store, say) for store in view.stores]


def _store_line(store: StoreView, say: Translator) -> str:
    result = say(result_at(store)[1]) if store.outcome else "…"
    parts = [f"{store.name}: {result}"]
    if count := store.counts.get("lines"):
        parts.append(say(TN("{n} product", "{n} products", count)))
    if held := store.counts.get("held_lines"):
        parts.append(say(TN("{n} product held", "{n} products held", held)))
    if store.reason is not None:
        parts.append(say(store.reason))
    return "  " + " · ".join(parts)


def translator(house: House) -> Translator:
    return Translator(spoken_language(), ZoneInfo(house.organisation.timezone), house.organisation.currency)


def actor_of(house: House) -> Actor:
    return Actor.system(house.organisation.id, "cli")
