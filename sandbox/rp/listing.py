"""The product list by store: cursors, pages, and the faults of a scan (`protocols/rp.md` 3)."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from sandbox.faults import Fault
from sandbox.rp.options import PAGE_SHAPE, RpOptions
from sandbox.rp.products import OLD_VERSION, Form, parse_version
from sandbox.rp.shapes import bend_items, encode_page, envelope, list_document
from sandbox.rp.store import ErpStore, Filter

LIST_FAULTS = (
    "empty_page",  # status ok, no products
    "null_list",  # status ok, the list is null
    "missing_list",  # status ok, no list
    "stuck_cursor",  # the page before, again; never on the first
    "duplicates",  # begins with the last `parameter` (1) products of the page before; never on the first
    "unsorted",  # back to front
)
CHANGED_FORMAT = "%d-%m-%Y %H:%M:%S"
TRUE = ("true", "1", "S")


class UnreadableDate(ValueError):
    """A `dataHoraManutencao` that is not dd-MM-yyyy HH:mm:ss."""


@dataclass(frozen=True, slots=True)
class ListRequest:
    """One list call, understood. limit is what will be answered at most."""

    version: str
    cursor: int
    limit: int
    detailed: bool
    wanted: Filter


def parse_list(request: web.Request, options: RpOptions) -> ListRequest:
    """Read path and query. Raises UnreadableDate."""
    tail = [unquote(part) for part in request.match_info.get("tail", "").split("/") if part]
    since = None
    if "dataHoraManutencao" in tail[:-1]:
        text = tail[tail.index("dataHoraManutencao") + 1]
        try:
            # Without a zone on both sides: the ERP prints and reads São Paulo time.
            since = datetime.strptime(text, CHANGED_FORMAT)  # noqa: DTZ007
        except ValueError as problem:
            raise UnreadableDate(text) from problem
    second = request.query.get("somentePreco2", "") in TRUE and not options.ignore_second_price
    wanted = Filter("ativos" in tail, "marcados" in tail, second, since)
    limit = request.query.get("limit", "")
    size = int(limit) if limit.isdecimal() and int(limit) and not options.ignore_limit else options.default_page
    cursor = int(request.match_info["last"])
    return ListRequest(request.match_info["version"], cursor, min(size, options.page_cap), "detalhado" in tail, wanted)


@dataclass(slots=True)
class _Scan:
    """Where the scan of a store is, as its requests show."""

    cursor: int = 0
    before: int = 0
    page: int = 0


@dataclass(slots=True)
class Scans:
    """Counts the pages of each store's scan; a repeated cursor keeps its number."""

    _scans: dict[str, _Scan] = field(default_factory=dict)

    def see(self, store: str, cursor: int) -> int:
        """Note a list call and return its 1-based page number."""
        scan = self._scans.setdefault(store, _Scan())
        if cursor == 0:
            scan.cursor, scan.before, scan.page = 0, 0, 1
        elif cursor != scan.cursor:
            scan.cursor, scan.before, scan.page = cursor, scan.cursor, scan.page + 1
        return scan.page

    def before(self, store: str) -> int:
        """Return the cursor of the page before."""
        return self._scans[store].before

    def clear(self) -> None:
        """Forget every scan."""
        self._scans.clear()


class Pages:
    """Builds pages as bytes and keeps the plain ones, up to `limit_bytes` in all, oldest out first."""

    def __init__(self, limit_bytes: int = 384 * 1024 * 1024) -> None:
        self._limit = limit_bytes
        self._size = 0
        self._kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self.built = 0

    def plain(self, store: ErpStore, asked: ListRequest, options: RpOptions) -> bytes:
        """Return the page a healthy server answers."""
        key = (store.cnpj, store.version, asked, PAGE_SHAPE(options))
        body = self._kept.get(key)
        if body is None:
            body = self._build(store, asked, options, page_codes(store, asked))
            self._keep(key, body)
        return body

    def faulty(self, store: ErpStore, asked: ListRequest, options: RpOptions, fault: Fault, before: int) -> bytes:
        """Return the page as a fault of LIST_FAULTS bends it; `before` is the cursor of the page before."""
        new = parse_version(asked.version) > OLD_VERSION
        match fault.kind:
            case "empty_page":
                return encode_page(list_document(options, [], new=new), options)
            case "null_list":
                return encode_page(list_document(options, None, new=new), options)
            case "missing_list":
                return encode_page({"response": envelope(options, ["Dados carregados"], new=new)}, options)
        return self._build(store, asked, options, _bent_codes(store, asked, fault, before))

    def clear(self) -> None:
        """Drop what is kept."""
        self._kept.clear()
        self._size = 0

    def _keep(self, key: tuple[object, ...], body: bytes) -> None:
        self._kept[key] = body
        self._size += len(body)
        while self._size > self._limit:
            self._size -= len(self._kept.popitem(last=False)[1])

    def _build(self, store: ErpStore, asked: ListRequest, options: RpOptions, codes: Sequence[int]) -> bytes:
        self.built += 1
        version = parse_version(asked.version)
        form = Form(version, asked.detailed, store.unit_code, options)
        items: list[dict[str, Any]] = [store.wire(code, form) for code in codes]
        document = list_document(options, bend_items(items, options), new=version > OLD_VERSION)
        return encode_page(document, options)


def page_codes(store: ErpStore, asked: ListRequest) -> Sequence[int]:
    """Return the codes above the cursor, at most `limit` of them (rule 3.1.1)."""
    view = store.view(asked.wanted)
    start = bisect_right(view, asked.cursor)
    return view[start : start + asked.limit]


def _bent_codes(store: ErpStore, asked: ListRequest, fault: Fault, before: int) -> Sequence[int]:
    view = store.view(asked.wanted)
    codes = list(page_codes(store, asked))
    match fault.kind:
        case "unsorted":
            codes.reverse()
        case "stuck_cursor":
            start = bisect_right(view, before)
            codes = list(view[start : start + asked.limit])
        case "duplicates" if codes:
            start = bisect_right(view, asked.cursor)
            again = view[max(0, start - int(fault.number(1))) : start]
            codes = [*again, *codes][: max(asked.limit, len(again) + 1)]
    return codes
