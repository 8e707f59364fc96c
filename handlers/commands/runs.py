"""/sync, /compare, /cancel: starting and stopping runs."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message
from dishka.integrations.aiogram import FromDishka, inject

from core.access import Permission
from core.executions.starting import Order, SeveralJobs, StartRun
from core.executions.views import ListRuns, RunView
from core.jobs.model import JobType
from core.outbox.content import Choice
from core.texts import T, Text
from handlers.cards.at_work import at_work, say_rest
from handlers.commands.words import Wish, read_wish
from handlers.middlewares.spoken import Named
from handlers.talk import Talk


def add_runs(router: Router) -> None:
    """Add the commands that start runs."""
    router.message(Named("sync"))(sync)
    router.message(Named("compare"))(compare)


def stopping_router() -> Router:
    """Return the router of /cancel; it comes after forms, which the same word leaves."""
    router = Router(name="stopping")
    router.message(Named("cancel"))(cancel)
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
    if not started.new and not say_rest(talk, started, order):
        talk.say(at_work(started))


@inject
async def cancel(_message: Message, talk: Talk, list_runs: FromDishka[ListRuns]) -> None:
    talk.actor.require(Permission.RUN)
    runs = await list_runs(talk.actor, only_open=True)
    if not runs:
        talk.say(T("Nothing is running, so there is nothing to cancel."))
        return
    buttons = [[Choice(_title(run), "cancel", {"execution": run.id})] for run in runs]
    talk.say(T("Which run shall I stop? What is being sent is finished first."), choices=buttons)


def _title(run: RunView) -> Text:
    return T("Cancel run {number}: {job}", number=str(run.id), job=run.job)
