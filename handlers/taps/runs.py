"""Buttons that do something with runs: cancel, release, retry, and choosing among several jobs.

Each returns the words that answer the tap. A second tap on the same button names the same
cause, so it starts nothing twice.
"""

from aiogram import Router
from aiogram.types import CallbackQuery
from dishka.integrations.aiogram import FromDishka, inject

from core.catalogue.releasing import ReleaseHeld
from core.chat.model import Button
from core.executions.again import RunAgain, WouldReplace
from core.executions.resync import Resync
from core.executions.retrying import RetryFailed
from core.executions.since import NewerRun
from core.executions.starting import CancelRun, Order, Started, StartRun
from core.executions.tomorrow import PlanTomorrow
from core.jobs.model import JobType
from core.outbox.content import Choice
from core.texts import TN, T, Text
from handlers.buttons import Tap
from handlers.cards.at_work import say_followed, say_rest
from handlers.talk import Talk
from handlers.taps.questions import Questions

_NOTHING_DONE = T("Doing nothing leaves everything as it is.")


def runs_taps() -> Router:
    """Return the router of the buttons of runs."""
    router = Router(name="runs_taps")
    router.callback_query(Tap("cancel"))(cancel)
    router.callback_query(Tap("release"))(release)
    router.callback_query(Tap("retry", "retry_now"))(retry)
    router.callback_query(Tap("tomorrow"))(tomorrow)
    router.callback_query(Tap("start"))(start)
    router.callback_query(Tap("again", "again_now", "for_real", "for_real_now"))(again)
    router.callback_query(Tap("resync", "resync_now"))(resync)
    return router


@inject
async def cancel(_query: CallbackQuery, talk: Talk, button: Button, cancel_run: FromDishka[CancelRun]) -> Text:
    await cancel_run(talk.actor, button.arguments["execution"])
    return T("It stops. What is being sent is finished first.")


@inject
async def release(_query: CallbackQuery, talk: Talk, button: Button, release_held: FromDishka[ReleaseHeld]) -> Text:
    started = await release_held(talk.actor, _key(button), execution_id=button.arguments["execution"], chat=talk.chat)
    return T("Released. The stores are sent now.") if started.new else _at_work(talk, started)


@inject
async def retry(
    query: CallbackQuery,
    talk: Talk,
    button: Button,
    retry_failed: FromDishka[RetryFailed],
    questions: FromDishka[Questions],
) -> Text:
    """Start the stores that did not end well once more; on an old card only after a second tap."""
    number, known = button.arguments["execution"], button.arguments.get("known")
    try:
        started = await retry_failed(talk.actor, number, _key(button), talk.chat, known=known)
    except NewerRun as found:
        now = Choice(T("Retry now"), "retry_now", {"execution": number, "known": found.run_id}, query.from_user.id)
        told = TN(
            "A newer run has finished since, at {at}: of the {total} stores here, {n} is still not good.",
            "A newer run has finished since, at {at}: of the {total} stores here, {n} are still not good.",
            found.left,
            total=found.total,
            at=found.finished_at,
        )
        question = TN("Retry {n} store?", "Retry {n} stores?", found.left)
        return questions.ask(talk, button, question, [told, _NOTHING_DONE], now)
    return T("Started again for the stores that did not end well.") if started.new else _at_work(talk, started)


@inject
async def tomorrow(_query: CallbackQuery, talk: Talk, button: Button, plan: FromDishka[PlanTomorrow]) -> Text:
    started, due = await plan(talk.actor, button.arguments["execution"], talk.chat)
    return T("Planned for {at}.", at=due) if started.new else T("It is planned already, for {at}.", at=due)


@inject
async def start(_query: CallbackQuery, talk: Talk, button: Button, start_run: FromDishka[StartRun]) -> Text:
    wish = button.arguments
    order = Order(
        _key(button),
        JobType(wish["type"]),
        wish["job"],
        wish["words"],
        dry_run=wish["dry_run"],
        chat=talk.chat,
        store_ids=wish.get("stores", ()),
        after="stores" in wish,
    )
    started = await start_run(talk.actor, order)
    say_rest(talk, started, order)
    return _started(talk, started)


@inject
async def again(
    query: CallbackQuery,
    talk: Talk,
    button: Button,
    run_again: FromDishka[RunAgain],
    questions: FromDishka[Questions],
) -> Text:
    """Start a run once more, a dry one in earnest; where that may replace campaigns of today, after a second tap."""
    number, for_real = button.arguments["execution"], button.action.startswith("for_real")
    confirmed = button.action in ("again_now", "for_real_now")
    try:
        started = await run_again(talk.actor, number, _key(button), talk.chat, confirmed=confirmed, for_real=for_real)
    except WouldReplace as found:
        about = {"execution": number}
        now = Choice(T("Run again now"), "again_now", about, query.from_user.id)
        question = TN("Run {job} again for {n} store?", "Run {job} again for {n} stores?", found.stores, job=found.job)
        if for_real:
            now = Choice(T("Run now for real"), "for_real_now", about, query.from_user.id)
            question = TN(
                "Run {job} for real for {n} store?", "Run {job} for real for {n} stores?", found.stores, job=found.job
            )
        return questions.ask(talk, button, question, _replaced(found), now)
    return _started(talk, started)


@inject
async def resync(
    query: CallbackQuery,
    talk: Talk,
    button: Button,
    send: FromDishka[Resync],
    questions: FromDishka[Questions],
) -> Text:
    """Send the stores that differ; where that may replace campaigns of today, only after a second tap."""
    number = button.arguments["execution"]
    try:
        started = await send(talk.actor, number, _key(button), talk.chat, confirmed=button.action == "resync_now")
    except WouldReplace as found:
        now = Choice(T("Sync now"), "resync_now", {"execution": number}, query.from_user.id)
        question = TN("Sync {n} store?", "Sync {n} stores?", found.stores)
        lines = [*_left_out(found.held), *_replaced(found)]
        return questions.ask(talk, button, question, lines, now)
    if started.held:
        talk.say(*_left_out(started.held))
    return _started(talk, started)


def _left_out(held: int) -> list[Text]:
    left = TN(
        "{n} store is left out: it is held, and somebody has to release it.",
        "{n} stores are left out: they are held, and somebody has to release them.",
        held,
    )
    return [left] if held else []


def _replaced(found: WouldReplace) -> list[Text]:
    lines = [_NOTHING_DONE]
    if found.campaigns:
        warning = TN(
            "Where prices changed, the campaign of {n} store is replaced; the new one starts a few minutes later.",
            "Where prices changed, the campaigns of {n} stores are replaced; the new ones start a few minutes later.",
            found.campaigns,
        )
        lines.insert(0, warning)
    if found.since is not None:
        lines.insert(0, T("A newer run has finished since, at {at}.", at=found.since))
    return lines


def _key(button: Button) -> str:
    return f"tap:{button.id}"


def _started(talk: Talk, started: Started) -> Text:
    if not started.new:
        return _at_work(talk, started)
    if started.after is not None:
        return T(
            "{job} goes on with these stores once run {number} has ended.", job=started.job, number=str(started.after)
        )
    return T("Started: {job}.", job=started.job)


def _at_work(talk: Talk, started: Started) -> Text:
    """Say which run is there already; one that began in another way is led to."""
    if started.ended_at is not None:
        return T("This was started before and ended at {at}. Its own card goes on.", at=started.ended_at)
    say_followed(talk, started)
    return T("Already at work: {job}, run {number}.", job=started.job, number=str(started.execution_id))
