"""The report of a run: a sheet each for stores, lines, rejects, what is held, and differences."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from core.catalogue.compare import Change, Difference
from core.executions.findings import ProductName, StoreFindings
from core.executions.views import StoreView
from core.i18n import Translator
from core.texts import T, Text
from handlers.cards.words import HOLD_REASONS, REJECT_REASONS, released, result_at
from handlers.reports.workbook import Cell, Column, Kind, Sheet, Workbook

_NO_NAME = ProductName("", "")
_PERCENT = 100
_TENTH = Decimal("0.1")
_STORE = (T("Store"), Kind.TEXT, 22)
_PRODUCT = ((T("Code"), Kind.TEXT, 10), (T("EAN"), Kind.TEXT, 16), (T("Product"), Kind.TEXT, 40))
_PRICES = ((T("Regular price"), Kind.MONEY, 14), (T("Club price"), Kind.MONEY, 14))

_Columns = tuple[tuple[Text, Kind, int], ...]
_STORES: _Columns = (
    _STORE,
    (T("Result"), Kind.TEXT, 24),
    (T("Reason"), Kind.TEXT, 60),
    (T("Products read"), Kind.WHOLE, 14),
    (T("With discount"), Kind.WHOLE, 10),
    (T("Without discount"), Kind.WHOLE, 10),
    (T("Held products"), Kind.WHOLE, 18),
    (T("Differences"), Kind.WHOLE, 12),
    (T("Prices read at"), Kind.MOMENT, 16),
    (T("Verified at"), Kind.MOMENT, 16),
)
_LINES: _Columns = (_STORE, *_PRODUCT, *_PRICES, (T("Off (%)"), Kind.SHARE, 8), (T("Limit"), Kind.WHOLE, 8))
_REJECTS: _Columns = (_STORE, (T("Code"), Kind.TEXT, 10), (T("Reason"), Kind.TEXT, 44))
_HELD: _Columns = (
    _STORE,
    *_PRODUCT,
    *_PRICES,
    (T("Last live price"), Kind.MONEY, 14),
    (T("Till price"), Kind.MONEY, 14),
    (T("Reason"), Kind.TEXT, 44),
)
_DIFFERENCES: _Columns = (
    _STORE,
    (T("Seen"), Kind.TEXT, 16),
    (T("Difference"), Kind.TEXT, 26),
    *_PRODUCT,
    (T("ERP"), Kind.MONEY, 12),
    (T("Platform"), Kind.MONEY, 12),
)

_MISSING, _EXTRA, _OTHERS = T("missing on the platform"), T("only on the platform"), T("product of somebody else")
_TWICE = T("there twice")
_CHANGES = (
    ("final_price", T("other club price")),
    ("regular_price", T("other regular price")),
    ("limit", T("other limit")),
)


class RunReport(AbstractContextManager["RunReport"]):
    """Takes a run store by store, and gives the file at the end; left early, it leaves nothing. For use in a thread."""

    def __init__(self, translator: Translator) -> None:
        self._translator = translator
        self._book = Workbook()
        self._stores = self._sheet(T("Stores"), _STORES)
        self._lines = self._sheet(T("Products"), _LINES)
        self._rejects = self._sheet(T("Without discount"), _REJECTS)
        self._held = self._sheet(T("Held products"), _HELD)
        self._differences = self._sheet(T("Differences"), _DIFFERENCES)

    def add(self, found: StoreFindings) -> None:
        """Write everything about one store."""
        self._add_store(found)
        self._add_lines(found)
        store = found.store.name
        for reason, codes in found.rejects.items():
            words = self._say(REJECT_REASONS[reason])
            for code in codes:
                self._rejects.add(store, code, words)
        for held in found.held:
            one = held.candidate
            reason_words = self._say(HOLD_REASONS[held.reason])
            self._held.add(store, one.code, one.ean, one.name, one.base, one.final, held.last, one.till, reason_words)
        for seen, difference in ((T("before sending"), found.before), (T("after sending"), found.after)):
            for row in _rows(found, difference) if difference is not None else ():
                self._add_difference(found, seen, row)

    def finish(self) -> bytes:
        return self._book.finish()

    def __exit__(self, *_error: object) -> None:
        self._book.discard()

    def _add_store(self, found: StoreFindings) -> None:
        store = found.store
        last = found.difference
        read = found.scanned_at is not None or "read" in store.counts
        self._stores.add(
            store.name,
            self._say(result_at(store)[1]) if store.outcome else "",
            " ".join(map(self._say, _reasons(store))),
            store.counts.get("read"),
            len(found.lines) if found.scanned_at else store.counts.get("lines"),
            # What was not read has no number: a nought would say that nothing was found.
            sum(map(len, found.rejects.values())) if read else None,
            len(found.held) if read else None,
            sum(last.counts.values()) if last is not None else None,
            self._local(found.scanned_at),
            self._local(found.verified_at),
        )

    def _add_lines(self, found: StoreFindings) -> None:
        for line in found.lines:
            name = found.names.get(line.code, _NO_NAME)
            off = _off(line.price, line.final_price) if line.price else None
            self._lines.add(
                found.store.name, line.code, name.ean, name.name, line.price, line.final_price, off, line.limit
            )

    def _add_difference(self, found: StoreFindings, seen: Text, row: tuple[Text, str, Cell, Cell]) -> None:
        what, code, ours, theirs = row
        name = found.names.get(code, _NO_NAME)
        self._differences.add(
            found.store.name, self._say(seen), self._say(what), code, name.ean, name.name, ours, theirs
        )

    def _sheet(self, title: Text, columns: _Columns) -> Sheet:
        made = [Column(self._say(heading), kind, width) for heading, kind, width in columns]
        return self._book.sheet(self._say(title), made)

    def _say(self, text: Text) -> str:
        return self._translator(text)

    def _local(self, instant: datetime | None) -> datetime | None:
        """Return the wall clock's time: spreadsheets know no zones."""
        return None if instant is None else instant.astimezone(self._translator.zone).replace(tzinfo=None)


def _reasons(store: StoreView) -> list[Text]:
    """Return why a store came to its result, and what became of what was held there."""
    let_go = [released(store.released)] if store.released is not None else []
    return [*([store.reason] if store.reason is not None else []), *let_go]


def _off(price: Decimal, final_price: Decimal) -> Decimal:
    return ((price - final_price) * _PERCENT / price).quantize(_TENTH, ROUND_HALF_UP)


def _rows(found: StoreFindings, difference: Difference) -> Iterator[tuple[Text, str, Cell, Cell]]:
    """Yield what differs, its code, our value and the platform's."""
    ours = {line.code: line.final_price for line in found.lines}
    for code in difference.missing:
        yield _MISSING, code, ours.get(code), None
    for codes, what in ((difference.extra, _EXTRA), (difference.others, _OTHERS)):
        for code in codes:
            theirs = found.live.get(code)
            yield what, code, None, theirs.final_price if theirs else None
    for category, what in _CHANGES:
        changes: list[Change] = getattr(difference, category)
        for change in changes:
            yield what, change.code, change.ours, change.theirs
    for code in difference.duplicates:
        yield _TWICE, code, None, None
