"""/logs: the last lines of today, or a whole day as a file (CH-16)."""

from datetime import date

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message
from dishka.integrations.aiogram import FromDishka, inject

from core.clock import Clock, local_date
from core.errors import BadInput
from core.executions.logs import DayLog, ReadLogs
from core.forms.moments import read_date
from core.outbox.content import Attachment, Draft
from core.texts import TN, T
from handlers.middlewares.spoken import Named
from handlers.reports.run_log import as_file, log_row, log_text
from handlers.talk import Talk

_SHOWN = 20
_MOST = 50
_DIGITS = 6


def add_logs(router: Router) -> None:
    """Add /logs."""
    router.message(Named("logs"))(logs)


@inject
async def logs(
    _message: Message, command: CommandObject, talk: Talk, read_logs: FromDishka[ReadLogs], clock: FromDishka[Clock]
) -> None:
    # Who may not read them is told so whatever was typed.
    talk.actor.require(ReadLogs.permission)
    wish = (command.args or "").strip()
    if wish and not wish.isdecimal():
        day = _day(wish, talk.chat.locale, local_date(clock.now(), talk.zone))
        talk.send(_file(await read_logs(talk.actor, day), talk))
        return
    limit = min(int(wish[:_DIGITS] or _SHOWN), _MOST)
    talk.send(_last(await read_logs(talk.actor, limit=max(limit, 1)), talk))


def _day(text: str, locale: str, today: date) -> date:
    try:
        return read_date(text, locale, today, past=True)
    except BadInput:
        raise BadInput(
            T(
                "I read “{text}” neither as a day nor as a number of lines. Try /logs 50 or /logs {day}.",
                text=text,
                day=today,
            )
        ) from None


def _last(found: DayLog, talk: Talk) -> Draft:
    if not found.rows:
        return Draft([T("No run has written anything today.")])
    zone = talk.translator.zone
    lines = [log_text(row.line, row.store, row.line.at.astimezone(zone).time()) for row in found.rows]
    title = TN("🧾 The last line of today's log", "🧾 The last {n} lines of today's log", len(lines))
    return Draft([*lines, T("The whole day as a file: /logs {day}", day=found.day)], title)


def _file(found: DayLog, talk: Talk) -> Draft:
    if not found.rows:
        return Draft([T("No run wrote anything on {day}, or it is no longer kept.", day=found.day)])
    data = as_file(log_row(row.line, row.store, talk.translator) for row in found.rows)
    about = TN("Log of {day}: {n} line", "Log of {day}: {n} lines", len(found.rows), day=found.day)
    return Draft([about], file=Attachment(f"log-{found.day.isoformat()}.txt", data))
