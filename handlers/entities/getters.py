"""What the windows around entities show."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.access import Permission, Role
from core.clock import Clock
from core.configuration.stored import Fields
from core.configuration.wanted import Section
from core.connections.waiting import waits
from core.entities.bulk import ForetellSender
from core.entities.history import ShowDifference, ShowHistory, VersionLine
from core.entities.removing import ForetellDeletion, ForetellSwitchOff
from core.entities.viewing import EntityView, ListEntities, ShowEntity
from core.entities.viewing import Item as Entity
from core.errors import Conflict
from core.forms.form import Line, Part
from core.forms.loading import ListKinds, OutlineForm, is_tapped
from core.history.words import author
from core.organisations.first_steps import ShowFirstSteps
from core.paging import Paging
from core.people.knowing import CLOSE
from core.texts import TN, T, Text
from handlers.commands.health import integration_lines
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import ROWS, Item, Page, headed
from handlers.dialogs.searching import listed, narrowed, search_lines
from handlers.dialogs.widths import packed
from handlers.entities.facts import facts, told, version_line
from handlers.entities.presets import COPIED, preset_items
from handlers.entities.titles import module_titles
from handlers.entities.words import WORDS, heading, kind_label, label, person_label
from handlers.forms.blaming import ways_to
from handlers.forms.differing import Teller, in_brief, teller
from handlers.forms.filling import key_of
from handlers.forms.getters import next_runs
from handlers.forms.pages import further_pages
from jobs.health import ShowHealth
from jobs.modules import FindModuleTrouble

_KEYBOARD = 8
"""Rows of a keyboard, the last one with *Back* and *Home* among them."""
_EVERY = 1_000_000
"""More versions than anything has."""
_VERSIONS = T("Type a name, a value or a day to search.")
TELLING = "tell-"
"""Leads from a channel to a job that tells it something, and from a job to a channel it tells."""


def section_of(menu: Menu) -> Section:
    return Section(menu.given["section"])


async def all_page(menu: Menu) -> Page:
    """Show the entities of one kind."""
    section = section_of(menu)
    search = menu.search()
    offers = _listed(section, searched=bool(search)) | ({"undo"} if menu.data.get("marks") else set())
    listing = await menu.use(ListEntities)(menu.actor, section, search=search, paging=menu.paging())
    if not listing.removed:
        offers.discard("removed")
    lines = search_lines(search, listing)
    if not listing.total and not search:
        lines = [WORDS[section].none]
        offers.discard("several")
    if section is Section.USERS:
        since = await ages(menu)
        items = [Item(str(one.id), person_label(one, since(one.seen_at))) for one in listing.rows]
    else:
        items = [Item(str(one.id), label(await _judged(menu, one))) for one in listing.rows]
    return Page.of(heading(section, listing.total), lines, items, listing, offers)


def _listed(section: Section, *, searched: bool) -> set[str]:
    """Return what a list offers beside its names; while it is searched, little: names need the room."""
    if section is Section.ORGANISATION:
        return set()
    if searched:
        return {"new"}
    more = {Section.STORES: {"several", "file"}, Section.USERS: {"invite"}}
    return {"new", "removed"} | more.get(section, set())


async def _judged(menu: Menu, entity: Entity) -> Entity:
    """Mark what is in order by itself, but has no module to work with."""
    return replace(entity, trouble=entity.trouble or await _module_trouble(menu, entity.fields))


async def kinds_page(menu: Menu) -> Page:
    """Ask what a new entity shall be made of."""
    section = section_of(menu)
    kinds = await menu.use(ListKinds)(menu.actor, section, menu.given.get("capability", ""))
    titles = await module_titles(menu)
    items = [*preset_items(section), *(Item(kind, kind_label(kind, titles)) for kind in kinds)]
    asked = T("Which one shall it be?") if items else T("No module for it is in use. Let one in under Modules.")
    found = listed(menu, items, "kinds")
    new = WORDS[section].new
    title = TN("{new}: {n} kind", "{new}: {n} kinds", found.total, T("{new}: no kinds", new=new), new=new)
    return Page.of(title, [asked, *search_lines(menu.search("kinds"), found)], found.rows, found)


async def one_page(menu: Menu) -> Page:
    """Show one entity: its state, and what can be done with it."""
    view = await shown(menu)
    title = T("{icon} {name}", icon=WORDS[view.section].icon, name=view.name)
    titles = await module_titles(menu) if "module" in view.fields else {}
    out_of_use = await _module_trouble(menu, view.fields)
    outline = await outlined(menu, view)
    lines = [
        *facts(replace(view, trouble=out_of_use or view.trouble), titles),
        *await _further(menu, view, outline),
        *version_line(view),
        *_tested(menu, view.version),
        *(await _health(menu, view.name) if view.section is Section.INTEGRATIONS else []),
    ]
    offers = _offers(menu, view)
    if out_of_use is not None:
        # Nothing can be tested or changed before its module is let in.
        offers = offers - {"change", "test", "on", "renew"} | {"modules"}
    if view.section is Section.ORGANISATION and await _put_away(menu):
        offers.add("steps")
    items, widths = await _straight_to(menu, view, outline, offers)
    return Page(title, lines, items, offers=frozenset(offers), widths=widths)


async def _further(menu: Menu, view: EntityView, outline: list[Line]) -> list[Text]:
    """Return what is told of a person or a job besides: when they wrote last, when it runs next, for whom."""
    match view.section:
        case Section.USERS:
            seen = T("Last activity: {ago}", ago=(await ages(menu))(view.seen_at))
            return [seen, *told(outline, view, "stores", "may_release")]
        case Section.JOBS:
            runs = await next_runs(menu, view.fields["schedule"] if view.on else None)
            return [*runs, *told(outline, view, "stores", "notify")]
        case _:
            return []


async def _put_away(menu: Menu) -> bool:
    """Tell whether the person took the first steps off the home menu before all were done."""
    steps = await menu.use(ShowFirstSteps)(menu.actor)
    return steps.put_away and bool(steps.left)


async def outlined(menu: Menu, view: EntityView) -> list[Line]:
    """Return the fields of an entity's form."""
    found: list[Line] = await menu.use(OutlineForm)(menu.actor, view)
    return found


async def _straight_to(
    menu: Menu, view: EntityView, outline: list[Line], offers: set[str]
) -> tuple[list[Item], list[int]]:
    """Return the form's further pages, its fields that are tapped, and the jobs of a channel or channels of a job.

    What a failed test points at goes before them.

    There are as many as a keyboard has room for: the other fields are behind *Change*, and whom a job tells is
    changed from the page of either.
    """
    mending = _rows(menu, ways_to(to_mend(menu, view, outline) if "change" in offers else []))
    pages = [Item(page.key, page.label) for page in further_pages(outline, menu.talk.translator)]
    parts = [line.part for line in outline if is_tapped(line.part.field)]
    fields = [Item(key_of(part.path), part.field.label) for part in parts]
    others = await _telling(menu, view)
    telling = _rows(menu, [Item(f"{TELLING}{one.id}", T("🔔 {name}", name=one.name)) for one in others])
    apart, together = _rows(menu, pages) + _rows(menu, fields), _rows(menu, [*pages, *fields])
    if view.section is Section.JOBS:
        if len(telling) == 1 and len(together) < _room(offers - {"notify"}):
            # All channels are in one row: it takes the place of the button that leads to them.
            offers.discard("notify")
        else:
            telling = []
    room = _room(offers) - len(mending)
    rows = apart if len(apart) <= room - (len(telling) if view.section is Section.JOBS else 0) else together
    rows = [*mending, *[*rows, *telling][: max(room, 0)]]
    return [item for row in rows for item in row], [len(row) for row in rows]


def _room(offers: Collection[str]) -> int:
    """Return for how many rows a keyboard has room beside its verbs."""
    return max(_KEYBOARD - -(-len(offers) // 2) - 1, 0)


async def _telling(menu: Menu, view: EntityView) -> Sequence[Entity]:
    """Return the jobs of a channel, or the channels of a job: a job's only one is what *Who is told* opens anyway."""
    others = {Section.CHANNELS: Section.JOBS, Section.JOBS: Section.CHANNELS}.get(view.section)
    if others is None:
        return []
    found = (await menu.use(ListEntities)(menu.actor, others, paging=Paging(size=ROWS))).rows
    return found if others is Section.JOBS or len(found) > 1 else []


def _rows(menu: Menu, items: list[Item]) -> list[list[Item]]:
    return packed(items, lambda item: menu.talk.translator(item.label))


async def _module_trouble(menu: Menu, fields: Fields) -> Text | None:
    """Say why the module of an integration or channel cannot be used; None if it can, or where there is none."""
    if "module" not in fields:
        return None
    found: Text | None = await menu.use(FindModuleTrouble)(menu.actor, str(fields["module"]))
    return found


def _offers(menu: Menu, view: EntityView) -> set[str]:
    """Return what can be done with an entity."""
    offers = {"change", "history"}
    offers |= {"export", "import", "modules", "audit"} if view.section is Section.ORGANISATION else {"more"}
    if view.section is not Section.USERS and view.section is not Section.ORGANISATION:
        offers.add(_switch(view))
    if view.section is Section.USERS:
        offers |= _about_person(menu, view)
    if view.section is Section.JOBS:
        offers |= {"schedule", "notify", *(("run",) if view.on and menu.actor.may(Permission.RUN) else ())}
    if view.section in (Section.INTEGRATIONS, Section.CHANNELS):
        offers.add("test")
    if waits(view.trouble):
        offers = offers - {"on"} | {"renew"}
    elif view.trouble is not None and view.section is Section.INTEGRATIONS:
        offers |= {"renew", "again"}
    if menu.data.get("mark"):
        offers.add("undo")
    return offers


def _about_person(menu: Menu, view: EntityView) -> set[str]:
    """Return what can be done to somebody else: kept out or let in again, and an owner may void their PIN."""
    if view.id == menu.actor.person_id:
        return set()
    offers = {"unblock" if view.fields["blocked"] else "block"}
    voids = menu.actor.role is Role.OWNER and Role.named(view.fields["role"]) >= Role.ADMIN
    return offers | {"forget_pin"} if voids else offers


async def ages(menu: Menu) -> Callable[[datetime | None], Text]:
    """Return what says how long ago something was, in the reader's language."""
    now = (await menu.get(Clock)).now()

    def since(at: datetime | None) -> Text:
        if at is None:
            return T("not seen yet")
        return T("{ago}", ago=menu.talk.translator.ago(now - at)) if now - at >= CLOSE else T("just now")

    return since


def _switch(view: EntityView) -> str:
    """Return the way to turn an entity off or on; jobs pause, for their history and place stay."""
    if view.section is Section.JOBS:
        return "pause" if view.on else "resume"
    return "off" if view.on else "on"


async def more_page(menu: Menu) -> Page:
    """Offer what is needed seldom: a copy, the audit, and to delete it."""
    view = await shown(menu)
    copied = view.section in COPIED and await _module_trouble(menu, view.fields) is None
    return Page(
        T("{icon} {name}", icon=WORDS[view.section].icon, name=view.name), offers=frozenset({"copy"} if copied else ())
    )


async def delete_page(menu: Menu) -> Page:
    """Say what deleting would mean, in numbers, or what is in its way."""
    view = await shown(menu)
    title = T("🗑 Delete “{name}”?", name=view.name)
    try:
        lines = await menu.use(ForetellDeletion)(menu.actor, view.section, view.id)
    except Conflict as in_use:
        return Page(title, [in_use.text])
    return Page(title, [*lines, T("This can be undone later.")], offers=frozenset({"yes"}))


async def off_page(menu: Menu) -> Page:
    """Say what switching a store off would mean, in numbers."""
    view = await shown(menu)
    lines = await menu.use(ForetellSwitchOff)(menu.actor, [view.id])
    return Page(T("💤 Switch “{name}” off?", name=view.name), lines)


async def off_several_page(menu: Menu) -> Page:
    """Say what switching the chosen stores off would mean, in numbers."""
    chosen = menu.data.get("chosen", [])
    lines = await menu.use(ForetellSwitchOff)(menu.actor, chosen)
    return Page(TN("💤 Switch {n} store off?", "💤 Switch {n} stores off?", len(chosen)), lines)


async def history_page(menu: Menu) -> Page:
    view = await shown(menu)
    menu.about(view.id, "versions")
    words, tell = menu.search("versions"), await teller(menu, view.section, view.id)
    paging = Paging(size=_EVERY) if words else menu.paging("versions")
    history = await menu.use(ShowHistory)(menu.actor, view.section, view.id, paging)
    if words:
        history = narrowed(menu, history.rows, lambda line: _version(line, tell), "versions")
    items = [Item(str(line.number), T("Version {number}", number=str(line.number))) for line in history.rows]
    lines = [text for line in history.rows for text in _version(line, tell)]
    if not lines and not words:
        lines = [T("Nothing of it was ever changed.")]
    none = T("📜 {name}: no versions", name=view.name)
    title = TN("📜 {name}: {n} version", "📜 {name}: {n} versions", history.total, none, name=view.name)
    return Page.of(title, [*lines, *search_lines(words, history, _VERSIONS)], items, history)


async def version_page(menu: Menu) -> Page:
    """Show what going back to a version would change."""
    view = await shown(menu)
    number = int(menu.data.get("version") or menu.given["version"])
    difference = await menu.use(ShowDifference)(menu.actor, view.section, view.id, number)
    lines = (await teller(menu, view.section, view.id))(difference.back)
    title = T("⏪ “{name}”: back to version {number}?", name=view.name, number=str(number))
    same = [T("It is the same as today.")]
    return Page(title, lines or same, offers=frozenset({"roll_back"} if lines else ()))


async def removed_page(menu: Menu) -> Page:
    """Show what was deleted and can come back."""
    section, words, paging = section_of(menu), menu.search("removed"), menu.paging("removed")
    entities = await menu.get(ListEntities)
    listing = await entities(menu.actor, section, search=words, paging=paging, removed=True)
    items = [Item(str(one.id), T("♻️ {name}", name=one.name)) for one in listing.rows]
    lines = [T("Tap one to bring it back.")] if items or words else [T("Nothing was deleted.")]
    title = headed(T("🗑 Deleted · {kind}", kind=WORDS[section].several), listing.total)
    return Page.of(title, [*lines, *search_lines(words, listing)], items, listing)


async def several_page(menu: Menu) -> Page:
    """Let stores be ticked off, to change them all at once."""
    search = menu.search()
    listing = await menu.use(ListEntities)(menu.actor, Section.STORES, search=search, paging=menu.paging())
    chosen = set(menu.data.get("chosen", []))
    items = [Item(str(one.id), _tick(one, chosen=one.id in chosen)) for one in listing.rows]
    offers = {"activate", "deactivate", "tag", "sender"} if chosen else set()
    offers |= {"undo"} if menu.data.get("marks") else set()
    title = T("🏪 Stores chosen: {n}", n=len(chosen)) if chosen else heading(Section.STORES, listing.total)
    hint = T("Type to search, for example a tag.")
    lines = [T("Tap the stores, then what shall be done."), *search_lines(search, listing, hint)]
    return Page.of(title, lines, items, listing, {*offers, "tick_all"})


async def tag_page(menu: Menu) -> Page:
    chosen = len(menu.data.get("chosen", []))
    lines = [
        T("Type the tags that the chosen stores shall have, separated by commas."),
        T("A minus takes one from them: “south, -north” gives one and takes the other."),
    ]
    return Page(TN("🏷 Tag {n} store", "🏷 Tag {n} stores", chosen), lines)


async def sender_page(menu: Menu) -> Page:
    """Ask who shall send to the chosen stores, and say what that means."""
    chosen = menu.data.get("chosen", [])
    lines = [
        *await menu.use(ForetellSender)(menu.actor, chosen),
        T("Where Chimera sends, the next run sends the discounts; what the old system has live waits for a person."),
        T("Where the old system sends, runs work everything out, compare it, and send nothing."),
    ]
    return Page(TN("🔀 Who shall send to {n} store?", "🔀 Who shall send to {n} stores?", len(chosen)), lines)


async def shown(menu: Menu) -> EntityView:
    """Return the entity that the dialog is about."""
    view: EntityView = await menu.use(ShowEntity)(
        menu.actor, section_of(menu), int(menu.data.get("entity_id") or menu.given["entity_id"])
    )
    return view


async def _health(menu: Menu, name: str) -> list[Text]:
    """Say how an integration did since the start: its last calls, their success, its limits."""
    found = await menu.use(ShowHealth)(menu.actor)
    return [line for one in found.integrations if one.name == name for line in integration_lines(one, menu.talk.zone)]


def _last_test(menu: Menu, version: int) -> dict[str, Any]:
    """Return the last test; nothing of one of settings that were changed since."""
    tested: dict[str, Any] = menu.data.get("tested") or {}
    return tested if tested.get("version") == version else {}


def _tested(menu: Menu, version: int) -> list[Text]:
    """Return what the last test came to."""
    return [Text.from_json(line) for line in _last_test(menu, version).get("lines", [])]


def to_mend(menu: Menu, view: EntityView, outline: list[Line]) -> list[Part]:
    """Return the fields that the last test points at, where it failed."""
    paths = [tuple(path) for path in _last_test(menu, view.version).get("mend", [])]
    parts = {line.part.path: line.part for line in outline}
    return [parts[path] for path in paths if path in parts]


def _version(line: VersionLine, tell: Teller) -> list[Text]:
    who = author(line.author) if line.author else T("as it was before")
    head = T("{number}. {author}, {at}", number=str(line.number), author=who, at=line.at)
    if line.reason is not None:
        head = T("{head}: {reason}", head=head, reason=line.reason)
    return [head, *in_brief(tell(line.difference))]


def _tick(store: Entity, *, chosen: bool) -> Text:
    return T("{mark} {name}", mark="☑️" if chosen else "▫️", name=store.name)
