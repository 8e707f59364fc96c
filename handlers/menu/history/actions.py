"""What the buttons about runs do."""

from collections.abc import Callable
from datetime import date

from core.catalogue.releasing import ReleaseHeld
from core.executions.history import Kind
from core.texts import T, Text
from handlers.dialogs.area import StaleButton, number_tapped
from handlers.dialogs.menu import Menu
from handlers.dialogs.widgets import Act
from handlers.menu.history.filters import ANY
from handlers.menu.history.parts import Part
from handlers.menu.history.states import History


async def pick_job(menu: Menu, job_id: str) -> None:
    await _filter(menu, "job", job_id, number_tapped)


async def pick_kind(menu: Menu, kind: str) -> None:
    await _filter(menu, "kind", kind, lambda text: Kind(text).value)


async def pick_day(menu: Menu, day: str) -> None:
    await _filter(menu, "day", day, lambda text: date.fromisoformat(text).isoformat())


async def _filter(menu: Menu, name: str, chosen: str, read: Callable[[str], str | int]) -> None:
    try:
        menu.kept[name] = None if chosen == ANY else read(chosen)
    except ValueError as error:
        raise StaleButton from error
    menu.turn(0)
    await menu.go(History.runs)


async def pick_run(menu: Menu, run_id: int) -> None:
    menu.data.update(run=run_id, store=None)
    await menu.go(History.run)


async def pick_store(menu: Menu, store_id: int) -> None:
    menu.data["store"] = store_id
    await menu.go(History.store)


async def release(menu: Menu) -> Text:
    """Send what is held for this store in this run, exactly as it stands."""
    release_held = await menu.get(ReleaseHeld)
    run, store, talk = menu.data["run"], menu.data["store"], menu.talk
    await release_held(menu.actor, talk.key, execution_id=run, store_id=store, chat=talk.chat)
    return T("Released: it is sent now. Its card is below.")


def open_part(part: Part) -> Act:
    async def show(menu: Menu) -> None:
        menu.data["part"] = part.value
        await menu.go(History.part)

    return show


async def open_log(menu: Menu) -> None:
    """Show the log of the whole run, whichever of its stores was looked at before."""
    menu.data["store"] = None
    await open_part(Part.LOG)(menu)


async def leave_part(menu: Menu) -> None:
    """Go back to the store, or to the run whose whole log was read."""
    await menu.go(History.run if menu.data.get("store") is None else History.store)


async def open_why(menu: Menu) -> None:
    menu.data["code"] = None
    await menu.go(History.why)


async def take_why(menu: Menu, text: str) -> None:
    menu.data["code"] = text
