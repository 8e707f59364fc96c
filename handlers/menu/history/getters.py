"""What the windows about runs show."""

from core.access import Actor, Permission
from core.clock import Clock
from core.executions.findings import ShowFindings, StoreFindings
from core.executions.history import Filter, SearchRuns
from core.executions.replacing import if_sent_again
from core.executions.states import ICONS, Outcome
from core.executions.views import RunView, ShowRun, StoreView
from core.executions.words import worked_out_word
from core.lookup.why import WhyNot
from core.texts import T, Text
from handlers.cards.result import dry_line, result_of
from handlers.cards.words import PROBLEMS, STATES, WORKED_OUT_ICON, outcome_of, released, result_at, started_by
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Item, Page, headed
from handlers.dialogs.searching import listed, search_lines
from handlers.menu.history.filters import filters, wish
from handlers.menu.history.parts import Part
from handlers.menu.history.words import counted, run_label, why_lines

REFRESH = "again"
"""The verb that shows a page anew, for what still changes by itself."""


async def runs_page(menu: Menu) -> Page:
    chosen = wish(menu)
    found = await menu.use(SearchRuns)(menu.actor, chosen, menu.paging())
    nothing = T("Nothing has run yet. /sync starts the first run.") if chosen == Filter() else T("No run fits.")
    filtered = await filters(menu, chosen)
    lines = [*filtered.lines, *([] if found.total else [nothing])]
    now = (await menu.get(Clock)).now()
    jobs = {row.job for row in found.rows}
    items = [Item(str(row.id), run_label(row, now, menu.talk.translator, jobs)) for row in found.rows]
    title = headed(T("📜 Runs"), found.total)
    return Page.of(title, lines, items, found, labels=filtered.labels)


async def run_page(menu: Menu) -> Page:
    run = await menu.use(ShowRun)(menu.actor, menu.data["run"])
    menu.about(run.id, "stores")
    stores = [Item(str(store.store_id), _store_label(store)) for store in sorted(run.stores, key=_worst_first)]
    found = listed(menu, stores, "stores")
    title = T("{icon} Run {number}: {job}", icon=ICONS[run.state], number=str(run.id), job=run.job)
    lines = [*_about(run), *search_lines(menu.search("stores"), found)]
    return Page.of(title, lines, found.rows, found, {REFRESH} if run.state.open else ())


async def store_page(menu: Menu) -> Page:
    run_id = int(menu.data["run"])
    findings = await menu.use(ShowFindings)(menu.actor, run_id, menu.data["store"])
    if findings is None:
        return Page(T("🏪 Run {number}", number=str(run_id)), [T("This run left the store out.")])
    store, offered = findings.store, _releasable(findings.store, menu.actor)
    lines = [_outcome(store), *([store.reason] if store.reason is not None else [])]
    lines += [*([released(store.released)] if store.released is not None else []), *counted(findings)]
    if store.open_holds and not store.cut_over:
        lines.append(T("🧪 Not to be released: the old system still sends it. “Chimera sends” in its settings is off."))
    if offered and store.campaign is not None:
        lines += if_sent_again([(store.name, store.campaign)], (await menu.get(Clock)).now())
    title = T("🏪 {store}, run {number}", store=store.name, number=str(run_id))
    return Page(title, lines, offers=_offers(findings) | offered | ({REFRESH} if store.outcome is None else set()))


async def why_page(menu: Menu) -> Page:
    code = menu.data.get("code")
    title = T("❓ Why is a product not on promotion?")
    if not code:
        return Page(title, [T("Type its code or its barcode.")])
    answers = await menu.use(WhyNot)(menu.actor, code, store_id=menu.data.get("store"))
    return Page(title, [*why_lines(answers), T("Type another code to ask again.")])


def _releasable(store: StoreView, actor: Actor) -> frozenset[str]:
    """Offer *Release* where something waits for a person, to those who may."""
    return frozenset({"release"} if store.releasable and not store.dry_run and actor.may(Permission.RELEASE) else ())


def _offers(findings: StoreFindings) -> frozenset[str]:
    difference = findings.difference
    there = {
        Part.LINES: findings.lines,
        Part.REJECTS: findings.rejects,
        Part.HELD: findings.held,
        Part.DIFFERENCES: difference is not None and any(difference.counts.values()),
        Part.LOG: True,
    }
    return frozenset(part.value for part, found in there.items() if found)


def _about(run: RunView) -> list[Text]:
    lines = [
        T("{state}. {started}.", state=STATES[run.state], started=started_by(run.trigger, run.requested_by)),
        T("🕓 {at}", at=run.started_at or run.created_at),
    ]
    if run.dry_run:
        lines.append(dry_line(run))
    if run.finished_at is not None and run.started_at is not None:
        lines.append(T("⏱ Took {duration}", duration=run.finished_at - run.started_at))
    outcomes = run.outcomes
    for one in Outcome:
        if number := outcomes[one]:
            icon, word = outcome_of(one, dry_run=run.dry_run, stores=number)
            lines.append(T("{icon} {n} {outcome}", icon=icon, n=number, outcome=word))
    if apart := run.worked_out:
        lines.append(T("{icon} {n} {outcome}", icon=WORKED_OUT_ICON, n=apart, outcome=worked_out_word(apart)))
    return [*lines, *result_of(run), *([T("Stores, problems first:")] if len(run.stores) > 1 else [])]


def _worst_first(store: StoreView) -> int:
    if store.outcome is None:
        return len(PROBLEMS)
    return PROBLEMS.index(store.outcome) if store.outcome in PROBLEMS else len(PROBLEMS) + 1


def _store_label(store: StoreView) -> Text:
    if store.outcome is None:
        return T("⏳ {store}: not done yet", store=store.name)
    icon, word = result_at(store)
    return T("{icon} {store}: {outcome}", icon=icon, store=store.name, outcome=word)


def _outcome(store: StoreView) -> Text:
    if store.outcome is None:
        return T("⏳ Not done yet")
    icon, word = result_at(store)
    return T("{icon} Outcome: {outcome}", icon=icon, outcome=word)
