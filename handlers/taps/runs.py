"""Buttons that do something with runs: cancel, release, retry, and choosing among several jobs.

Each returns the words that answer the tap. A second tap on the same button names the same
cause, so it starts nothing twice.
"""

from aiogram import Router
from aiogram.types import CallbackQuery
from dishka.integrations.aiogram import FromDishka, inject

from core.catalogue.releasing import ReleaseHeld
from core.chat.model import Button
from core.executions.starting import CancelRun, Order, RetryFailed, Started, StartRun
from core.jobs.model import JobType
from core.texts import T, Text
from handlers.buttons import Tap
from handlers.talk import Talk


def runs_taps() -> Router:
    """Return the router of the buttons of runs."""
    router = Router(name="runs_taps")
    router.callback_query(Tap("cancel"))(cancel)
    router.callback_query(Tap("release"))(release)
    router.callback_query(Tap("retry"))(retry)
    router.callback_query(Tap("start"))(start)
    return router


@inject
async def cancel(_query: CallbackQuery, talk: Talk, button: Button, cancel_run: FromDishka[CancelRun]) -> Text:
    await cancel_run(talk.actor, button.arguments["execution"])
    return T("It stops. What is being sent is finished first.")


@inject
async def release(_query: CallbackQuery, talk: Talk, button: Button, release_held: FromDishka[ReleaseHeld]) -> Text:
    started = await release_held(talk.actor, _key(button), execution_id=button.arguments["execution"], chat=talk.chat)
    return T("Released. The stores are sent now.") if started.new else _at_work(started)


@inject
async def retry(_query: CallbackQuery, talk: Talk, button: Button, retry_failed: FromDishka[RetryFailed]) -> Text:
    started = await retry_failed(talk.actor, button.arguments["execution"], _key(button), talk.chat)
    return T("Started again for the stores that did not end well.") if started.new else _at_work(started)


@inject
async def start(_query: CallbackQuery, talk: Talk, button: Button, start_run: FromDishka[StartRun]) -> Text:
    wish = button.arguments
    order = Order(
        _key(button), JobType(wish["type"]), wish["job"], wish["words"], dry_run=wish["dry_run"], chat=talk.chat
    )
    started = await start_run(talk.actor, order)
    return T("Started: {job}.", job=started.job) if started.new else _at_work(started)


def _key(button: Button) -> str:
    return f"tap:{button.id}"


def _at_work(started: Started) -> Text:
    return T("Already at work: {job}.", job=started.job)
