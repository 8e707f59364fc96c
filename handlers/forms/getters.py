"""What the windows of a form show."""

from collections.abc import Mapping
from typing import Any

from core.clock import Clock
from core.configuration.explaining import MISSING
from core.configuration.problems import BadFields
from core.configuration.wanted import Section
from core.entities.saving import SaveEntity
from core.errors import NotFound
from core.forms.fields import Kind, worded
from core.forms.form import Line, Part
from core.forms.showing import show_example
from core.paging import cut
from core.schedules.cron import parse_cron
from core.schedules.saying import SHORT_DAYS
from core.texts import T, Text, Zone
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import ROWS, Item, Page
from handlers.dialogs.widths import in_rows
from handlers.forms.blaming import blamed, stored_secrets, ways_to
from handlers.forms.differing import told
from handlers.forms.filling import Filling, key_of
from handlers.forms.pages import rows_of
from handlers.forms.picking import kinds_of, pickable
from handlers.forms.words import ADVANCED, GONE, HOW, LEADS, NONE_YET
from handlers.links import secret_elsewhere
from jobs.trying import Blame

_RUNS = 5
_BY_WEIGHT = ("save", "done", "skip", "clear")
_ALWAYS_TOLD = (Kind.STORES, Kind.RULES)
# Those that are not typed, and those whose words of how to type them name an example.
_WITHOUT_EXAMPLE = frozenset({Kind.SECRET, Kind.TOGGLE, Kind.CHOICE, Kind.CHOICES, Kind.STORES, Kind.UNION})
_WITHOUT_EXAMPLE |= {Kind.TIME, Kind.OPENING, Kind.DATE, Kind.DURATION, Kind.HOURS, Kind.QUIET}


async def form_page(menu: Menu) -> Page:
    """Show the fields of the page that the person is on."""
    filling = await Filling.of(menu)
    lines = filling.form.lines(filling.page)
    rows = rows_of(lines, menu.talk.translator, advanced=bool(filling.state["advanced"]))
    folded = [] if filling.state["advanced"] else rows_of(lines, menu.talk.translator, advanced=True)
    if len(rows) > ROWS:
        # Where pages are turned anyway, what is folded away is on the last ones.
        rows, folded = rows + folded, []
    part = filling.form.part(filling.page) if filling.page else None
    whole = part if part is not None and part.field.kind is Kind.MODELS and part.path == filling.page else None
    kinds = _buttons(menu, [Item(one.key, one.label) for one in kinds_of(whole)] if whole is not None else [])
    found = cut(rows, menu.paging("fields", max(ROWS - len(kinds), 1)))
    fields = [line for row in found.rows for line in row]
    buttons = [[Item(key_of(line.part.path), line.part.field.label) for line in row] for row in found.rows] + kinds
    page, pages = found.page.number, found.pages
    offers = {"review"} if filling.changed else set()
    offers |= {"advanced"} if folded else set()
    if whole is not None:
        offers |= (set() if kinds else {"add"}) | ({"remove"} if filling.form.get(whole.path) else set())
        if filling.state["removing"]:
            entries = cut(_buttons(menu, _entries(filling, whole)), menu.paging("fields"))
            buttons, page, pages = list(entries.rows), entries.page.number, entries.pages
    title = T("{form} · {part}", form=filling.title(), part=part.field.label) if part else filling.title()
    texts = _listed(filling, fields)
    if whole is not None and kinds and filling.form.get(whole.path):
        texts.insert(0, T("Now: {value}", value=filling.shown(whole)))
    texts = texts or [T("There is nothing here yet.")]
    if filling.loaded.view is not None and filling.loaded.view.trouble is not None and not filling.page:
        texts.insert(0, T("⚠️ {trouble}", trouble=filling.loaded.view.trouble))
    items, widths = [item for row in buttons for item in row], [len(row) for row in buttons]
    return Page(title, texts, items, page, pages, offers=frozenset(offers), widths=widths)


def _buttons(menu: Menu, items: list[Item]) -> list[list[Item]]:
    return in_rows(items, lambda item: menu.talk.translator(item.label))


async def field_page(menu: Menu) -> Page:
    """Show one field: what it is, what stands there, and how to fill it in."""
    filling = await Filling.of(menu)
    part = filling.part
    if part is None:
        return Page(filling.title(), [GONE])
    field = part.field
    lines = [field.about] if field.help else []
    now = filling.shown(part)
    lines.append(T("Now: {value}", value=now))
    if field.example is not None and field.kind not in _WITHOUT_EXAMPLE:
        example, say = show_example(field), menu.talk.translator
        # An example that is what stands there already tells nothing.
        lines += [T("Example: {value}", value=example)] if say(example) != say(now) else []
    hidden = field.kind is Kind.SECRET and not menu.talk.private
    nothing = field.refers in NONE_YET and not field.choices
    lines.append(await _elsewhere(menu, filling) if hidden else NONE_YET[field.refers] if nothing else HOW[field.kind])
    picks = [] if hidden else pickable(filling, part, menu.talk.chat.locale)
    found = cut(picks, menu.paging("picks"))
    if filling.state["search"] and not picks:
        lines.append(T("Nothing fits “{search}”.", search=filling.state["search"]))
    offers = _field_offers(menu, filling, part) | ({"connect"} if nothing else set())
    if found.pages > 1:
        # One of them has room beside those that turn the pages.
        offers = set([one for one in _BY_WEIGHT if one in offers][:1])
    title = T("{form} · {part}", form=filling.title(), part=field.label)
    return Page.of(title, lines, [Item(pick.key, pick.label) for pick in found.rows], found, offers)


def _field_offers(menu: Menu, filling: Filling, part: Part) -> set[str]:
    """Return what can be done with a field besides filling it in."""
    field = part.field
    offers = {"clear"} if _clearable(filling, part) else set()
    if field.kind in (Kind.CHOICES, Kind.STORES):
        offers.add(filling.ending)
    elif filling.asks(part) and not field.required:
        offers.add("skip")
    if field.kind in (Kind.CHAT, Kind.TOPIC) and not menu.talk.private:
        offers.add("here")
    return offers


async def summary_page(menu: Menu) -> Page:
    """Show what saving would change, or what is in its way."""
    filling = await Filling.of(menu)
    state = filling.state
    offers = {"discard"}
    try:
        edited = await menu.use(SaveEntity)(
            menu.actor, filling.section, filling.entity_id, filling.fields(), whole=True, dry_run=True
        )
    except BadFields as error:
        places = [(filling.form.part(path), problem) for path, problem in error.fields.items()]
        lines = [_problem(part, problem) for part, problem in places]
        parts = {part.path: part for part, _ in places if part is not None}
        items = [Item(key_of(path), part.field.label) for path, part in parts.items()][:ROWS]
        return Page(T("{form}: not ready yet", form=filling.title()), lines, items, offers=frozenset(offers))
    lines = told(filling, edited) or _values(filling)
    lines += await next_runs(menu, state["values"].get("schedule"))
    tested = state["tested"]
    if tested is not None:
        lines += [_tested(good=tested["good"])] + [Text.from_json(one) for one in tested["lines"]]
    items = _to_mend(filling, tested.get("blames")) if tested is not None else []
    if edited.changes:
        offers |= LEADS[filling.section] - ({"save"} if tested is not None and not tested["good"] else set())
    elif filling.names_chain:
        lines = [T("Save it if that is what the chain is called.")]
        offers.add("save")
    title = T("{form}: nothing was changed", form=filling.title())
    if edited.changes:
        title = T("{form}: save this?", form=filling.title())
    return Page(title, lines, items, offers=frozenset(offers))


async def done_page(menu: Menu) -> Page:
    filling = await Filling.of(menu)
    mark = filling.state["mark"]
    if mark is None:
        raise NotFound(T("That form is closed already."))
    lines = [Text.from_json(line) for line in mark["lines"]]
    about = {"name": mark["name"], "number": str(mark["version"])}
    title = T("✅ “{name}” is saved, as version {number}.", **about)
    if filling.state["off"]:
        title = T("💤 “{name}” is saved switched off, as version {number}.", **about)
    undone = bool(lines) or not filling.names_chain
    offers = ({"undo"} if undone else set()) | ({"again"} if "job_id" in menu.given else set())
    offers |= {"open"} if filling.entity_id is None else set()
    return Page(title, lines, offers=frozenset(offers))


def _clearable(filling: Filling, part: Part) -> bool:
    """Tell whether a field holds something that it need not."""
    bare: tuple[Any, ...] = (None, "", [], "all", part.field.default)
    return not part.field.required and filling.form.given(part.path) and filling.form.get(part.path) not in bare


def _listed(filling: Filling, lines: list[Line]) -> list[Text]:
    """Return a page's fields with their values, a heading above each group."""
    texts: list[Text] = []
    above: Text | None = None
    for line in lines:
        # A heading holds for all that follows, so what is in no group and folded away has one too.
        heading = worded(line.group) if line.group else ADVANCED if line.advanced else None
        if heading != above and heading is not None:
            texts.append(T("— {group}", group=heading))
        above = heading
        texts.append(T("{field}: {value}", field=line.part.field.label, value=filling.shown(line.part)))
    return texts


def _entries(filling: Filling, part: Part) -> list[Item]:
    entries = filling.form.get(part.path) or []
    return [Item(key_of([*part.path, index]), T("✖ {number}", number=str(index + 1))) for index in range(len(entries))]


def _to_mend(filling: Filling, blame: str | None) -> list[Item]:
    """Return the ways to the fields that a failed test points at."""
    if blame is None:
        return []
    given = {*filling.state["secrets"], *stored_secrets(filling.loaded.view)}
    return ways_to(blamed(Blame(blame), filling.form.parts(), given))


def _values(filling: Filling) -> list[Text]:
    """Return what a new entity would hold: there is nothing yet to compare it with."""
    typed = filling.state["secrets"]
    lines = filling.form.everywhere()
    return _listed(filling, [one for one in lines if _is_told(filling, one.part, typed)])


def _is_told(filling: Filling, part: Part, typed: Mapping[str, Any]) -> bool:
    """Tell whether a new entity's summary names a field: what was filled in, and a job's stores and who is told."""
    always = filling.section is Section.JOBS and part.field.kind in _ALWAYS_TOLD
    return filling.form.given(part.path) or part.field.name in typed or always


async def next_runs(menu: Menu, schedule: str | None) -> list[Text]:
    """Return the next five runs of a schedule, one a line, in the organisation's time."""
    if not schedule:
        return []
    runs = parse_cron(schedule).next_runs((await menu.get(Clock)).now(), menu.talk.zone, _RUNS)
    days = list(SHORT_DAYS.values())
    lines = [T("    {day} {at}", day=days[run.astimezone(menu.talk.zone).weekday()], at=run) for run in runs]
    return [T("Next runs ({zone}):", zone=Zone(menu.talk.zone.key)), *lines]


def _problem(part: Part | None, problem: Text) -> Text:
    """Return what is wrong with a field, or the whole; what is only missing is asked for in the words of a form."""
    if part is None:
        return T("⚠️ {problem}", problem=problem)
    if problem.message == MISSING.message:
        return T("⚠️ {place}: fill it in.", place=part.field.label)
    return T("⚠️ {place}: {problem}", place=part.field.label, problem=problem)


def _tested(*, good: bool) -> Text:
    return T("✅ The test went well.") if good else T("❌ The test failed. It can be saved switched off.")


async def _elsewhere(menu: Menu, filling: Filling) -> Text:
    """Return the way to the private chat, where alone secrets are asked for."""
    what = filling.entity_id if filling.entity_id is not None else filling.loaded.kind
    return await secret_elsewhere(menu.bot, f"form-{filling.section.value}-{what}")
