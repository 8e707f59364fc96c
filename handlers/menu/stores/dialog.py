"""Stores: read, searched, and the way to what can be done by hand."""

from aiogram_dialog import Dialog

from core.configuration.wanted import Section
from core.executions.byhand import Deed
from core.texts import T
from handlers.confirming.asking import confirm_box
from handlers.dialogs.area import Area
from handlers.dialogs.lists import MORE, all_again, below, choices, numbered, search, searched
from handlers.dialogs.widgets import screen, verb, verbs
from handlers.entities.actions import listing
from handlers.menu.stores.actions import (
    open_form,
    open_last_run,
    open_products,
    open_settings,
    open_why,
    pick_product,
    pick_store,
)
from handlers.menu.stores.byhand import ask, carry_out, deed_page, do, undone
from handlers.menu.stores.getters import all_page, one_page, product_page, products_page
from handlers.menu.stores.states import Stores


def stores_dialog() -> Dialog:
    return Area(
        screen(
            Stores.all,
            all_page,
            choices(numbered(pick_store)),
            below(verb("manage", T("🛠 Manage"), listing(Section.STORES), offered=True), all_again()),
            search(),
        ),
        screen(
            Stores.one,
            one_page,
            verbs(
                verb("products", T("🏷 Products"), open_products, offered=True),
                verb("last_run", T("📜 Last run"), open_last_run, offered=True),
                verb("resend", T("🔁 Send again"), ask(Deed.RESEND), offered=True),
                verb("clear", T("🧹 Clear store"), ask(Deed.CLEAR), offered=True),
                verb("why", T("❓ Why not live?"), open_why),
                verb("change", T("✏️ Change"), open_form, offered=True),
                verb("more", MORE, open_settings, offered=True),
            ),
            back=Stores.all,
        ),
        screen(
            Stores.products,
            products_page,
            choices(pick_product),
            *searched("products"),
            back=Stores.one,
        ),
        screen(
            Stores.product,
            product_page,
            verbs(verb("take_off", T("✂ Take off now"), ask(Deed.TAKE_OFF), offered=True)),
            back=Stores.products,
        ),
        screen(
            Stores.deed,
            deed_page,
            verbs(verb("yes", None, do, offered=True, danger=True)),
            back=undone,
        ),
        confirm_box(Stores.confirm, carry_out, back=Stores.deed),
    )
