"""Links that lead from anywhere into the private chat with the bot."""

from aiogram import Bot

from core.texts import T, Text


async def private_link(bot: Bot, start: str) -> str:
    """Return the address that opens the private chat; `start` is what the bot is told then."""
    return f"https://t.me/{(await bot.me()).username}?start={start}"


async def secret_elsewhere(bot: Bot, start: str) -> Text:
    """Say where a secret is asked for, with the way there."""
    return T("🔒 Secrets are asked for in our private chat only: {link}", link=await private_link(bot, start))
