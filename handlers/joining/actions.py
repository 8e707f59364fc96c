"""What the buttons around letting people in do."""

from collections.abc import Sequence
from typing import TypeVar

from core.access import Role
from core.configuration.wanted import Section
from core.entities.viewing import Item as Store
from core.entities.viewing import ListEntities
from core.errors import BadInput, Conflict
from core.people.invitations import LIFETIMES, InvitePerson, RevokeInvitation
from core.people.joining import GrantAccess, RefuseAccess
from core.people.scopes import StoreScope
from core.people.words import let_in, turned_down
from core.texts import T, Text
from handlers.dialogs.area import StaleButton
from handlers.dialogs.menu import Menu
from handlers.forms.filling import key_of
from handlers.forms.picking import NONE_LEFT
from handlers.joining.states import Joining

One = TypeVar("One", str, int)


async def all_stores_of(menu: Menu) -> Sequence[Store]:
    """Return every store that the person may choose."""
    return (await menu.use(ListEntities)(menu.actor, Section.STORES)).rows


def tags_of(stores: Sequence[Store]) -> list[str]:
    return sorted({str(tag) for store in stores for tag in store.fields["tags"]})


def limited(menu: Menu) -> bool:
    """Tell whether the chosen role can be limited to some stores."""
    return Role.named(menu.data["role"]) < Role.ADMIN


def asked(menu: Menu) -> bool:
    """Tell whether this is about somebody who asked for access, not about a link."""
    return "telegram_id" in menu.given


async def new(menu: Menu) -> None:
    if not menu.talk.private:
        raise BadInput(T("Others read along here. Make the link in our private chat."))
    menu.data.pop("code", None)
    menu.data.update(tags=[], stores=[])
    await menu.go(Joining.role)


async def pick_link(menu: Menu, number: int) -> None:
    menu.data["link"] = number
    await menu.go(Joining.link)


async def revoke(menu: Menu) -> Text:
    await menu.use(RevokeInvitation)(menu.actor, menu.data["link"])
    await menu.go(Joining.links)
    return T("The link is revoked: it lets nobody in any more.")


async def pick_role(menu: Menu, name: str) -> None:
    try:
        menu.data["role"] = Role.named(name).key
    except KeyError as error:
        raise StaleButton from error
    several = len(await all_stores_of(menu)) > 1
    await menu.go(Joining.stores if limited(menu) and several else Joining.lifetime)


async def tick(menu: Menu, chosen: str) -> None:
    """Choose a tag or a store, or take it back out."""
    stores = await all_stores_of(menu)
    tags = {f"t{key_of(tag)}": tag for tag in tags_of(stores)}
    if chosen in tags:
        _toggle(menu.data.setdefault("tags", []), tags[chosen])
        return
    ids = {f"s{store.id}": store.id for store in stores}
    if chosen not in ids:
        raise StaleButton
    _toggle(menu.data.setdefault("stores", []), ids[chosen])


def _toggle(chosen: list[One], one: One) -> None:
    if one in chosen:
        chosen.remove(one)
    else:
        chosen.append(one)


async def all_stores(menu: Menu) -> None:
    menu.data.update(tags=[], stores=[])
    await _go_on(menu)


async def only_these(menu: Menu) -> None:
    if scope_of(menu) is None:
        raise Conflict(NONE_LEFT)
    await _go_on(menu)


async def _go_on(menu: Menu) -> None:
    if not asked(menu):
        await menu.go(Joining.lifetime)
        return
    given = menu.given
    role = Role.named(given["role"])
    name = await menu.use(GrantAccess)(menu.actor, given["telegram_id"], role, scope_of(menu), locale=given["locale"])
    menu.note(let_in(name, role))
    await menu.home()


def scope_of(menu: Menu) -> StoreScope | None:
    """Return what is chosen; nothing at all means all stores."""
    tags, stores = menu.data.get("tags", []), menu.data.get("stores", [])
    return StoreScope(tuple(tags), tuple(stores)) if tags or stores else None


async def back_from_stores(menu: Menu) -> None:
    if asked(menu):
        await menu.home()
    else:
        await menu.go(Joining.role)


async def make(menu: Menu, number: int) -> None:
    if number >= len(LIFETIMES):
        raise StaleButton
    if not menu.talk.private:
        raise BadInput(T("Others read along here. Make the link in our private chat."))
    role = Role.named(menu.data["role"])
    made = await menu.use(InvitePerson)(menu.actor, role, scope_of(menu), lifetime=LIFETIMES[number])
    menu.data["code"] = made.code
    menu.data["until"] = made.expires_at.isoformat()
    await menu.go(Joining.made)


async def refuse_with_word(menu: Menu, text: str) -> None:
    given = menu.given
    refuse = await menu.get(RefuseAccess)
    name = await refuse(menu.actor, given["telegram_id"], locale=given["locale"], comment=text)
    menu.note(turned_down(name))
    await menu.home()
