"""Buttons of look-ups: choose a product, turn pages, see it store by store."""

from aiogram import Router
from aiogram.types import CallbackQuery
from dishka.integrations.aiogram import FromDishka, inject

from core.chat.model import Button
from core.clock import Clock
from core.lookup.finding import Matches, Product
from core.lookup.history import ShowHistory
from core.lookup.product import ListStores, LookUp, ShowProduct
from core.texts import Text
from handlers.buttons import Tap
from handlers.charts.prices import draw_history
from handlers.lookup.drawing import ASK, CHART, draw_chooser, draw_matches, draw_product, draw_quoted, draw_stores
from handlers.talk import Talk
from handlers.taps.doubled import BELOW, OnceOnly
from jobs.asking import AskErp


def product_taps() -> Router:
    """Return the router of the buttons under products."""
    router = Router(name="product_taps")
    router.callback_query.middleware(OnceOnly())
    router.callback_query(Tap("product"))(chosen)
    router.callback_query(Tap("product_page"))(turned)
    router.callback_query(Tap("product_stores"))(stores)
    router.callback_query(Tap("product_choose"))(choose)
    router.callback_query(Tap(ASK))(ask)
    router.callback_query(Tap(CHART))(chart)
    return router


@inject
async def chosen(
    _query: CallbackQuery, talk: Talk, button: Button, show: FromDishka[ShowProduct], clock: FromDishka[Clock]
) -> Text:
    talk.send(draw_product(await show(talk.actor, button.arguments["code"]), clock.now()))
    return BELOW


@inject
async def turned(
    _query: CallbackQuery, talk: Talk, button: Button, look_up: FromDishka[LookUp], clock: FromDishka[Clock]
) -> Text:
    about, now = button.arguments, clock.now()
    found = await look_up(talk.actor, about["text"])
    talk.send(draw_matches(found, about["page"], now) if isinstance(found, Matches) else draw_product(found, now))
    return BELOW


@inject
async def stores(
    _query: CallbackQuery, talk: Talk, button: Button, show: FromDishka[ShowProduct], clock: FromDishka[Clock]
) -> Text:
    view = await show(talk.actor, button.arguments["code"])
    talk.send(draw_stores(view, button.arguments["page"], clock.now()))
    return BELOW


@inject
async def choose(_query: CallbackQuery, talk: Talk, button: Button, list_stores: FromDishka[ListStores]) -> Text:
    about = button.arguments
    product = Product(about["code"], ean=about["ean"])
    talk.send(draw_chooser(product, await list_stores(talk.actor), about["purpose"], about["page"]))
    return BELOW


@inject
async def ask(_query: CallbackQuery, talk: Talk, button: Button, ask_erp: FromDishka[AskErp]) -> Text:
    about = button.arguments
    asked = await ask_erp(talk.actor, about["store"], code=about["code"], ean=about["ean"])
    talk.send(draw_quoted(asked, Product(about["code"], ean=about["ean"])))
    return BELOW


@inject
async def chart(_query: CallbackQuery, talk: Talk, button: Button, show_history: FromDishka[ShowHistory]) -> Text:
    history = await show_history(talk.actor, button.arguments["code"], button.arguments["store"])
    talk.send(await draw_history(history, talk.translator))
    return BELOW
