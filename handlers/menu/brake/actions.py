"""What the buttons of the brake do."""

from core.stores.pausing import ListScopes, PauseScope, ScopeReach
from core.texts import TN, T, Text
from handlers.dialogs.area import StaleButton
from handlers.dialogs.menu import Menu
from handlers.menu.brake.states import Brake

PAUSED = T("⏸ Sending is paused: nothing goes to any platform until /resume.")
RESUMED = T("▶️ Sending goes on. What was missed meanwhile: /sync")


async def pick(menu: Menu, number: int) -> None:
    scopes = await menu.use(ListScopes)(menu.actor, menu.search())
    if number >= len(scopes):
        raise StaleButton
    menu.data.update(reach=scopes[number].reach.value, name=scopes[number].name)
    await menu.go(Brake.one)


async def pause(menu: Menu) -> Text:
    changed = await _set(menu, paused=True)
    if menu.data["reach"] == ScopeReach.CHAIN:
        return PAUSED
    none = T("⏸ Sending was paused there already.")
    return TN("⏸ Sending is paused for {n} store.", "⏸ Sending is paused for {n} stores.", changed, none)


async def resume(menu: Menu) -> Text:
    await _set(menu, paused=False)
    return RESUMED


async def _set(menu: Menu, *, paused: bool) -> int:
    pause_scope = await menu.get(PauseScope)
    return await pause_scope(menu.actor, ScopeReach(menu.data["reach"]), menu.data["name"], paused=paused)
