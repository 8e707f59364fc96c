"""What is done to an entity that may need the PIN first: the same deed is done again with it (`rules.md` 5)."""

from core.access import Actor
from core.configuration.editing import Edited
from core.configuration.problems import BadFields
from core.entities.history import Mark, RollBack, Undo
from core.entities.removing import DeleteEntity, RestoreEntity
from core.entities.saving import SaveEntity
from core.entities.viewing import EntityView
from core.people.forgetting import ForgetWay
from core.texts import T, Text
from handlers.confirming.asking import Deed, guarded
from handlers.dialogs.area import number_tapped
from handlers.dialogs.menu import Menu
from handlers.dialogs.widgets import Act
from handlers.entities.getters import section_of, shown
from handlers.entities.states import Entities
from handlers.forms.mending import mending
from handlers.forms.states import Form

_DEED = "deed"


def doing(name: str) -> Act:
    """Return the button that does a deed, with the PIN where that is needed."""

    async def act(menu: Menu) -> Text | None:
        menu.data[_DEED] = name
        return await guarded(menu, Entities.confirm, carry_out)

    return act


async def restore(menu: Menu, entity_id: str) -> Text | None:
    """Bring back what was deleted and chosen now."""
    menu.data["gone"] = number_tapped(entity_id)
    return await doing("restore")(menu)


async def carry_out(menu: Menu, actor: Actor) -> Text | None:
    """Do what was asked for last, as somebody who may have confirmed it with the PIN."""
    return await _DEEDS[menu.data[_DEED]](menu, actor)


async def leave_confirming(menu: Menu) -> None:
    """Go back to where the deed was asked for."""
    ways = {"restore": Entities.removed, "roll_back": Entities.version, "delete": Entities.delete}
    await menu.go(ways.get(menu.data.get(_DEED, ""), Entities.one))


async def _delete(menu: Menu, actor: Actor) -> None:
    view = await shown(menu)
    edited: Edited = await menu.use(DeleteEntity)(actor, view.section, view.id)
    remember(menu, edited)
    menu.note(T("“{name}” is deleted. Tap it here to bring it back.", name=view.name))
    if "entity_id" in menu.given:
        # What lies below may be about what is gone.
        await menu.instead(Entities.removed, section=view.section.value)
    else:
        await menu.go(Entities.removed)


async def _restore(menu: Menu, actor: Actor) -> Text:
    edited: Edited = await menu.use(RestoreEntity)(actor, section_of(menu), int(menu.data["gone"]))
    menu.data["entity_id"] = edited.id
    menu.data.pop("mark", None)
    await menu.go(Entities.one)
    return T("“{name}” is back.", name=edited.name)


async def _undo(menu: Menu, actor: Actor) -> Text | None:
    """Take back what was done last in this window; where that needs mending, in the form as well."""
    mark = menu.data["mark"]
    view = await shown(menu)
    try:
        await menu.use(Undo)(actor, view.section, [Mark(mark["entity_id"], mark["version"])])
    except BadFields as error:
        menu.data.pop("mark")
        await _mend(menu, view, mark["version"] - 1, error)
        return None
    menu.data.pop("mark")
    await menu.go(Entities.one)
    return T("Taken back: “{name}” is as it was before.", name=view.name)


async def _roll_back(menu: Menu, actor: Actor) -> Text | None:
    """Go back to a version; where something about it must be mended first, open the form filled in with it."""
    view = await shown(menu)
    number = int(menu.data.get("version") or menu.given["version"])
    try:
        edited: Edited = await menu.use(RollBack)(actor, view.section, view.id, number)
    except BadFields as error:
        await _mend(menu, view, number, error)
        return None
    remember(menu, edited)
    await menu.go(Entities.one)
    return T("“{name}” is as in version {number} again.", name=edited.name, number=str(number))


async def _mend(menu: Menu, view: EntityView, number: int, error: BadFields) -> None:
    begin = await mending(menu, view.section, view.id, number, error)
    await menu.open(Form.page, section=view.section.value, entity_id=view.id, **begin)


async def _block(menu: Menu, actor: Actor) -> Text:
    name = await _keep_out(menu, actor, blocked=True)
    return T("🚫 {name} is blocked: no answer, no messages, until you unblock.", name=name)


async def _unblock(menu: Menu, actor: Actor) -> Text:
    return T("✅ {name} may use the bot again.", name=await _keep_out(menu, actor, blocked=False))


async def _keep_out(menu: Menu, actor: Actor, *, blocked: bool) -> str:
    view = await shown(menu)
    edited: Edited = await menu.use(SaveEntity)(actor, view.section, view.id, {"blocked": blocked})
    remember(menu, edited)
    await menu.go(Entities.one)
    return view.name


async def _forget_pin(menu: Menu, actor: Actor) -> Text:
    view = await shown(menu)
    name = await menu.use(ForgetWay)(actor, view.id)
    await menu.go(Entities.one)
    return T("🔐 The PIN or app of {name} is void. They are told to set a new one.", name=name)


def remember(menu: Menu, edited: Edited) -> None:
    """Keep what can be taken back."""
    if edited.changes:
        menu.data["mark"] = {"entity_id": edited.id, "version": edited.version}


_DEEDS: dict[str, Deed] = {
    "delete": _delete,
    "restore": _restore,
    "undo": _undo,
    "roll_back": _roll_back,
    "block": _block,
    "unblock": _unblock,
    "forget_pin": _forget_pin,
}
