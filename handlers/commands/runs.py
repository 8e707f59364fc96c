"""/sync, /compare, /cancel: starting and stopping runs."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import Message
from dishka.integrations.aiogram import FromDishka, inject

from core.executions.starting import Order, SeveralJobs, Started, StartRun
from core.executions.views import ListRuns, RunView
from core.jobs.model import JobType
from core.outbox.content import Choice
from core.texts import T, Text
from handlers.commands.words import Wish, read_wish
from handlers.talk import Talk


def runs_router() -> Router:
    """Return the router of everything that concerns runs."""
    router = Router(name="runs")
    router.message(Command("sync", ignore_case=True))(sync)
    router.message(Command("compare", ignore_case=True))(compare)
    router.message(Command("cancel", ignore_case=True))(cancel)
    return router


@inject
async def sync(_message: Message, command: CommandObject, talk: Talk, start_run: FromDishka[StartRun]) -> None:
    await _start(talk, JobType.SYNC_PRODUCTS, read_wish(command.args), start_run)


@inject
async def compare(_message: Message, command: CommandObject, talk: Talk, start_run: FromDishka[StartRun]) -> None:
    await _start(talk, JobType.COMPARE_DATA, read_wish(command.args), start_run)


async def _start(talk: Talk, kind: JobType, wish: Wish, start_run: StartRun) -> None:
    order = Order(talk.key, kind, words=wish.stores, dry_run=wish.dry_run, chat=talk.chat)
    try:
        started = await start_run(talk.actor, order)
    except SeveralJobs as choice:
        about = {"type": kind.value, "words": wish.stores, "dry_run": wish.dry_run}
        buttons = [[Choice(T("{job}", job=name), "start", {**about, "job": name})] for name in choice.names]
        talk.say(T("Which job do you mean?"), choices=buttons)
        return
    if not started.new:
        talk.say(at_work(started))


def at_work(started: Started) -> Text:
    """Point to the run that was there before."""
    return T("Already at work: {job}. Its card is in this chat.", job=started.job)


@inject
async def cancel(_message: Message, state: FSMContext, talk: Talk, list_runs: FromDishka[ListRuns]) -> None:
    if await state.get_state() is not None:
        await state.clear()
        talk.say(T("All right, I put the form away. Nothing was saved."))
        return
    runs = await list_runs(talk.actor, only_open=True)
    if not runs:
        talk.say(T("Nothing is running, so there is nothing to cancel."))
        return
    buttons = [[Choice(_title(run), "cancel", {"execution": run.id})] for run in runs]
    talk.say(T("Which run shall I stop? What is being sent is finished first."), choices=buttons)


def _title(run: RunView) -> Text:
    return T("Cancel run {number}: {job}", number=str(run.id), job=run.job)
