"""What the buttons of the audit do."""

import asyncio
from dataclasses import replace

from core.clock import Clock, local_date
from core.entities.audit import AuditLine, SearchAudit
from core.errors import BadInput
from core.forms.moments import read_date
from core.outbox.content import Attachment, Draft
from core.paging import Paging
from core.texts import TN, T, Text
from handlers.audit.getters import ANY, SPANS, query_of
from handlers.audit.states import Audit
from handlers.audit.words import KINDS, Tellers
from handlers.dialogs.area import StaleButton, number_tapped
from handlers.dialogs.menu import Menu
from handlers.forms.differing import Teller
from handlers.reports.audit_sheet import audit_sheet

_AT_ONCE = 500
_MOST = 20_000
_DAYS = 2


async def pick_person(menu: Menu, chosen: str) -> None:
    await _filter(menu, "person", None if chosen == ANY else number_tapped(chosen))


async def pick_kind(menu: Menu, chosen: str) -> None:
    if chosen != ANY and chosen not in KINDS:
        raise StaleButton
    await _filter(menu, "kind", None if chosen == ANY else chosen)


async def pick_span(menu: Menu, chosen: str) -> None:
    if chosen != ANY and chosen not in SPANS:
        raise StaleButton
    await _filter(menu, "time", None if chosen == ANY else chosen)


async def typed_days(menu: Menu, text: str) -> None:
    """Look at one typed day, or at those from one to another."""
    words = text.replace(" - ", " ").replace("–", " ").split()  # noqa: RUF001 - as phones write ranges
    if not 1 <= len(words) <= _DAYS:
        raise BadInput(T("Type one day, or the first and the last, such as 11/1/2026 11/23/2026."))
    today = local_date((await menu.get(Clock)).now(), menu.talk.zone)
    days = sorted(read_date(word, menu.talk.chat.locale, today, past=True) for word in words)
    await _filter(menu, "time", [days[0].isoformat(), days[-1].isoformat()])


async def everything(menu: Menu) -> None:
    for name in ("person", "kind", "time"):
        menu.kept.pop(name, None)
    menu.turn(0)


async def _filter(menu: Menu, name: str, value: int | str | list[str] | None) -> None:
    menu.kept[name] = value
    menu.turn(0)
    await menu.go(Audit.entries)


async def send_file(menu: Menu) -> Text:
    """Send what fits as a spreadsheet, the newest first."""
    lines = await _all(menu)
    tellers = Tellers(menu)
    rows: list[tuple[AuditLine, Teller]] = [(line, await tellers.of(line)) for line in lines]
    data = await asyncio.to_thread(audit_sheet, rows, menu.talk.translator)
    day = local_date((await menu.get(Clock)).now(), menu.talk.zone)
    about = TN("🧾 Audit: {n} entry", "🧾 Audit: {n} entries", len(rows))
    menu.talk.send(Draft([about], file=Attachment(f"audit-{day.isoformat()}.xlsx", data)))
    return T("The file comes as a message of its own.")


async def _all(menu: Menu) -> list[AuditLine]:
    query, search = await query_of(menu), await menu.get(SearchAudit)
    found = await search(menu.actor, query, Paging(size=_AT_ONCE))
    if found.total > _MOST:
        raise BadInput(T("These are more than {n} entries. Choose a person or a time first.", n=_MOST))
    lines = list(found.rows)
    while len(lines) < found.total and found.rows:
        # By where the last page ended: what is written meanwhile moves no entry to another page.
        found = await search(menu.actor, replace(query, before=lines[-1]), Paging(size=_AT_ONCE))
        lines += found.rows
    return lines
