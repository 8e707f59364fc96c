"""Stores in words: at a glance for a button, in full for their page."""

from datetime import datetime
from zoneinfo import ZoneInfo

from core.clock import local_date
from core.cnpj import format_cnpj
from core.executions.words import worked_out_word
from core.stores.viewing import LastSync, StorePage, StoreRow
from core.texts import TN, Param, T, Text
from handlers.cards.words import WORKED_OUT_ICON, let_go, outcome_of, released


def glance(row: StoreRow, zone: ZoneInfo) -> Text:
    """Say in a few words how a store stands today."""
    if not row.active:
        return T("💤 {store}: inactive", store=row.name)
    if row.paused_by is not None:
        return T("⏸ {scope}: paused", scope=row.name)
    if not row.cut_over:
        return T("{icon} {store}: worked out only", icon=WORKED_OUT_ICON, store=row.name)
    if row.last is not None and not row.last.outcome.good and not row.last.worked_out:
        icon, word = _word(row.last)
        return T("{icon} {store}: {outcome}", icon=icon, store=row.name, outcome=word)
    if row.live is None or not row.live.lines:
        return T("⚪ {store}: nothing live", store=row.name)
    if not row.live.begun:
        start = row.live.start.astimezone(zone).time()
        return T("🕕 {store}: {n} live at {start}", store=row.name, n=row.live.lines, start=start)
    return TN("🟢 {store}: {n} product live", "🟢 {store}: {n} products live", row.live.lines, store=row.name)


def about(page: StorePage) -> list[Text]:
    lines = [T("CNPJ {cnpj} · opens at {opening}", cnpj=format_cnpj(page.cnpj), opening=page.opening)]
    if page.tags:
        lines.append(T("Tags: {tags}", tags=page.tags))
    if page.row.paused_by is not None:
        lines.append(T("⏸ Sending to it is paused by {name}.", name=page.row.paused_by))
    if not page.row.cut_over:
        lines.append(T("🧪 The old system still sends it: runs work everything out, compare, and send nothing."))
    if not page.row.active:
        lines.append(T("💤 Inactive: runs leave it out."))
    return lines


def live(page: StorePage, now: datetime, zone: ZoneInfo) -> list[Text]:
    found = page.row.live
    if found is None:
        return [T("⚪ Nothing verified is live.")]
    if not found.lines:
        return [T("⚪ Nothing is live: an empty list was verified at {at}.", at=_near(found.verified_at, now, zone))]
    if not found.begun:
        return [
            TN(
                "🕕 {n} product live from {start} until {end} (verified: {at}).",
                "🕕 {n} products live from {start} until {end} (verified: {at}).",
                found.lines,
                start=_near(found.start, now, zone),
                end=_near(found.end, now, zone),
                at=_near(found.verified_at, now, zone),
            )
        ]
    return [
        TN(
            "🟢 {n} product live until {end} (verified: {at}).",
            "🟢 {n} products live until {end} (verified: {at}).",
            found.lines,
            end=_near(found.end, now, zone),
            at=_near(found.verified_at, now, zone),
        )
    ]


def sync(page: StorePage) -> list[Text]:
    if page.row.last is None:
        return [T("No sync has run here yet.")]
    lines = last_sync(page.row.last)
    if page.held_lines:
        lines.append(
            TN(
                "✋ {n} product held for review",
                "✋ {n} products held for review",
                page.held_lines,
            )
        )
    return lines


def last_sync(last: LastSync) -> list[Text]:
    """Say how the last sync ended, and what became of what it held."""
    icon, word = (WORKED_OUT_ICON, worked_out_word()) if last.worked_out else _word(last)
    if last.at is None:
        said = T("{icon} Last sync: {outcome}.", icon=icon, outcome=word)
    else:
        said = T("{icon} Last sync: {outcome}, {at}.", icon=icon, outcome=word, at=last.at)
    whole = said if last.reason is None else T("{sentence} {note}", sentence=said, note=last.reason)
    return [whole, *([released(last.released)] if last.released is not None else [])]


def _word(last: LastSync) -> tuple[str, Text]:
    return outcome_of(last.outcome) if last.released is None else let_go()


def scan(page: StorePage, now: datetime, zone: ZoneInfo) -> list[Text]:
    if page.scanned_at is None:
        return [T("❔ Never read from the ERP yet.")]
    about: dict[str, Param] = {"at": _near(page.scanned_at, now, zone), "read": page.read}
    return [
        TN(
            "📖 Read from the ERP: {at}. {read} products, {n} with a discount.",
            "📖 Read from the ERP: {at}. {read} products, {n} with discounts.",
            page.discounted,
            T("📖 Read from the ERP: {at}. {read} products, none with a discount.", **about),
            **about,
        )
    ]


def _near(at: datetime, now: datetime, zone: ZoneInfo) -> Text:
    """Return a moment in few words: today needs no date."""
    there = at.astimezone(zone)
    return T("{time}", time=there.time()) if there.date() == local_date(now, zone) else T("{value}", value=at)
