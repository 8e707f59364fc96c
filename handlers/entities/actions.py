"""What the buttons around entities do."""

from collections.abc import Sequence

from core.clock import Clock
from core.configuration.editing import Edited
from core.configuration.exporting import ExportDocument
from core.configuration.wanted import Section
from core.connections.trying_again import TryAgain
from core.connections.waiting import waits
from core.entities.bulk import ChangeStores, StoreChange
from core.entities.history import Mark, Undo
from core.entities.saving import SaveEntity
from core.entities.viewing import EntityView, ListEntities, ShowEntity
from core.forms.form import Form
from core.forms.loading import ListKinds, LoadForm, is_tapped
from core.forms.parsing import split_list
from core.forms.renewing import FindSecret
from core.texts import TN, T, Text
from handlers.audit.states import Audit
from handlers.dialogs.area import StaleButton, number_tapped
from handlers.dialogs.menu import Menu
from handlers.dialogs.places import Home
from handlers.dialogs.widgets import Act
from handlers.documents.exporting import exported
from handlers.entities.deeds import remember
from handlers.entities.getters import TELLING, outlined, section_of, shown, to_mend
from handlers.entities.presets import PRESETS, begin, copy
from handlers.entities.states import Entities
from handlers.forms.blaming import blamed, stored_secrets
from handlers.forms.filling import key_of
from handlers.forms.pages import further_pages
from handlers.forms.states import Form as FormWindows
from handlers.menu.modules.states import Modules
from jobs.modules import ListModules
from jobs.trying import Blame, Tried, TryConnection


def listing(section: Section) -> Act:
    """Return the way to the list of a kind."""

    async def open_list(menu: Menu) -> None:
        await menu.open(Entities.all, section=section.value)

    return open_list


async def chain(menu: Menu) -> None:
    """Open the settings of the organisation itself."""
    home = menu.actor.organisation_id
    await menu.open(Entities.one, section=Section.ORGANISATION.value, entity_id=home)


async def run_job(menu: Menu) -> None:
    """Offer to run the job that is shown, as the home menu does."""
    await menu.open(Home.job, job=menu.data["entity_id"])


async def export(menu: Menu) -> Text | None:
    """Bring the configuration as a file, in a message below."""
    menu.talk.send(await exported(menu.talk, await menu.get(ExportDocument), await menu.get(Clock)))
    return T("The file is below.") if menu.talk.private else None


async def modules(menu: Menu) -> None:
    """Open the modules; of an integration or channel its own one, where that is there at all."""
    view = await shown(menu)
    known = {row.slug for row in await menu.use(ListModules)(menu.actor)}
    if view.fields.get("module") in known:
        await menu.open(Modules.one, module=view.fields["module"])
    else:
        await menu.open(Modules.all)


async def pick(menu: Menu, entity_id: str) -> None:
    menu.data["entity_id"] = number_tapped(entity_id)
    for name in ("tested", "mark", "marks"):
        menu.data.pop(name, None)
    await menu.go(Entities.one)


async def new(menu: Menu) -> None:
    """Begin a new entity; where it can be made of several things, ask which first."""
    section = section_of(menu)
    kinds = await menu.use(ListKinds)(menu.actor, section)
    if kinds:
        await menu.go(Entities.kinds)
    else:
        await menu.open(FormWindows.page, section=section.value)


async def audit(menu: Menu) -> None:
    """Open the audit of one entity; from the settings of the chain, that of everything."""
    view = await shown(menu)
    if view.section is Section.ORGANISATION:
        await menu.open(Audit.entries)
        return
    await menu.open(Audit.entries, section=view.section.value, entity_id=view.id)


async def pick_kind(menu: Menu, kind: str) -> None:
    # Back from the form leads to the list, where the new entity stands then.
    await menu.go(Entities.all)
    if kind in PRESETS:
        await begin(menu, PRESETS[kind])
        return
    await menu.open(FormWindows.page, section=section_of(menu).value, kind=kind)


async def change(menu: Menu) -> None:
    view = await shown(menu)
    await menu.open(FormWindows.page, section=view.section.value, entity_id=view.id)


async def clone(menu: Menu) -> None:
    """Begin a new entity like this one."""
    await copy(menu, await shown(menu))


def change_field(name: str) -> Act:
    """Return the way to one field of the form."""

    async def open_field(menu: Menu) -> None:
        view = await shown(menu)
        await menu.open(FormWindows.page, section=view.section.value, entity_id=view.id, field=[name])

    return open_field


async def pick_choice(menu: Menu, key: str) -> None:
    """Open a form at one of its pages, or at a field that is tapped: from the menu it is five taps to have it saved."""
    view = await shown(menu)
    if key.startswith(TELLING):
        await _open_rules(menu, view, number_tapped(key.removeprefix(TELLING)))
        return
    about = {"section": view.section.value, "entity_id": view.id}
    outline = await outlined(menu, view)
    for page in further_pages(outline, menu.talk.translator):
        if page.key == key:
            await menu.open(FormWindows.page, **about, at=page.number, advanced=page.advanced)
            return
    for line in outline:
        if key_of(line.part.path) == key and (is_tapped(line.part.field) or line.part in to_mend(menu, view, outline)):
            await menu.open(FormWindows.page, **about, field=list(line.part.path))
            return
    raise StaleButton


async def _open_rules(menu: Menu, view: EntityView, other: int) -> None:
    """Open what a job tells a channel, from the page of either."""
    job_id, channel = other, view.name
    if view.section is Section.JOBS:
        job_id, channel = view.id, (await menu.use(ShowEntity)(menu.actor, Section.CHANNELS, other)).name
    await menu.open(FormWindows.rules, section=Section.JOBS.value, entity_id=job_id, field=["notify"], channel=channel)


async def renew(menu: Menu) -> None:
    """Open the form at its secret, and nothing else: what an expired or refused credential needs."""
    view = await shown(menu)
    field = await menu.use(FindSecret)(menu.actor, view.section, view.id)
    about = {"section": view.section.value, "entity_id": view.id, "field": list(field)}
    # What only waited for it goes on with it.
    await menu.open(FormWindows.page, **about, preset={"enabled": True} if waits(view.trouble) else {})


async def try_again(menu: Menu) -> Text:
    """Let an integration go on with the credentials it has."""
    view = await shown(menu)
    await menu.use(TryAgain)(menu.actor, view.id)
    return T("“{name}” goes on. A login that is refused again stops it again.", name=view.name)


async def test(menu: Menu) -> None:
    view = await shown(menu)
    tried: Tried = await menu.use(TryConnection)(menu.actor, view.section, view.id, view.fields)
    verdict = T("✅ The test went well.") if tried.good else T("❌ The test failed.")
    lines = [line.to_json() for line in (verdict, *tried.lines)]
    mend = await _to_mend(menu, view, tried.blames) if tried.blames is not None else []
    menu.data["tested"] = {"version": view.version, "lines": lines, "mend": mend}


async def _to_mend(menu: Menu, view: EntityView, blame: Blame) -> list[list[str | int]]:
    """Return the paths of the fields that a failed test points at, as the form would show them."""
    loaded = await menu.use(LoadForm)(menu.actor, view.section, view.id)
    parts = Form(loaded.parts, loaded.start, loaded.options).parts()
    return [list(part.path) for part in blamed(blame, parts, stored_secrets(view))]


def switch(*, on: bool) -> Act:
    """Return the way to switch an entity on or off."""

    async def turn(menu: Menu) -> Text:
        view = await shown(menu)
        key = "active" if view.section is Section.STORES else "enabled"
        edited: Edited = await menu.use(SaveEntity)(menu.actor, view.section, view.id, {key: on})
        remember(menu, edited)
        await menu.go(Entities.one)
        if view.section is Section.JOBS and not on:
            return T("“{name}” is paused: it does not run until somebody resumes it.", name=view.name)
        return T("“{name}” is switched on.", name=view.name) if on else T("“{name}” is switched off.", name=view.name)

    return turn


async def switch_off(menu: Menu) -> Text | None:
    """Switch an entity off; of a store, ask first: discounts may be live in it."""
    if section_of(menu) is not Section.STORES:
        return await switch(on=False)(menu)
    await menu.go(Entities.off)
    return None


async def pick_version(menu: Menu, number: str) -> None:
    menu.data["version"] = number_tapped(number)
    await menu.go(Entities.version)


async def tick(menu: Menu, entity_id: str) -> None:
    chosen: list[int] = menu.data.setdefault("chosen", [])
    number = number_tapped(entity_id)
    if number in chosen:
        chosen.remove(number)
    else:
        chosen.append(number)


async def tick_all(menu: Menu) -> None:
    """Choose everything that the search found, or nothing if all of it is chosen already."""
    found = await menu.use(ListEntities)(menu.actor, Section.STORES, search=menu.search())
    every = [one.id for one in found.rows]
    menu.data["chosen"] = [] if set(every) <= set(menu.data.get("chosen", [])) else every


def changing(change_: StoreChange) -> Act:
    """Return the way to change the chosen stores."""

    async def act(menu: Menu) -> Text:
        note = await change_stores(menu, change_)
        await menu.go(Entities.several)
        return note

    return act


async def change_stores(menu: Menu, change_: StoreChange, tags: Sequence[str] = ()) -> Text:
    chosen = menu.data.get("chosen", [])
    edited: list[Edited] = await menu.use(ChangeStores)(menu.actor, chosen, change_, tags)
    menu.data["marks"] = [[one.id, one.version] for one in edited]
    none = T("No store was changed: they were like that already.")
    return TN("{n} store was changed.", "{n} stores were changed.", len(edited), none)


async def typed_tag(menu: Menu, text: str) -> Text:
    """Tag the chosen stores with all that was typed; a minus before a tag takes it from them."""
    note = await change_stores(menu, StoreChange.TAG, split_list(text))
    await menu.go(Entities.several)
    return note


async def from_file(menu: Menu) -> None:
    """Ask for a file; one that was sent before is not meant any more."""
    menu.data.pop("file", None)
    await menu.go(Entities.file)


async def undo_several(menu: Menu) -> Text:
    marks = [Mark(entity_id, version) for entity_id, version in menu.data.pop("marks")]
    await menu.use(Undo)(menu.actor, Section.STORES, marks)
    return TN("Taken back for {n} store.", "Taken back for {n} stores.", len(marks))
