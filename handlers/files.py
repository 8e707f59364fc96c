"""Files that people send to the chat."""

from aiogram import Bot
from aiogram.exceptions import AiogramError

from core.errors import BadInput
from core.texts import T

_SECONDS = 30


async def download(bot: Bot, file_id: str) -> bytes:
    """Return a file's content. Raises BadInput where Telegram no longer has it."""
    try:
        content = await bot.download(file_id, timeout=_SECONDS)
    except AiogramError as error:
        raise BadInput(T("The file can no longer be read. Send it again."), detail=str(error)) from error
    if content is None:
        raise BadInput(T("The file can no longer be read. Send it again."))
    return content.read()
