"""Puts the chat together from the house it serves."""

from bot.opening import House
from core.texts import T, Text
from handlers.service import ChatService


async def open_chat(house: House) -> ChatService:
    """Return the chat, not yet talking to Telegram."""
    environment = house.environment
    return await ChatService.create(
        environment.token(),
        environment.telegram_api,
        house.container,
        clock_note=clock_note(house),
        public_url=environment.public_url,
    )


def clock_note(house: House) -> Text | None:
    """Return the line that every card shows while the clock is set for a trial (`rules.md` 8)."""
    if not house.clock.shifted:
        return None
    return T("Trial clock: not the real time.")
