"""What the buttons of a form do."""

from core.access import Actor
from core.configuration.editing import Edited
from core.configuration.plan import Kind as Change
from core.configuration.problems import BadFields
from core.configuration.wanted import Section
from core.entities.history import Mark, Undo
from core.entities.reaching import Outdated
from core.entities.saving import SaveEntity
from core.errors import BadInput
from core.forms.fields import Kind, Path
from core.forms.form import Part
from core.texts import T, Text
from handlers.confirming.asking import guarded
from handlers.dialogs.area import StaleButton
from handlers.dialogs.menu import Menu
from handlers.entities.states import Entities
from handlers.forms.connecting import connect
from handlers.forms.differing import told, told_of
from handlers.forms.filling import CONNECTED, KEY, Filling, key_of, load
from handlers.forms.mending import mending
from handlers.forms.picking import find_pick, kinds_of, take
from handlers.forms.states import Form
from handlers.forms.words import GONE
from handlers.menu.home.actions import start_job
from jobs.trying import TryConnection

_INSIDE = (Kind.MODELS, Kind.MODEL)
_WINDOWS = {Kind.SCHEDULE: Form.schedule, Kind.RULES: Form.rules, Kind.TEMPLATES: Form.words}
"""Kinds that have a window of their own; the others share one."""


async def open_form(menu: Menu) -> None:
    """Begin: a new entity with its first question, a known one with its page, *Renew* with its field.

    What begins filled in begins with its summary.
    """
    filling = await Filling.of(menu)
    menu.turn(menu.given.get("at", 0), "fields")
    if filling.part is not None and filling.part.field.kind in _INSIDE:
        await turn_to(menu, filling, filling.part)
    elif filling.part is not None or filling.next():
        await _go_to_field(menu, filling)
        filling.state["channel"] = menu.given.get("channel")
    elif filling.changed:
        await menu.go(Form.summary)


async def pick_field(menu: Menu, key: str) -> None:
    """Turn to the field that was tapped; a switch is turned at once."""
    filling = await Filling.of(menu)
    if filling.state["removing"]:
        _remove(filling, key)
        return
    part = filling.form.part(filling.page) if filling.page else None
    for kind in kinds_of(part) if part is not None else ():
        if kind.key == key:
            await _add(menu, filling, kind.value)
            return
    for line in filling.form.lines(filling.page):
        if key_of(line.part.path) == key:
            await turn_to(menu, filling, line.part)
            return
    raise BadInput(GONE)


async def turn_to(menu: Menu, filling: Filling, part: Part) -> None:
    menu.turn(0, "picks")
    filling.state["search"] = ""
    if part.field.kind is Kind.TOGGLE:
        filling.put(part, not filling.form.get(part.path))
        await after_value(menu, filling)
    elif part.field.kind in _INSIDE:
        filling.page = part.path
        filling.state["advanced"] = False
        menu.turn(0, "fields")
        await menu.go(Form.page)
    else:
        filling.edit(part)
        await _go_to_field(menu, filling)


async def pick_problem(menu: Menu, key: str) -> None:
    """From the summary, turn to a field that needs another look."""
    filling = await Filling.of(menu)
    parts = (line.part for line in filling.form.everywhere())
    found = next((part for part in parts if key_of(part.path) == key), None)
    if found is not None:
        await turn_to(menu, filling, found)
    else:
        await menu.go(Form.page)


async def pick_value(menu: Menu, key: str) -> None:
    filling = await Filling.of(menu)
    part = filling.part
    if part is None:
        await menu.go(Form.page)
        return
    pick = find_pick(filling, part, key, menu.talk.chat.locale)
    if isinstance(pick.value, Part):
        await turn_to(menu, filling, pick.value)
        return
    done = take(filling, part, pick)
    if part.field.kind is Kind.UNION:
        await _inside(menu, filling)
    elif done:
        await after_value(menu, filling)


async def _inside(menu: Menu, filling: Filling) -> None:
    """Ask for what the kind that was chosen needs; a known entity whose kind needs nothing can be saved."""
    needed = [
        one for one in filling.form.parts(filling.page) if one.field.required and not filling.form.given(one.path)
    ]
    if filling.next():
        filling.page = ()
        await _go_to_field(menu, filling)
    elif needed:
        await turn_to(menu, filling, needed[0])
    else:
        await menu.go(Form.page if filling.new else Form.summary)


async def value_done(menu: Menu) -> None:
    """Go on with what stands there; a new entity is not asked for it again."""
    filling = await Filling.of(menu)
    if filling.new:
        filling.skip()
    await after_value(menu, filling)


async def clear(menu: Menu) -> None:
    filling = await Filling.of(menu)
    if filling.part is not None:
        filling.clear(filling.part)
    await after_value(menu, filling)


async def connect_one(menu: Menu) -> None:
    """Connect what the field asks for and nothing offers; *back* leads here again, where it can be tapped then."""
    filling = await Filling.of(menu)
    if filling.part is not None:
        await connect(menu, filling.part.field.refers)


async def use_here(menu: Menu) -> None:
    """Take the chat, or the topic, that the menu is in."""
    filling = await Filling.of(menu)
    part = filling.part
    if part is not None:
        chat = menu.talk.chat
        filling.put(part, chat.thread_id if part.field.kind is Kind.TOPIC else chat.chat_id)
        topics = [one for one in filling.loaded.parts if one.field.kind is Kind.TOPIC]
        if part.field.kind is Kind.CHAT and topics:
            filling.put(topics[0], chat.thread_id)
    await after_value(menu, filling)


async def skip(menu: Menu) -> None:
    filling = await Filling.of(menu)
    filling.skip()
    await after_value(menu, filling)


async def after_value(menu: Menu, filling: Filling) -> None:
    """Go on once a field is filled in: to the next question of a new entity, else to the summary."""
    filling.state["search"] = ""
    if filling.next():
        await _go_to_field(menu, filling)
    elif (secret := await _secret_in_the_way(menu, filling)) is not None:
        filling.edit(secret)
        await _go_to_field(menu, filling)
    else:
        await menu.go(Form.summary)


async def _secret_in_the_way(menu: Menu, filling: Filling) -> Part | None:
    """Return a secret that has to be written again before a known connection can be saved: for another host."""
    part = filling.part
    if filling.new or part is None or filling.section not in CONNECTED or part.field.kind is Kind.SECRET:
        return None
    try:
        await menu.use(SaveEntity)(
            menu.actor, filling.section, filling.entity_id, filling.fields(), whole=True, dry_run=True
        )
    except BadFields as error:
        for path, problem in error.fields.items():
            found = filling.form.part(path)
            if found is not None and found.field.kind is Kind.SECRET:
                menu.note(T("{field}: {problem}", field=found.field.label, problem=problem))
                return found
    return None


async def _go_to_field(menu: Menu, filling: Filling) -> None:
    kind = filling.part.field.kind if filling.part is not None else None
    filling.state["line"], filling.state["channel"], filling.state["event"] = 0, None, None
    await menu.go(_WINDOWS.get(kind, Form.field) if kind is not None else Form.field)


async def show_advanced(menu: Menu) -> None:
    (await Filling.of(menu)).state["advanced"] = True
    menu.turn(0, "fields")


async def add_entry(menu: Menu) -> None:
    filling = await Filling.of(menu)
    await _add(menu, filling)


async def _add(menu: Menu, filling: Filling, kind: str = "") -> None:
    """Add an entry to the list whose page it is, and ask for the first thing in it."""
    part = filling.form.part(filling.page)
    if part is None:
        return
    entry = filling.form.add(part, kind)
    filling.state["tested"] = None
    first = filling.form.parts(entry)
    if first:
        await turn_to(menu, filling, first[0])


async def start_removing(menu: Menu) -> None:
    filling = await Filling.of(menu)
    filling.state["removing"] = not filling.state["removing"]
    menu.turn(0, "fields")


def _remove(filling: Filling, key: str) -> None:
    entries = filling.form.get(filling.page) or []
    for index in range(len(entries)):
        if key_of([*filling.page, index]) == key:
            filling.form.remove((*filling.page, index))
            filling.state["tested"] = None
            break
    filling.state["removing"] = False


async def review(menu: Menu) -> None:
    await menu.go(Form.summary)


async def leave_page(menu: Menu) -> Text | None:
    """Go back from a page: out of what is nested, then to the summary if there is something to save."""
    filling = await Filling.of(menu)
    page, advanced = _first(menu, filling)
    if (filling.page, filling.state["advanced"]) != (page, advanced):
        filling.page, filling.state["advanced"], filling.state["removing"] = page, advanced, False
        return None
    if filling.changed:
        await menu.go(Form.summary)
        return T("You changed something. Save it, or discard it.")
    await close(menu)
    return None


def _first(menu: Menu, filling: Filling) -> tuple[Path, bool]:
    """Return at which page the form was opened: from there the way back is out of it."""
    asked = filling.form.part(tuple(menu.given.get("field", ())))
    inside = asked is not None and asked.field.kind in _INSIDE
    return (asked.path if asked is not None and inside else ()), bool(menu.given.get("advanced", False))


async def leave_field(menu: Menu) -> None:
    filling = await Filling.of(menu)
    if (filling.new or filling.straight) and not filling.changed:
        await close(menu)
    else:
        await menu.go(Form.page)


async def discard(menu: Menu) -> None:
    menu.note(T("Discarded. Nothing was saved."))
    await close(menu)


async def close(menu: Menu) -> None:
    menu.data.pop(KEY, None)
    await menu.back()


async def try_it(menu: Menu) -> bool:
    """Test what is filled in, and keep what came of it for the summary."""
    filling = await Filling.of(menu)
    tried = await menu.use(TryConnection)(menu.actor, filling.section, filling.entity_id, filling.fields())
    lines = [line.to_json() for line in tried.lines]
    filling.state["tested"] = {"good": tried.good, "lines": lines, "blames": tried.blames}
    return tried.good


async def test(menu: Menu) -> None:
    await try_it(menu)


async def save(menu: Menu) -> Text | None:
    """Save; a connection is tested first, and if that fails, nothing is saved switched on."""
    filling = await Filling.of(menu)
    tested = filling.state["tested"]
    if _wants_test(filling) and not (await try_it(menu) if tested is None else tested["good"]):
        return T("Nothing was saved. Mend what the test says, or save it switched off.")
    filling.state["off"] = False
    return await guarded(menu, Form.confirm, carry_out)


async def save_off(menu: Menu) -> Text | None:
    """Save it switched off: this time only, so that a later *Save* leaves the switch as it was."""
    filling = await Filling.of(menu)
    filling.state["off"] = True
    return await guarded(menu, Form.confirm, carry_out)


def _wants_test(filling: Filling) -> bool:
    settings = filling.state["values"].get("settings") != filling.state["start"].get("settings")
    return filling.section is Section.INTEGRATIONS and (settings or bool(filling.state["secrets"]))


async def carry_out(menu: Menu, actor: Actor) -> None:
    """Save what is filled in, or take back what was saved, as somebody who may have confirmed it with the PIN."""
    filling = await Filling.of(menu)
    await (_take_back if filling.state["mark"] else _save)(menu, filling, actor)


async def leave_confirming(menu: Menu) -> None:
    """Go back to where the PIN was asked for."""
    await menu.go(Form.done if (await Filling.of(menu)).state["mark"] else Form.summary)


async def _save(menu: Menu, filling: Filling, actor: Actor) -> None:
    edited = await _saved(menu, filling, actor)
    if edited is None:
        return
    filling.state["mark"] = {
        "entity_id": edited.id,
        "version": edited.version,
        "name": edited.name,
        "lines": [line.to_json() for line in _news(filling, edited)],
    }
    filling.state["secrets"] = {}
    await menu.go(Form.done)


async def _saved(menu: Menu, filling: Filling, actor: Actor) -> Edited | None:
    """Save what is filled in; None when the summary has to tell first what is in the way."""
    try:
        edited: Edited = await menu.use(SaveEntity)(
            actor,
            filling.section,
            filling.entity_id,
            filling.fields() | ({"enabled": False} if filling.state["off"] else {}),
            expected=filling.state["version"],
            whole=True,
            comment=filling.state["comment"],
        )
    except Outdated as error:
        filling.rebase(await load(menu))
        menu.note(error.text, *told_of(filling.loaded, error.theirs))
        await menu.go(Form.summary)
        return None
    except BadFields:
        # The summary tells what is wrong, and leads to it.
        await menu.go(Form.summary)
        return None
    return edited


async def save_at_once(menu: Menu, filling: Filling) -> Text | None:
    """Save what was just tapped, and stay: where a window was opened for nothing else, a tap counts at once."""
    edited = await _saved(menu, filling, menu.actor)
    if edited is None:
        return None
    if edited.changes:
        filling.state["last"] = {"entity_id": edited.id, "version": edited.version}
    filling.rebase(await load(menu))
    return T("Saved.")


async def undo_last(menu: Menu) -> Text:
    """Take back the last tap that counted at once."""
    filling = await Filling.of(menu)
    last = filling.state.pop("last", None)
    if last is None:
        raise StaleButton
    await menu.use(Undo)(menu.actor, filling.section, [Mark(last["entity_id"], last["version"])])
    filling.rebase(await load(menu))
    return T("Taken back.")


def _news(filling: Filling, edited: Edited) -> list[Text]:
    """Return what a change did; what was created has been shown whole before."""
    created = bool(edited.changes) and edited.changes[0].kind is Change.CREATE
    return [] if created else [T("    {line}", line=line) for line in told(filling, edited)]


async def run_again(menu: Menu) -> None:
    """Run the job that had stopped for want of credentials."""
    menu.note(await start_job(menu, menu.given["job_id"]))
    await close(menu)


async def open_saved(menu: Menu) -> None:
    """Lead to the page of what was just made: what else can be done with it stands there."""
    filling = await Filling.of(menu)
    entity_id = filling.state["mark"]["entity_id"]
    await menu.open(Entities.one, section=filling.section.value, entity_id=entity_id)


async def undo(menu: Menu) -> Text | None:
    """Take back what was just saved."""
    return await guarded(menu, Form.confirm, carry_out)


async def _take_back(menu: Menu, filling: Filling, actor: Actor) -> None:
    mark = filling.state["mark"]
    try:
        await menu.use(Undo)(actor, filling.section, [Mark(mark["entity_id"], mark["version"])])
    except BadFields as error:
        filling.begin(await mending(menu, filling.section, mark["entity_id"], mark["version"] - 1, error))
        await menu.go(Form.page)
        await open_form(menu)
        return
    menu.note(_taken_back(mark["name"], created=mark["version"] == 1))
    await close(menu)


def _taken_back(name: str, *, created: bool) -> Text:
    if created:
        return T("Taken back: “{name}” is deleted again.", name=name)
    return T("Taken back: “{name}” is as it was before.", name=name)
