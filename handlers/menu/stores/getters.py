"""What the windows about stores show."""

from core.access import Permission
from core.clock import Clock
from core.lookup.prices import Standing
from core.lookup.product import ShowProduct
from core.stores.viewing import SearchProducts, SearchStores, ShowStore
from core.texts import TN, T
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Item, Page, headed
from handlers.dialogs.searching import search_lines
from handlers.lookup.words import identity, product_name, standing_of
from handlers.menu.stores.byhand import offered
from handlers.menu.stores.words import about, glance, live, scan, sync


async def all_page(menu: Menu) -> Page:
    words = menu.search()
    found = await menu.use(SearchStores)(menu.actor, words, menu.paging())
    lines = search_lines(words, found, T("Type part of a name or a CNPJ to search."))
    if not found.total and not words:
        lines = [T("There is no store yet.")]
    items = [Item(str(row.id), glance(row, menu.talk.zone)) for row in found.rows]
    offers = ["manage"] if menu.actor.may(Permission.CONFIGURE) and not words else []
    return Page.of(headed(T("🏪 Stores"), found.total), lines, items, found, offers)


async def one_page(menu: Menu) -> Page:
    page = await menu.use(ShowStore)(menu.actor, menu.data["store"])
    now, zone = (await menu.get(Clock)).now(), menu.talk.zone
    lines = [*about(page), *live(page, now, zone), *sync(page), *scan(page, now, zone)]
    offers = {"products"} if page.discounted else set()
    if page.row.last is not None:
        offers.add("last_run")
    if menu.actor.may(Permission.CONFIGURE):
        offers |= {"change", "more"}
    if page.row.cut_over and (page.row.live is not None or page.row.last is not None):
        offers |= offered(menu.actor, live=page.row.live is not None)
    return Page(T("🏪 {store}", store=page.row.name), lines, offers=frozenset(offers))


async def products_page(menu: Menu) -> Page:
    store_id = menu.data["store"]
    menu.about(store_id, "products")
    words = menu.search("products")
    listed = await menu.use(SearchProducts)(menu.actor, store_id, words, menu.paging("products"))
    found = listed.found
    lines = search_lines(words, found, T("Type part of a name, a code or an EAN to search."))
    if not found.total and not words:
        lines = [T("No product has a discount.")]
    items = [Item(one.code, T("{price} · {name}", name=one.name or one.code, price=one.final)) for one in found.rows]
    title = TN(
        "🏷 {store}: {n} discounted product",
        "🏷 {store}: {n} discounted products",
        found.total,
        T("🏷 {store}: no discounted products", store=listed.store),
        store=listed.store,
    )
    return Page.of(title, lines, items, found)


async def product_page(menu: Menu) -> Page:
    view = await menu.use(ShowProduct)(menu.actor, menu.data["code"], menu.data["store"])
    lines = [identity(view.product), *(standing_of(price, T("{store}", store=price.store)) for price in view.prices)]
    live = any(price.standing in (Standing.LIVE, Standing.LATER) for price in view.prices)
    ours = all(price.cut_over for price in view.prices)
    may = menu.actor.may(Permission.RELEASE)
    if live and may and not ours:
        lines.append(T("🧪 The old system sends this store, so it is taken off there."))
    return Page(product_name(view.product), lines, offers=frozenset({"take_off"} if live and may and ours else ()))
