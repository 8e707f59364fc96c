"""What the windows of the brake show."""

from core.errors import NotFound
from core.paging import cut
from core.stores.pausing import ListScopes, Scope, ScopeReach
from core.texts import TN, T, Text
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Item, Page, headed
from handlers.dialogs.searching import search_lines


async def scopes_page(menu: Menu) -> Page:
    words = menu.search()
    scopes = await menu.use(ListScopes)(menu.actor, words)
    found = cut(list(enumerate(scopes)), menu.paging())
    items = [Item(str(number), _label(scope)) for number, scope in found.rows]
    lines = [T("Pause sending: for what?"), *search_lines(words, found)]
    return Page.of(headed(T("⏸ What can be paused"), found.total), lines, items, found)


async def one_page(menu: Menu) -> Page:
    scopes = await menu.use(ListScopes)(menu.actor)
    wanted = (menu.data["reach"], menu.data["name"])
    scope = next((one for one in scopes if (one.reach.value, one.name) == wanted), None)
    if scope is None:
        raise NotFound(T("There is no store or tag “{name}” among yours.", name=menu.data["name"]))
    lines = [
        *_so_far(scope),
        T("A pause stops what would be sent. What is live stays live until its end."),
    ]
    if left := scope.stores - scope.paused:
        lines.append(TN("Pause sending to {n} store?", "Pause sending to {n} stores?", left))
    offers = ({"pause"} if left else set()) | ({"resume"} if scope.paused else set())
    return Page(_label(scope), lines, offers=frozenset(offers))


def _so_far(scope: Scope) -> list[Text]:
    """Say how many are paused, where any is; of a single store its name says it."""
    if scope.reach is ScopeReach.STORE or not scope.paused:
        return []
    said = TN(
        "{paused} of {n} store is paused.", "{paused} of {n} stores are paused.", scope.stores, paused=scope.paused
    )
    return [said]


def _label(scope: Scope) -> Text:
    name = _name(scope)
    if not scope.paused:
        return name
    if scope.paused == scope.stores:
        return T("⏸ {scope}: paused", scope=name)
    return T("⏸ {scope}: {paused} of {stores} paused", scope=name, paused=scope.paused, stores=scope.stores)


def _name(scope: Scope) -> Text:
    match scope.reach:
        case ScopeReach.CHAIN:
            return T("🏢 The whole chain")
        case ScopeReach.TAG:
            none = T("🔖 {tag} (no stores)", tag=scope.name)
            return TN("🔖 {tag} ({n} store)", "🔖 {tag} ({n} stores)", scope.stores, none, tag=scope.name)
        case _:
            return T("🏪 {store}", store=scope.name)
