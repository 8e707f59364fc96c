"""What the windows around letting people in show."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from core.access import Role
from core.clock import Clock, local_date
from core.entities.viewing import Item as Store
from core.errors import NotFound
from core.people.invitations import ListInvitations, OpenInvitation
from core.people.words import ROLES, shortened
from core.texts import TN, T, Text
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Item, Page, headed
from handlers.dialogs.searching import listed, search_lines
from handlers.forms.filling import key_of
from handlers.joining.actions import all_stores_of, asked, limited, tags_of
from handlers.links import private_link

_ALL = T("all stores")
_TITLE = T("🔗 Invitation links")
_FOLLOWED = T("A tag stands for whatever stores have it: those that get it later belong to it too.")
_ROLES: dict[Role, Text] = {
    Role.VIEWER: T("👀 Viewer: looks, changes nothing"),
    Role.MANAGER: T("🏪 Manager: runs and pauses"),
    Role.ADMIN: T("🛠 Admin: sets everything up"),
}
_LIFETIMES = (T("1 hour"), T("1 day"), T("7 days"))


async def links_page(menu: Menu) -> Page:
    links = await menu.use(ListInvitations)(menu.actor)
    now = (await menu.get(Clock)).now()
    labels = _labels(links, now, menu.talk.zone)
    found = listed(menu, [Item(str(link.id), label) for link, label in zip(links, labels, strict=True)], "links")
    lines = [T("Each link lets one person in, with the role and the stores that you choose.")]
    if not links:
        lines.append(T("No link is open."))
    lines += search_lines(menu.search("links"), found, T("Type a role or a time to search."))
    return Page.of(headed(_TITLE, found.total), lines, found.rows, found)


async def link_page(menu: Menu) -> Page:
    links = await menu.use(ListInvitations)(menu.actor)
    link = next((one for one in links if one.id == menu.data["link"]), None)
    if link is None:
        return Page(_TITLE, [T("That link is no longer open.")])
    lines = [
        T("Role: {role}", role=ROLES[link.role]),
        T("Stores: {stores}", stores=_ALL if link.stores is None else shortened(link.stores)),
        T("Made by {name} at {made}.", name=link.invited_by, made=link.created_at),
        T("Good until {at}.", at=link.expires_at),
    ]
    return Page(_TITLE, lines, offers=frozenset({"revoke"}))


async def role_page(menu: Menu) -> Page:
    items = [Item(role.key, label) for role, label in _ROLES.items() if role <= menu.actor.role]
    return Page(T("🔗 New link"), [T("Which role shall the person have?")], items)


async def stores_page(menu: Menu) -> Page:
    """Let stores and tags be ticked off."""
    stores = await all_stores_of(menu)
    found = listed(menu, _ticks(menu, stores))
    chosen = len(menu.data.get("tags", [])) + len(menu.data.get("stores", []))
    lines = [_for_which(menu), T("Tap stores or tags, or take all stores.")]
    if chosen:
        lines.append(TN("{n} is chosen.", "{n} are chosen.", chosen))
    lines += [*_about_tags(menu), *search_lines(menu.search(), found)]
    title = headed(T("🏪 Stores and tags"), found.total)
    return Page.of(title, lines, found.rows, found, {"done"} if chosen else {"all"})


def _for_which(menu: Menu) -> Text:
    role = ROLES[Role.named(menu.data["role"])]
    if asked(menu):
        return T("{name} as {role}: for which stores?", name=menu.given["name"], role=role)
    return T("A {role}: for which stores?", role=role)


def _ticks(menu: Menu, stores: Sequence[Store]) -> list[Item]:
    """Return tags and stores to tick off."""
    tags, ids = menu.data.get("tags", []), menu.data.get("stores", [])
    of_tags = [Item(f"t{key_of(tag)}", _tick(f"🏷 {tag}", on=tag in tags)) for tag in tags_of(stores)]
    of_stores = [Item(f"s{one.id}", _tick(one.name, on=one.id in ids)) for one in stores]
    return of_tags + of_stores


def _tick(name: str, *, on: bool) -> Text:
    return T("{mark} {name}", mark="☑️" if on else "▫️", name=name)


async def lifetime_page(menu: Menu) -> Page:
    items = [Item(str(number), label) for number, label in enumerate(_LIFETIMES)]
    role = ROLES[Role.named(menu.data["role"])]
    lines = [T("Role: {role}", role=role), T("Stores: {stores}", stores=await _chosen(menu))]
    return Page(T("🔗 How long is the link valid?"), [*lines, *_about_tags(menu)], items)


async def made_page(menu: Menu) -> Page:
    """Show the link, the only time that it can be seen."""
    if not menu.talk.private or "code" not in menu.data:
        raise NotFound(T("That link cannot be shown again. Make a new one."))
    role = ROLES[Role.named(menu.data["role"])]
    lines = [
        T("{link}", link=await _link(menu)),
        T("It lets one person in, as {role}, for {stores}.", role=role, stores=await _chosen(menu)),
        T("It is valid until {at}.", at=datetime.fromisoformat(menu.data["until"])),
        T("I keep no copy of it, so send it now. It can be revoked here as long as nobody used it."),
    ]
    return Page(T("🔗 The link is ready"), lines)


async def share_address(menu: Menu) -> str:
    """Return the address at which Telegram asks whom the link shall go to."""
    return f"https://t.me/share/url?{urlencode({'url': await _link(menu)})}"


async def _link(menu: Menu) -> str:
    return await private_link(menu.bot, f"join-{menu.data['code']}")


async def word_page(menu: Menu) -> Page:
    lines = [T("Type what {name} shall be told, in one message.", name=menu.given["name"])]
    return Page(T("🚫 Refuse, with a word"), lines)


def _about_tags(menu: Menu) -> list[Text]:
    return [_FOLLOWED] if menu.data.get("tags") else []


async def _chosen(menu: Menu) -> Text:
    tags, ids = menu.data.get("tags", []), menu.data.get("stores", [])
    if not limited(menu) or not (tags or ids):
        return _ALL
    names = [f"🏷 {tag}" for tag in tags] + [one.name for one in await all_stores_of(menu) if one.id in ids]
    return shortened(names)


def _labels(links: Sequence[OpenInvitation], now: datetime, zone: ZoneInfo) -> list[Text]:
    """Return each link in the line of a button; those that look alike with what tells them apart."""
    plain = [_label(link, now, zone) for link in links]
    alike = [[one for one, other in zip(links, plain, strict=True) if other == label] for label in plain]
    return [
        T("{link} · {apart}", link=label, apart=_apart(link, among, now, zone)) if len(among) > 1 else label
        for link, label, among in zip(links, plain, alike, strict=True)
    ]


def _apart(link: OpenInvitation, alike: Sequence[OpenInvitation], now: datetime, zone: ZoneInfo) -> Text:
    """Return what only this one of the links has: who made it, when, for which store; else its place among them."""

    def told(one: OpenInvitation) -> tuple[Text, ...]:
        store = T("{store}", store=next(iter(one.stores or ()), ""))
        return T("{name}", name=one.invited_by), _moment(one.created_at, now, zone), store

    columns: list[tuple[Text, ...]] = list(zip(*map(told, alike), strict=True))
    for of_all in columns:
        if all(of_all.count(one) == 1 for one in of_all):
            return of_all[alike.index(link)]
    return T("{n}", n=alike.index(link) + 1)


def _moment(instant: datetime, now: datetime, zone: ZoneInfo) -> Text:
    """Return a moment, short; today needs no date."""
    at = instant.astimezone(zone)
    if at.date() == local_date(now, zone):
        return T("{time}", time=at.time())
    return T("{month}/{day}, {time}", month=f"{at:%m}", day=f"{at:%d}", time=at.time())


def _label(link: OpenInvitation, now: datetime, zone: ZoneInfo) -> Text:
    """Return a link in the line of a button; one for all stores does not count them."""
    role, until = ROLES[link.role], _moment(link.expires_at, now, zone)
    if link.stores is None:
        return T("{role}, until {at}", role=role, at=until)
    stores = TN("{n} store", "{n} stores", len(link.stores), T("no stores"))
    return T("{role}, {stores}, until {at}", role=role, stores=stores, at=until)
