"""The answer to one tap: given once, and at once."""

import structlog
from aiogram.exceptions import AiogramError
from aiogram.methods import AnswerCallbackQuery
from aiogram.types import CallbackQuery

from core.nursery import Nursery
from core.texts import Text
from handlers.formatting import TOAST, say, shorten
from handlers.talk import Talk, Visitor

TAPPED = "tapped"
_CALL_SECONDS = 10

log = structlog.get_logger(__name__)


class Tapped:
    """Answers in the background, so that the work need not wait for it."""

    def __init__(
        self, query: CallbackQuery, speaker: Talk | Visitor, nursery: Nursery, *, answered: bool = False
    ) -> None:
        self._query = query
        self._speaker = speaker
        self._nursery = nursery
        self._answered = answered

    def answer(self, text: Text | None = None, *, alert: bool = False) -> None:
        """Take the waiting sign off the button; `alert` makes the text stay until it is read."""
        if self._answered:
            return
        self._answered = True
        said = shorten(say(self._speaker.aside, text), TOAST) if text is not None else None
        call = AnswerCallbackQuery(callback_query_id=self._query.id, text=said, show_alert=alert or None)
        self._nursery.start("answer tap", self._call(call))

    async def _call(self, call: AnswerCallbackQuery) -> None:
        if self._query.bot is None:
            return
        try:
            await self._query.bot(call, request_timeout=_CALL_SECONDS)
        except AiogramError as error:
            log.warning("tap_unanswered", detail=str(error))
