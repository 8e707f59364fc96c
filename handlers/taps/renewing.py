"""The button under the news that an integration needs credentials (CH-2)."""

from aiogram import Router
from aiogram.types import CallbackQuery
from aiogram_dialog import DialogManager

from core.chat.model import Button
from core.texts import T, Text
from handlers.buttons import Tap
from handlers.commands.settings import open_secret
from handlers.talk import Talk
from jobs.connections import RENEW


def renewing_taps() -> Router:
    """Return the router of the button, which opens a window in private."""
    router = Router(name="renewing_taps")
    router.callback_query(Tap(RENEW))(renew)
    return router


async def renew(query: CallbackQuery, talk: Talk, button: Button, dialog_manager: DialogManager) -> Text:
    """Open the secret's own field; in a group say the way to it, as secrets are asked for in private only."""
    integration, job = button.arguments["integration_id"], button.arguments["job_id"]
    if talk.private:
        await open_secret(dialog_manager, integration, job)
        return T("Type it below.")
    if query.bot is not None:
        name = (await query.bot.me()).username
        link = f"https://t.me/{name}?start=renew-{integration}-{job}"
        talk.say(T("🔒 Secrets are asked for in our private chat only: {link}", link=link))
    return T("Secrets are asked for in our private chat only.")
