"""What the buttons about stores do."""

from core.configuration.wanted import Section
from core.stores.viewing import ShowStore
from handlers.dialogs.menu import Menu
from handlers.entities.states import Entities
from handlers.forms.states import Form
from handlers.menu.history.states import History
from handlers.menu.stores.states import Stores


async def pick_store(menu: Menu, store_id: int) -> None:
    menu.data["store"] = store_id
    await menu.go(Stores.one)


async def open_products(menu: Menu) -> None:
    await menu.go(Stores.products)


async def pick_product(menu: Menu, code: str) -> None:
    menu.data["code"] = code
    await menu.go(Stores.product)


async def open_last_run(menu: Menu) -> None:
    store = await menu.use(ShowStore)(menu.actor, menu.data["store"])
    if store.row.last is not None:
        await menu.open(History.store, run=store.row.last.execution_id, store=store.row.id)


async def open_why(menu: Menu) -> None:
    await menu.open(History.why, store=menu.data["store"])


async def open_form(menu: Menu) -> None:
    """Change the store's own settings."""
    await menu.open(Form.page, section=Section.STORES.value, entity_id=menu.data["store"])


async def open_settings(menu: Menu) -> None:
    """Show what else can be done with the store: switch off, versions, delete."""
    await menu.open(Entities.one, section=Section.STORES.value, entity_id=menu.data["store"])
