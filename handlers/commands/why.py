"""/why CODE [store]: why a product is not on promotion (CH-24)."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message
from dishka.integrations.aiogram import FromDishka, inject

from core.errors import BadInput
from core.lookup.why import WhyNot
from core.texts import T
from handlers.commands.words import read_wish
from handlers.menu.history.words import why_lines
from handlers.middlewares.spoken import Named
from handlers.talk import Talk


def add_why(router: Router) -> None:
    """Add /why."""
    router.message(Named("why"))(why)


@inject
async def why(_message: Message, command: CommandObject, talk: Talk, why_not: FromDishka[WhyNot]) -> None:
    words = read_wish(command.args).stores
    if not words:
        raise BadInput(T("Write the product's code, then the store: /why 1203 001"))
    code, *stores = words
    answers = await why_not(talk.actor, code, words=tuple(stores))
    talk.say(*why_lines(answers), title=T("❓ Why is product {code} not on promotion?", code=code))
