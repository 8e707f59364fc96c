"""What the windows of the audit show."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from core.clock import Clock, local_date
from core.configuration.wanted import Section
from core.configuration.writing import ENTITIES
from core.entities.audit import Query, SearchAudit
from core.entities.viewing import ListEntities
from core.texts import TN, T, Text
from handlers.audit.words import KINDS, Tellers, headline
from handlers.dialogs.chosen import Chosen
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Item, Page
from handlers.dialogs.searching import one_or_all
from handlers.entities.words import heading
from handlers.forms.differing import in_brief

ANY = "any"
SPANS: dict[str, tuple[int, Text]] = {
    "today": (0, T("📅 Today")),
    "week": (6, T("📅 7 days")),
    "month": (29, T("📅 30 days")),
}
_ANYBODY, _ANYTHING, _ANY_TIME = T("👤 Anybody"), T("🗂 Anything"), T("📅 Any time")
_USUAL = {"people": T("👤 Who"), "kinds": T("🗂 What"), "times": T("📅 When")}


async def query_of(menu: Menu) -> Query:
    """Return what the person filters by, and what the window was opened for."""
    kept, given = menu.kept, menu.given
    kind = ENTITIES[Section(given["section"])] if "section" in given else kept.get("kind")
    query = Query(kept.get("person"), kind, given.get("entity_id"))
    days = await days_of(menu)
    if days is None:
        return query
    zone = menu.talk.zone
    return replace(query, since=_midnight(days[0], zone), until=_midnight(days[1] + timedelta(days=1), zone))


async def days_of(menu: Menu) -> tuple[date, date] | None:
    """Return the first and the last day that are asked for, None for any."""
    span = menu.kept.get("time")
    if span is None:
        return None
    if isinstance(span, str):
        today = local_date((await menu.get(Clock)).now(), menu.talk.zone)
        return today - timedelta(days=SPANS[span][0]), today
    first, last = span
    return date.fromisoformat(first), date.fromisoformat(last)


async def entries_page(menu: Menu) -> Page:
    query = await query_of(menu)
    found = await menu.use(SearchAudit)(menu.actor, query, menu.paging())
    tellers = Tellers(menu)
    chosen = await _chosen(menu, query)
    lines: list[Text] = []
    for line in found.rows:
        lines += [headline(line), *in_brief((await tellers.of(line))(line.difference))]
    filtered = any(menu.kept.get(name) is not None for name in ("person", "kind", "time"))
    offers = ({"file"} if lines else set()) | ({"everything"} if filtered else set())
    title = TN("🧾 Audit: {n} entry", "🧾 Audit: {n} entries", found.total, T("🧾 Audit: no entries"))
    empty = [T("Nothing fits these filters.")]
    told = [*chosen.lines, *(lines or empty)]
    return Page.of(title, told, (), found, offers, chosen.labels)


async def people_page(menu: Menu) -> Page:
    people = await menu.use(ListEntities)(menu.actor, Section.USERS)
    items = [Item(str(one.id), T("👤 {name}", name=one.name)) for one in people.rows]
    asked, every = T("🧾 Audit: done by whom?"), Item(ANY, _ANYBODY)
    return one_or_all(menu, partial(heading, Section.USERS), asked, every, items, "people")


async def kinds_page(_menu: Menu) -> Page:
    items = [Item(ANY, _ANYTHING), *(Item(kind, label) for kind, label in KINDS.items())]
    return Page(T("🧾 Audit: done to what?"), [T("For one thing alone, open it and tap its audit.")], items)


async def times_page(_menu: Menu) -> Page:
    items = [Item(ANY, _ANY_TIME), *(Item(name, label) for name, (_, label) in SPANS.items())]
    return Page(T("🧾 Audit: done when?"), [T("Or type a day such as 11/23/2026, or two with a blank between.")], items)


async def _chosen(menu: Menu, query: Query) -> Chosen:
    chosen: dict[str, Text] = {}
    if query.person_id is not None:
        people = await menu.use(ListEntities)(menu.actor, Section.USERS)
        names = [one.name for one in people.rows if one.id == query.person_id]
        chosen["people"] = T("👤 {name}", name=names[0]) if names else _ANYBODY
    if query.entity in KINDS:
        chosen["kinds"] = KINDS[query.entity]
    if (days := await days_of(menu)) is not None:
        chosen["times"] = _days_label(menu.kept["time"], *days)
    return Chosen.of(_USUAL, chosen)


def _days_label(span: object, first: date, last: date) -> Text:
    if isinstance(span, str):
        return SPANS[span][1]
    return T("📅 {day}", day=first) if first == last else T("📅 {first} … {last}", first=first, last=last)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
