"""What *Details* sends: every store with its reason, and the products that are held."""

from datetime import datetime

from core.chat.details import RunDetails
from core.executions.held import HeldProduct
from core.executions.states import ICONS
from core.executions.views import StoreView
from core.outbox.content import Choice, Draft
from core.texts import TN, T, Text
from handlers.cards.words import HOLD_REASONS, STATES, moved, released, result_at

_STORES = 120


def draw_details(details: RunDetails, now: datetime) -> Draft:
    """Return the long text about a run as it is now; the outbox cuts it into messages."""
    run = details.run
    lines = [T("{icon} {state}, {at}", icon=ICONS[run.state], state=STATES[run.state], at=run.finished_at or now)]
    for store in sorted(run.stores, key=_worst_first)[:_STORES]:
        lines.append(_store(store))
        lines += [T("   {released}", released=released(store.released))] if store.released is not None else []
        lines += [_product(one) for one in details.held if one.store_id == store.store_id]
        shown = sum(one.store_id == store.store_id for one in details.held)
        if more := details.held_count[store.store_id] - shown:
            lines.append(TN("   … and {n} more held product", "   … and {n} more held products", more))
    if (more := len(run.stores) - _STORES) > 0:
        lines.append(TN("… and {n} more store", "… and {n} more stores", more))
    title = T("Details of run {number}: {job}", number=str(run.id), job=run.job)
    return Draft(lines, title, [[Choice(T("📜 Store by store"), "open_run", {"execution": run.id})]])


def _worst_first(store: StoreView) -> bool:
    return store.outcome is not None and store.outcome.good


def _store(store: StoreView) -> Text:
    if store.outcome is None:
        return T("⏳ {store}: not done yet", store=store.name)
    icon, word = result_at(store)
    if store.reason is None:
        return T("{icon} {store}: {outcome}", icon=icon, store=store.name, outcome=word)
    return T("{icon} {store}: {outcome}. {reason}", icon=icon, store=store.name, outcome=word, reason=store.reason)


def _product(product: HeldProduct) -> Text:
    """Say the old price, the new one, and the percent that made a guard rail hold the line."""
    return T(
        "   ✋ {name} ({code}): {old} → {new}, {percent}. Held: {reason}.",
        name=product.name,
        code=product.code,
        old=product.old,
        new=product.final,
        percent=moved(product.old, product.final),
        reason=HOLD_REASONS.get(product.reason, T("a guard rail")),
    )
