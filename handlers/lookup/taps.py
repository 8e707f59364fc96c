"""Buttons of look-ups: choose a product, turn pages, see it store by store, all in one message."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from dishka.integrations.aiogram import FromDishka, inject

from core.chat.model import Button
from core.clock import Clock
from core.lookup.finding import Matches, Product
from core.lookup.history import ShowHistory
from core.lookup.product import ListStores, LookUp, ShowProduct
from core.texts import T, Text
from handlers.buttons import Tap
from handlers.charts.prices import draw_history
from handlers.lookup.drawing import (
    ASK,
    CHART,
    draw_chooser,
    draw_matches,
    draw_product,
    draw_quoted,
    draw_stores,
    other_stores,
)
from handlers.talk import Talk
from handlers.taps.doubled import BELOW, HERE, OnceOnly
from jobs.asking import AskErp


def product_taps() -> Router:
    """Return the router of the buttons under products."""
    router = Router(name="product_taps")
    router.callback_query.middleware(OnceOnly(HERE))
    router.callback_query(Tap("product"))(chosen)
    router.callback_query(Tap("product_page"))(turned)
    router.callback_query(Tap("product_stores"))(stores)
    router.callback_query(Tap("product_choose"))(choose)
    router.callback_query(Tap(ASK))(ask)
    router.callback_query(Tap(CHART))(chart)
    return router


@inject
async def chosen(
    query: CallbackQuery, talk: Talk, button: Button, show: FromDishka[ShowProduct], clock: FromDishka[Clock]
) -> Text:
    about = button.arguments
    talk.turn(query, draw_product(await show(talk.actor, about["code"]), clock.now(), about.get("origin")))
    return HERE


@inject
async def turned(
    query: CallbackQuery, talk: Talk, button: Button, look_up: FromDishka[LookUp], clock: FromDishka[Clock]
) -> Text:
    about, now = button.arguments, clock.now()
    found = await look_up(talk.actor, about["text"])
    drawn = draw_matches(found, about["page"], now) if isinstance(found, Matches) else draw_product(found, now)
    talk.turn(query, drawn)
    return HERE


@inject
async def stores(
    query: CallbackQuery, talk: Talk, button: Button, show: FromDishka[ShowProduct], clock: FromDishka[Clock]
) -> Text:
    about = button.arguments
    view = await show(talk.actor, about["code"])
    talk.turn(query, draw_stores(view, about["page"], clock.now(), about.get("origin")))
    return HERE


@inject
async def choose(query: CallbackQuery, talk: Talk, button: Button, list_stores: FromDishka[ListStores]) -> Text:
    about = button.arguments
    product = Product(about["code"], ean=about["ean"])
    talk.turn(query, draw_chooser(product, await list_stores(talk.actor), about["page"], about.get("origin")))
    return HERE


@inject
async def ask(query: CallbackQuery, talk: Talk, button: Button, ask_erp: FromDishka[AskErp]) -> Text:
    about = button.arguments
    asked = await ask_erp(talk.actor, about["store"], code=about["code"], ean=about["ean"])
    talk.turn(query, draw_quoted(asked, Product(about["code"], ean=about["ean"]), about.get("origin")))
    return HERE


@inject
async def chart(
    query: CallbackQuery,
    talk: Talk,
    button: Button,
    show_history: FromDishka[ShowHistory],
    list_stores: FromDishka[ListStores],
) -> Text:
    """Draw a history below the look-up; for another store it takes the place of the one before."""
    about = button.arguments
    history = await show_history(talk.actor, about["code"], about["store"])
    others = other_stores(history.product, await list_stores(talk.actor), about["store"], about.get("page", 0))
    drawn = await draw_history(history, talk.translator, others)
    if "page" not in about:
        talk.send(drawn)
        return BELOW
    if drawn.file is None and isinstance(query.message, Message) and query.message.photo:
        return T("{store}: {words}", store=history.store, words=drawn.lines[-1])
    talk.turn(query, drawn)
    return HERE
