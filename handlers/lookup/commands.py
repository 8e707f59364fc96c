"""/product, and a code or barcode typed in a private chat (CH-15)."""

from aiogram import F, Router
from aiogram.filters import CommandObject
from aiogram.types import Message
from dishka.integrations.aiogram import FromDishka, inject

from core.clock import Clock
from core.lookup.finding import Matches
from core.lookup.product import LookUp, ProductView
from core.lookup.words import understand
from core.outbox.content import Draft
from core.texts import T
from handlers.lookup.drawing import draw_matches, draw_product
from handlers.middlewares.spoken import Named
from handlers.talk import Talk


def add_product(router: Router) -> None:
    """Add /product."""
    router.message(Named("product"))(product)


def numbers_router() -> Router:
    """Return the router of numbers without a command; it comes after forms, which want numbers too."""
    router = Router(name="numbers")
    router.message(F.chat.type == "private", F.text.func(_is_number))(number)
    return router


def _is_number(text: str | None) -> bool:
    return text is not None and bool(understand(text).digits)


@inject
async def product(
    _message: Message, command: CommandObject, talk: Talk, look_up: FromDishka[LookUp], clock: FromDishka[Clock]
) -> None:
    if not command.args:
        talk.say(
            T("Which product? Send its code or its barcode, or words of its name after the command: /product coffee")
        )
        return
    _answer(talk, await look_up(talk.actor, command.args), clock)


@inject
async def number(message: Message, talk: Talk, look_up: FromDishka[LookUp], clock: FromDishka[Clock]) -> None:
    _answer(talk, await look_up(talk.actor, message.text or ""), clock)


def _answer(talk: Talk, found: ProductView | Matches, clock: Clock) -> None:
    now = clock.now()
    drawn: Draft = draw_product(found, now) if isinstance(found, ProductView) else draw_matches(found, 0, now)
    talk.send(drawn)
