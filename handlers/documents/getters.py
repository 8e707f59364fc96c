"""What the windows around a document show: how to send one, its plan or its mistakes, what it removes."""

from collections.abc import Collection, Mapping

from core.access import Permission
from core.configuration.applying import ApplyDocument
from core.configuration.plan import Kind, Plan
from core.errors import BadInput
from core.paging import cut
from core.texts import TN, T, Text
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Page
from handlers.documents.filed import PLAN, kept
from handlers.documents.telling import in_forms

_LINES = 20
PRIVATE = T("Others read along here. Send it in our private chat.")


async def take_page(menu: Menu) -> Page:
    """Say what may be sent."""
    menu.actor.require(Permission.CONFIGURE_ACCESS)
    title = T("📥 Configuration from a file")
    if not menu.talk.private:
        return Page(title, [PRIVATE])
    lines = [
        T("Send the YAML file here, as a file. /export gives you today's as one."),
        T("What it leaves out stays as it is. Nothing is saved before you have seen what it would do."),
    ]
    return Page(title, lines)


async def plan_page(menu: Menu) -> Page:
    """Show what the document would do, or every line that must be mended."""
    try:
        plan = await planned(menu, prune=False)
    except BadInput as error:
        ending = T("Mend the file and send it again.")
        return _paged(menu, T("❌ {problem}", problem=error.text), [*error.problems, ending])
    menu.data[PLAN] = plan.fingerprint
    offers = set() if plan.empty else {"apply"}
    offers |= {"prune"} if plan.kept else set()
    lines = plan.lines(await in_forms(menu, plan))
    return _paged(menu, T("📥 This is what the file would do"), lines, offers)


async def removal_page(menu: Menu) -> Page:
    """Show what would be removed besides, with its number."""
    plan = await planned(menu, prune=True)
    menu.data[PLAN] = plan.fingerprint
    gone = plan.count(Kind.REMOVE)
    title = TN(
        "⚠️ {n} entry that the file leaves out would be removed",
        "⚠️ {n} entries that the file leaves out would be removed",
        gone,
    )
    removed = [line for change in plan.changes if change.kind is Kind.REMOVE for line in change.lines()]
    lines = [*removed, plan.lines()[-1]]
    label = TN("🗑 Apply and remove {n}", "🗑 Apply and remove {n}", gone)
    return _paged(menu, title, lines, {"yes"} if gone else set(), {"yes": label})


async def planned(menu: Menu, *, prune: bool) -> Plan:
    apply = await menu.get(ApplyDocument)
    plan: Plan = await apply(menu.actor, kept(menu), dry_run=True, prune=prune, unfinished=True)
    return plan


def _paged(
    menu: Menu, title: Text, lines: list[Text], offers: Collection[str] = (), labels: Mapping[str, Text] | None = None
) -> Page:
    found = cut(lines, menu.paging(PLAN, _LINES))
    return Page.of(title, found.rows, [], found, offers, labels)
