"""What the windows about modules show."""

from core.access import Permission
from core.errors import NotFound
from core.housekeeping.words import say_size
from core.texts import TN, T, Text
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Item, Page, headed
from handlers.dialogs.searching import listed, search_lines
from jobs.modules import ListModules, ModuleRow, ModuleState, Origin

_DIGITS = 12
_MOST_DETAILS = 12
_ORIGINS: dict[Origin, Text] = {
    Origin.BUILTIN: T("part of Chimera"),
    Origin.PACKAGE: T("an installed package"),
    Origin.FOLDER: T("a folder on the server"),
}
_MARKS = {ModuleState.READY: "✅", ModuleState.NEW: "🆕", ModuleState.CHANGED: "✋", ModuleState.BROKEN: "⚠️"}


async def all_page(menu: Menu) -> Page:
    rows = await menu.use(ListModules)(menu.actor)
    found = listed(menu, [Item(row.slug, _label(row)) for row in rows])
    lines = [T("Code from a folder runs only once an owner has approved it."), *search_lines(menu.search(), found)]
    return Page.of(headed(T("🧩 Modules"), found.total), lines, found.rows, found)


async def one_page(menu: Menu) -> Page:
    row = await _shown(menu)
    about = [T("{value}", value=row.about)] if row.about else []
    lines = [*about, T("From: {origin}", origin=_ORIGINS[row.origin]), *_state(row)]
    if row.digest is not None:
        # What is approved is what this window shows, whatever stands there by then.
        menu.data["digest"] = row.digest
        lines += _folder(row)
    offers = set()
    if menu.actor.may(Permission.APPROVE_CODE) and row.origin is Origin.FOLDER:
        offers |= {"approve"} if row.state in (ModuleState.NEW, ModuleState.CHANGED) else set()
        offers |= {"withdraw"} if row.approved_at is not None else set()
    return Page(_label(row), lines, offers=frozenset(offers))


async def _shown(menu: Menu) -> ModuleRow:
    """Return the module that the dialog is about."""
    for row in await menu.use(ListModules)(menu.actor):
        if row.slug == menu.data["module"]:
            return row
    raise NotFound(T("There is no module “{name}” any more.", name=menu.data["module"]))


def _label(row: ModuleRow) -> Text:
    if not row.version:
        return T("{mark} {name}", mark=_MARKS[row.state], name=row.title)
    return T("{mark} {name} {version}", mark=_MARKS[row.state], name=row.title, version=row.version)


def _state(row: ModuleRow) -> list[Text]:
    match row.state:
        case ModuleState.READY:
            return [T("✅ Ready to be used")]
        case ModuleState.NEW:
            return [T("🆕 Needs an owner's approval: its code does not run.")]
        case ModuleState.CHANGED:
            return [T("✋ Changed since it was approved: needs approval again.")]
        case _:
            problem = row.problem or T("an unknown cause")
            details = [T("    {line}", line=line) for line in row.details[:_MOST_DETAILS]]
            return [T("⚠️ Does not work: {trouble}", trouble=problem), *details]


def _folder(row: ModuleRow) -> list[Text]:
    files = TN("{n} file, {size}", "{n} files, {size}", row.files, size=say_size(row.size))
    lines = [
        T("Folder: {folder}", folder=row.where),
        T("Content: {files}, fingerprint {digest}", files=files, digest=(row.digest or "")[:_DIGITS]),
    ]
    if row.approved_at is not None:
        by = row.approved_by or T("another chain")
        lines.append(T("Approved by {name}, {at}", name=by, at=row.approved_at))
    return lines
