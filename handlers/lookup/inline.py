"""Inline mode: `@bot 1203` in any chat offers products with what that person may see of them.

Asked at every keystroke and changing nothing, these questions go past what keeps messages in
order. Answers are personal and not cached (`rules.md` 5): rights count at the moment of asking.
"""

from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.exceptions import AiogramError
from aiogram.methods import AnswerInlineQuery
from aiogram.types import (
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    TelegramObject,
    Update,
)

from core.clock import Clock
from core.errors import ChimeraError
from core.i18n import Translator, pick_locale
from core.lookup.peeking import Peek
from core.lookup.product import ProductView
from core.people.knowing import Identify
from core.people.repository import Member
from core.texts import T, Text
from handlers.formatting import draw_lines, say, shorten, split
from handlers.lookup.drawing import draw_product, product_label
from handlers.middlewares.tracing import Handler
from handlers.talk import UTC

MOST = 20
_DESCRIPTION = 120
_TITLE = 60
_BUTTON = 64
_CALL_SECONDS = 10

_OPEN = T("Open the bot")
_ASK = T("Type a code, a barcode or a name")
_NONE = T("Nothing found. Open the bot")

log = structlog.get_logger(__name__)


class InlineMode(BaseMiddleware):
    """Answers inline queries; all other updates pass."""

    def __init__(self, identify: Identify, peek: Peek, clock: Clock) -> None:
        self._identify = identify
        self._peek = peek
        self._clock = clock

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, Update) or event.inline_query is None:
            return await handler(event, data)
        query = event.inline_query
        call = await self._answer(query)
        if query.bot is not None:
            try:
                await query.bot(call, request_timeout=_CALL_SECONDS)
            except AiogramError as error:
                # Too late: the person has typed on, or the bot was down meanwhile.
                log.info("inline_query_unanswered", detail=str(error))
        return None

    async def _answer(self, query: InlineQuery) -> AnswerInlineQuery:
        member = await self._identify(query.from_user.id, None)
        if member is None:
            return _offer(query, [], _OPEN, Translator(pick_locale(query.from_user.language_code), UTC))
        translator = _translator(member, query)
        if not query.query.strip():
            return _offer(query, [], _ASK, translator)
        actor = member.actor("inline", translator.locale)
        try:
            found = await self._peek(actor, query.query, limit=MOST)
        except ChimeraError as error:
            log.warning("inline_query_failed", detail=error.detail)
            found = []
        results = [self._article(view, translator) for view in found]
        return _offer(query, results, None if results else _NONE, translator)

    def _article(self, view: ProductView, translator: Translator) -> InlineQueryResultArticle:
        drawn = draw_product(view, self._clock.now())
        text, entities = split(draw_lines(translator, drawn.lines, drawn.title))[0]
        about = [say(translator, line) for line in drawn.lines[1:2]]
        return InlineQueryResultArticle(
            id=view.product.code,
            title=shorten(say(translator, product_label(view.product)), _TITLE),
            description=shorten(" ".join(about), _DESCRIPTION),
            input_message_content=InputTextMessageContent(
                message_text=text, entities=entities, link_preview_options=LinkPreviewOptions(is_disabled=True)
            ),
        )


def _translator(member: Member, query: InlineQuery) -> Translator:
    home = member.organisation
    locale = member.person.locale or pick_locale(query.from_user.language_code, home.locale)
    return Translator(locale, home.zone, home.currency)


def _offer(
    query: InlineQuery, results: list[InlineQueryResultArticle], hint: Text | None, translator: Translator
) -> AnswerInlineQuery:
    """Return the answer; a hint is a button that leads to the bot and tells nothing about anybody."""
    button = None
    if hint is not None:
        button = InlineQueryResultsButton(text=shorten(translator(hint), _BUTTON), start_parameter="inline")
    return AnswerInlineQuery(
        inline_query_id=query.id, results=list(results), cache_time=0, is_personal=True, button=button
    )
