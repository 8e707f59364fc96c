"""The button under the news that an integration needs credentials (CH-2), or that an import left secrets out."""

from aiogram import Router
from aiogram.types import CallbackQuery
from aiogram_dialog import DialogManager

from core.chat.model import Button
from core.configuration.wanted import Section
from core.texts import T, Text
from handlers.buttons import Tap
from handlers.commands.settings import open_secret
from handlers.links import secret_elsewhere
from handlers.talk import Talk
from jobs.connections import RENEW


def renewing_taps() -> Router:
    """Return the router of the button, which opens a window in private."""
    router = Router(name="renewing_taps")
    router.callback_query(Tap(RENEW))(renew)
    return router


async def renew(query: CallbackQuery, talk: Talk, button: Button, dialog_manager: DialogManager) -> Text:
    """Open the secret's own field; in a group say the way to it, as secrets are asked for in private only."""
    about = button.arguments
    if talk.private:
        channel = about.get("channel_id")
        section = Section.INTEGRATIONS if channel is None else Section.CHANNELS
        await open_secret(dialog_manager, section, channel or about["integration_id"], about["job_id"])
        return T("Type it below.")
    if query.bot is not None:
        talk.say(await secret_elsewhere(query.bot, f"renew-{about['integration_id']}-{about['job_id']}"))
    return T("Secrets are asked for in our private chat only.")
