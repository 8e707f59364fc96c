"""Buttons that look into a run: details as text, the report as a spreadsheet, the log as a file."""

import asyncio

from aiogram import Router
from aiogram.types import CallbackQuery
from dishka.integrations.aiogram import FromDishka, inject

from core.chat.details import ShowDetails
from core.chat.model import Button
from core.clock import Clock
from core.executions.findings import ReadFindings
from core.executions.states import ICONS
from core.executions.views import RunView, ShowLog
from core.outbox.content import Attachment, Draft
from core.texts import T, Text
from handlers.buttons import Tap
from handlers.cards.details import draw_details
from handlers.cards.words import STATES
from handlers.reports.making import make_report
from handlers.reports.run_log import write_log
from handlers.talk import Talk
from handlers.taps.doubled import BELOW, OnceOnly


class Looking:
    """Sends what is asked for, one report at a time."""

    def __init__(self) -> None:
        self._making = asyncio.Semaphore(1)

    def router(self) -> Router:
        """Return the router of these buttons."""
        router = Router(name="looking_taps")
        router.callback_query.middleware(OnceOnly(BELOW, living=True))
        router.callback_query(Tap("details"))(inject(self.details))
        router.callback_query(Tap("report"))(inject(self.report))
        router.callback_query(Tap("log"))(inject(self.log))
        return router

    async def details(
        self,
        _query: CallbackQuery,
        talk: Talk,
        button: Button,
        show_details: FromDishka[ShowDetails],
        clock: FromDishka[Clock],
    ) -> Text:
        talk.send(draw_details(await show_details(talk.actor, button.arguments["execution"]), clock.now()))
        return BELOW

    async def report(
        self, _query: CallbackQuery, talk: Talk, button: Button, read_findings: FromDishka[ReadFindings]
    ) -> Text:
        run, stores = await read_findings(talk.actor, button.arguments["execution"])
        async with self._making:
            data = await make_report(stores, talk.translator)
        title = T("Report of run {number}: {job}", number=str(run.id), job=run.job)
        talk.send(Draft([_state(run)], title, file=Attachment(f"run-{run.id}.xlsx", data)))
        return BELOW

    async def log(self, _query: CallbackQuery, talk: Talk, button: Button, show_log: FromDishka[ShowLog]) -> Text:
        run, lines = await show_log(talk.actor, button.arguments["execution"])
        if not lines:
            return T("Nothing was logged in this run.")
        title = T("Log of run {number}: {job}", number=str(run.id), job=run.job)
        data = write_log(run, lines, talk.translator)
        talk.send(Draft([_state(run)], title, file=Attachment(f"run-{run.id}.txt", data)))
        return BELOW


def _state(run: RunView) -> Text:
    return T(
        "{icon} {state}, {at}",
        icon=ICONS[run.state],
        state=STATES[run.state],
        at=run.finished_at or run.started_at or run.created_at,
    )
