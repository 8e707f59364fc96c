"""/stats: how the syncs of the last days went, as a picture and in words (CH-16)."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message
from dishka.integrations.aiogram import FromDishka, inject

from core.chat.model import Button
from core.executions.stats import ShowStats
from core.texts import Text
from handlers.buttons import Tap
from handlers.charts.runs import PERIODS, draw_stats
from handlers.middlewares.spoken import Named
from handlers.talk import Talk
from handlers.taps.doubled import HERE, OnceOnly


def add_stats(router: Router) -> None:
    """Add /stats."""
    router.message(Named("stats"))(stats)


def stats_taps() -> Router:
    """Return the router of the buttons of /stats."""
    router = Router(name="stats")
    router.callback_query.middleware(OnceOnly(HERE))
    router.callback_query(Tap("stats"))(other_period)
    return router


@inject
async def stats(_message: Message, command: CommandObject, talk: Talk, show_stats: FromDishka[ShowStats]) -> None:
    asked = (command.args or "").strip()
    days = next((period for period in PERIODS if asked == str(period)), PERIODS[0])
    talk.send(await draw_stats(await show_stats(talk.actor, days=days), talk.translator))


@inject
async def other_period(query: CallbackQuery, talk: Talk, button: Button, show_stats: FromDishka[ShowStats]) -> Text:
    found = await show_stats(talk.actor, days=button.arguments["days"])
    talk.turn(query, await draw_stats(found, talk.translator))
    return HERE
