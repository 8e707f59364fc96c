"""What a run found at a store, product by product, one page after the other."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from core.catalogue.compare import Change, Difference
from core.catalogue.rails import HeldLine, LineHold
from core.executions.findings import ShowFindings, StoreFindings
from core.executions.views import ShowLog
from core.texts import TN, T, Text, percent
from handlers.cards.words import HOLD_REASONS, REJECT_REASONS, released
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Page, headed
from handlers.dialogs.searching import narrowed, search_lines
from handlers.lookup.words import price_of
from handlers.reports.run_log import log_text

_LINES = 12
_CODES = 20
_LOG = 240
Entry = TypeVar("Entry")


class Part(StrEnum):
    """The lists about one store in one run."""

    LINES = "lines"
    REJECTS = "rejects"
    HELD = "held"
    DIFFERENCES = "differences"
    LOG = "log"


_TITLES: dict[Part, Text] = {
    Part.LINES: T("📋 Products for the platform"),
    Part.REJECTS: T("⚪ Products without a discount, and why"),
    Part.HELD: T("✋ Held for review"),
    Part.DIFFERENCES: T("⚖ What the platform shows otherwise"),
    Part.LOG: T("🧾 Log, newest first"),
}
_COUNTED = frozenset({Part.LINES, Part.HELD})
"""The lists whose every line is a product, so that the heading can tell their number."""
_HINT = T("Type part of a name or a code to search.")
_HINTS: dict[Part, Text] = {
    Part.REJECTS: T("Type a code or a reason to search."),
    Part.LOG: T("Type a word to search."),
}


async def part_page(menu: Menu) -> Page:
    part = Part(menu.data["part"])
    menu.about(f"{menu.data['run']}/{menu.data.get('store')}/{part}", "part")
    heading, lines = await _found(menu, part)
    found = narrowed(menu, lines, lambda line: [line], "part", _LINES)
    shown = list(found.rows) if lines else [T("There is nothing here.")]
    hints = search_lines(menu.search("part"), found, _HINTS.get(part, _HINT))
    title = headed(_TITLES[part], found.total) if part in _COUNTED else _TITLES[part]
    return Page.of(title, [*heading, *shown, *hints], [], found)


async def _log(menu: Menu) -> list[Text]:
    show_log, store_id = await menu.get(ShowLog), menu.data.get("store")
    run, found = await show_log(menu.actor, menu.data["run"], limit=_LOG)
    names = {one.store_id: one.name for one in run.stores} if store_id is None else {}
    shown = [one for one in reversed(found) if store_id is None or one.store_id in (None, store_id)]
    return [log_text(one, names.get(one.store_id or 0, ""), one.at) for one in shown]


async def _found(menu: Menu, part: Part) -> tuple[list[Text], list[Text]]:
    """Return what stands above the list, and the list."""
    if part is Part.LOG:
        return [], await _log(menu)
    findings = await menu.use(ShowFindings)(menu.actor, menu.data["run"], menu.data["store"])
    if findings is None:
        return [], []
    match part:
        case Part.LINES:
            return [], [_line(findings, one.code, price_of(one.price, one.final_price)) for one in findings.lines]
        case Part.HELD:
            let_go = findings.store.released
            return [released(let_go)] if let_go is not None else [], [_held(one) for one in findings.held]
        case Part.REJECTS:
            return [], list(_rejected(findings))
        case _ if findings.difference is not None:
            return _tally(findings.difference), list(_different(findings, findings.difference))
    return [], []


def _line(findings: StoreFindings, code: str, said: Text) -> Text:
    return T("• {product}: {said}", product=_product(findings, code), said=said)


def _product(findings: StoreFindings, code: str) -> Text:
    known = findings.names.get(code)
    return T("{code}", code=code) if known is None else T("{name} ({code})", name=known.name, code=code)


def _rejected(findings: StoreFindings) -> Iterable[Text]:
    for reason, codes in findings.rejects.items():
        for number, some in enumerate(_portions(codes, _CODES)):
            said, named = REJECT_REASONS[reason], list(some)
            if number == 0:
                yield TN(
                    "⚪ {n} product, {reason}: {codes}",
                    "⚪ {n} products, {reason}: {codes}",
                    len(codes),
                    reason=said,
                    codes=named,
                )
            else:
                # A search may show this line alone.
                yield T("⚪ … {reason}: {codes}", reason=said, codes=named)


def _held(one: HeldLine) -> Text:
    product = one.candidate
    moved = one.reason is LineHold.MAX_PRICE_CHANGE and one.last is not None
    return T(
        "✋ {name} ({code}): {price}. Held: {reason} ({actual}, allowed {allowed}).",
        name=product.name,
        code=product.code,
        price=price_of(one.last if moved and one.last is not None else product.base, product.final),
        reason=HOLD_REASONS.get(one.reason, T("a guard rail")),
        actual=_measured(one.reason, one.actual),
        allowed=_measured(one.reason, one.allowed),
    )


def _measured(reason: LineHold, value: Decimal) -> Text:
    """Say what a guard rail measures in its unit: prices at the till, else percents."""
    return T("{price}", price=value) if reason is LineHold.BELOW_TILL else percent(float(value))


def _different(findings: StoreFindings, difference: Difference) -> Iterable[Text]:
    """Return the differences, what customers notice at the till first."""
    for code in difference.extra:
        yield _line(findings, code, T("live, and ought not to be"))
    for said, changes in (
        (_PRICE, difference.final_price),
        (_NORMAL, difference.regular_price),
        (_LIMIT, difference.limit),
    ):
        for change in changes:
            yield _line(findings, change.code, _changed(said, change))
    for code in difference.duplicates:
        yield _line(findings, code, T("live more than once"))
    for code in difference.others:
        yield _line(findings, code, T("live from somebody else"))
    for code in difference.missing:
        yield _line(findings, code, T("missing on the platform"))


def _tally(difference: Difference) -> list[Text]:
    """Say how many there are of each kind, in the order of the list."""
    counts = [
        TN("{n} live that ought not to be", "{n} live that ought not to be", len(difference.extra)),
        TN("{n} other club price", "{n} other club prices", len(difference.final_price)),
        TN("{n} other regular price", "{n} other regular prices", len(difference.regular_price)),
        TN("{n} other limit", "{n} other limits", len(difference.limit)),
        TN("{n} live more than once", "{n} live more than once", len(difference.duplicates)),
        TN("{n} from somebody else", "{n} from somebody else", len(difference.others)),
        TN("{n} missing", "{n} missing", len(difference.missing)),
    ]
    told = [one for one in counts if one.count]
    return [T("{counts}", counts=told)] if told else []


_PRICE, _NORMAL, _LIMIT = T("club price"), T("regular price"), T("limit")
_UNREADABLE = T("unreadable")


def _changed(what: Text, change: Change) -> Text:
    theirs = _UNREADABLE if change.theirs is None else change.theirs
    return T("{what} {theirs} on the platform, {ours} with us", what=what, theirs=theirs, ours=change.ours)


def _portions(entries: Sequence[Entry], size: int) -> Iterable[Sequence[Entry]]:
    return (entries[first : first + size] for first in range(0, len(entries), size))
