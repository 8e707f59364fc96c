"""Reading and writing a store's three sets: fetched, prepared, verified (`rules.md` 1.8).

Each function is part of a unit of work (`Database.read`, `Database.write`).
"""

import hashlib
import zlib
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, get_args

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.util import await_only

from core.catalogue.lines import Candidate, Line, Reject
from core.catalogue.model import FetchedProduct, LineList, PastPrice, PreparedList, Snapshot, VerifiedList
from core.catalogue.packed import codes_in, pack
from core.catalogue.places import Place, is_at
from core.db.base import put_row, table_of
from core.errors import Conflict
from core.executions.model import Step
from core.stores.model import Store
from core.texts import T
from core.windows import Window

_encode = msgspec.json.Encoder().encode
_decode_lines = msgspec.json.Decoder(list[Line]).decode
_decode_line = msgspec.json.Decoder(Line).decode
_decode_rejects = msgspec.json.Decoder(dict[str, list[str | int]]).decode

_snapshots, _line_lists = table_of(Snapshot), table_of(LineList)
_prepared_lists, _verified_lists = table_of(PreparedList), table_of(VerifiedList)

Rejects = dict[Reject, list[str | int]]

_Row = tuple[str, str, str, str, str, int | None, str | None, bool]
"""A candidate as its JSON has it: prices stay text, which both databases take."""
_decode_rows = msgspec.json.Decoder(list[_Row]).decode
_WIDTH = len(get_args(_Row))

_COLUMNS = 'store_id, code, name, ean, base, final, "limit", till, per_unit'
_DELETE = sa.text("DELETE FROM fetched_products WHERE store_id = :store")
_NAME_LENGTH, _EAN_LENGTH = 200, 20
_ROWS_AT_ONCE = 1000
"""Rows of one INSERT: far fewer trips through the driver than a statement per row."""
_store: sa.BindParameter[int] = bindparam("store")
_stored_snapshot = select(Snapshot.digest, Snapshot.products_read).where(Snapshot.store_id == _store)
_kept_list = select(LineList.count).where(LineList.store_id == _store, LineList.digest == bindparam("digest"))
_listed = select(LineList.lines).where(LineList.store_id == _store, LineList.digest == bindparam("digest"))
_sent_lists = select(LineList.lines).where(
    LineList.store_id == _store,
    LineList.digest != bindparam("proven"),
    LineList.digest.in_(
        select(Step.sent_digest).where(
            Step.store_id == _store,
            Step.day == bindparam("day"),
            is_at(Step.sent_account, "account"),
            is_at(Step.sent_registration, "registration"),
        )
    ),
)
_newest_verified = (
    select(VerifiedList.day, VerifiedList.digest)
    .where(
        VerifiedList.store_id == _store,
        is_at(VerifiedList.account, "account"),
        is_at(VerifiedList.registration, "registration"),
        is_at(VerifiedList.unit, "unit"),
    )
    .order_by(VerifiedList.id.desc())
    .limit(1)
)
_prepared_since = (
    select(PreparedList.scanned_at)
    .where(
        PreparedList.store_id == _store,
        PreparedList.scanned_at > bindparam("read_at"),
        PreparedList.scanned_at <= bindparam("now"),
    )
    .limit(1)
)
_past_prices = select(PastPrice.code, PastPrice.final).where(PastPrice.store_id == _store)
_COPY = f"COPY fetched_products ({_COLUMNS}) FROM STDIN"
_DAMAGED = (zlib.error, msgspec.MsgspecError, ValueError, ArithmeticError, TypeError)
"""What reading rows raises that hold something else than was written."""
_ALTERED = T(
    "A list that was kept of this store was altered in the database, so it is not known what is live. "
    "Nothing is sent to the store: restore a backup."
)
_NULL = "\\N"
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a complete scan found. `products_read` counts all products, kept or rejected.

    `origin` is the store's unit and the integration it was read through, as they were then; empty when unknown.
    """

    scanned_at: datetime
    products_read: int
    candidates: Sequence[Candidate]
    rejects: Rejects
    origin: str = ""


@dataclass(frozen=True)
class Baseline:
    """The last verified list of a store, in its canonical form, and the day it was for."""

    day: date
    digest: str
    packed: bytes

    @cached_property
    def lines(self) -> dict[str, Line]:
        """Return the lines by code."""
        return {line.code: line for line in _decode_lines(self.packed)}

    @cached_property
    def codes(self) -> list[str]:
        """Return the codes of the lines alone."""
        return codes_in(self.packed)


def replace_snapshot(session: Session, store_id: int, fetched: Fetched) -> bool:
    """Replace a store's fetched set by a complete scan. An unchanged one only gets its new date.

    A scan without any product never erases one with products: it cannot be told from an ERP
    that answers nothing under load (`rp.md` 3.2). Returns whether products were written.
    """
    _queue_up(session, store_id)
    packed = pack(fetched.candidates)
    digest = hashlib.sha256(packed).hexdigest()
    stored = session.execute(_stored_snapshot, {"store": store_id}).one_or_none()
    if stored is not None and stored.products_read and not fetched.products_read:
        return False
    values = {
        "digest": digest,
        "scanned_at": fetched.scanned_at,
        "products_read": fetched.products_read,
        "rejects": zlib.compress(_encode(fetched.rejects), 1),
        "origin": fetched.origin or None,
    }
    put_row(session, _snapshots, {"store_id": store_id}, values)
    if stored is not None and stored.digest == digest:
        return False
    _write_products(session, store_id, _fitting(_decode_rows(packed)))
    return True


def _write_products(session: Session, store_id: int, rows: list[_Row]) -> None:
    """Delete the store's fetched products and insert these: COPY on PostgreSQL, else many rows at once."""
    session.execute(_DELETE, {"store": store_id})
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        # In the order of the key, which is text: the tree grows at its end only.
        rows.sort(key=itemgetter(0))
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows[first : first + _ROWS_AT_ONCE]
            connection.exec_driver_sql(_insert(len(part)), _bound(store_id, part))
    elif rows:
        copied = "".join([_copy_line(store_id, *row) for row in rows])
        await_only(_copy(connection.connection.driver_connection, copied))


def _fitting(rows: list[_Row]) -> list[_Row]:
    """Cut names and barcodes that are longer than their columns, as nearly none is."""
    if all(len(row[1]) <= _NAME_LENGTH and len(row[2]) <= _EAN_LENGTH for row in rows):
        return rows
    return [
        (code, name[:_NAME_LENGTH], ean[:_EAN_LENGTH], base, final, limit, till, per_unit)
        for code, name, ean, base, final, limit, till, per_unit in rows
    ]


@lru_cache(maxsize=16)
def _insert(count: int) -> str:
    """Return an INSERT of so many rows; their store, the same for all, is its first parameter."""
    starts = range(2, 2 + count * _WIDTH, _WIDTH)
    rows = (", ".join([f"?{start + place}" for place in range(_WIDTH)]) for start in starts)
    return f"INSERT INTO fetched_products ({_COLUMNS}) VALUES {', '.join(f'(?1, {row})' for row in rows)}"  # noqa: S608


def _bound(store_id: int, rows: list[_Row]) -> tuple[Any, ...]:
    """Return the parameters of `_insert`; no bool among them, for which the driver would seek an adapter."""
    values: list[Any] = [*chain.from_iterable(rows)]
    values[_WIDTH - 1 :: _WIDTH] = map(int, values[_WIDTH - 1 :: _WIDTH])
    return (store_id, *values)


async def _copy(driver: Any, lines: str) -> None:
    async with driver.cursor().copy(_COPY) as copy:
        await copy.write(lines)


def _copy_line(store_id: int, code: str, name: str, ean: str, base: str, final: str, *others: Any) -> str:
    """Return a line of COPY's text form."""
    text = f"{code}{name}{ean}"
    if "\\" in text or not text.isprintable():
        code, name, ean = (part.translate(_ESCAPES) for part in (code, name, ean))
    limit, till, per_unit = (_NULL if value is None else value for value in others)
    return f"{store_id}\t{code}\t{name}\t{ean}\t{base}\t{final}\t{limit}\t{till}\t{per_unit}\n"


def load_fetched(session: Session, store_id: int) -> Fetched | None:
    """Return the store's last complete scan, or None when there was none, or its rows are no longer what was read."""
    snapshot = session.get(Snapshot, store_id)
    if snapshot is None:
        return None
    with suppress(*_DAMAGED):
        rows = session.execute(sa.select(FetchedProduct.__table__).where(FetchedProduct.store_id == store_id))
        candidates = [
            Candidate(r.code, r.name, r.ean, r.base, r.final, r.limit, r.till, bool(r.per_unit)) for r in rows
        ]
        candidates.sort(key=lambda candidate: (len(candidate.code), candidate.code))
        rejects = {Reject(k): codes for k, codes in _decode_rejects(zlib.decompress(snapshot.rejects)).items()}
        if hashlib.sha256(pack(candidates)).hexdigest() == snapshot.digest:
            return Fetched(snapshot.scanned_at, snapshot.products_read, candidates, rejects, snapshot.origin or "")
    return None


def reasons_of(rejects: bytes, codes: Collection[str]) -> dict[str, Reject]:
    """Return why some products are not in a snapshot, from its packed rejects."""
    # A code is a number where it can be one; an intersection looks at all of them at once.
    wanted = {*codes, *(int(code) for code in codes if code.isascii() and code.isdigit())}
    found = _decode_rejects(zlib.decompress(rejects))
    return {str(code): Reject(reason) for reason, listed in found.items() for code in wanted.intersection(listed)}


def lines_of(packed: bytes, codes: Iterable[str]) -> dict[str, Line]:
    """Return single lines of a packed list, without unpacking the tens of thousands beside them."""
    found = {}
    for code in codes:
        start = packed.find(b'{"code":%b,' % _encode(code))
        if start >= 0:
            found[code] = _decode_line(packed[start : packed.index(b"}", start) + 1])
    return found


def keep_lines(session: Session, store_id: int, digest: str, *, count: int, packed: bytes) -> None:
    """Store a list in its canonical form (`core.catalogue.prepare`) under its digest, once."""
    _queue_up(session, store_id)
    if session.execute(_kept_list, {"store": store_id, "digest": digest}).one_or_none() is None:
        values = {"store_id": store_id, "digest": digest, "count": count, "lines": packed}
        session.connection().execute(insert(_line_lists), values)


def _queue_up(session: Session, store_id: int) -> None:
    """Let only one process at a time write a store's sets. On SQLite one writes at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(Store.id).where(Store.id == store_id).with_for_update(key_share=True))


def load_lines(session: Session, store_id: int, digest: str) -> list[Line]:
    """Return a list by its digest. Raises Conflict for one that is not there any more as it was written."""
    return _decode_lines(_load_packed(session, store_id, digest))


def _load_packed(session: Session, store_id: int, digest: str) -> bytes:
    packed = session.scalar(_listed, {"store": store_id, "digest": digest})
    if not isinstance(packed, bytes) or hashlib.sha256(packed).hexdigest() != digest:
        raise Conflict(_ALTERED)
    return packed


def keep_prepared(
    session: Session, execution_id: int, store_id: int, *, digest: str, count: int, day: date, scanned_at: datetime
) -> None:
    """Note which list a run prepared for a store; a repeated preparation replaces the note."""
    values: dict[str, Any] = {"digest": digest, "count": count, "day": day, "scanned_at": scanned_at}
    put_row(session, _prepared_lists, {"execution_id": execution_id, "store_id": store_id}, values)


def last_prepared_scan(session: Session, store_id: int) -> datetime | None:
    """Return when the scan behind the store's newest prepared list began; it may have found nothing."""
    newest: datetime | None = session.scalar(
        select(sa.func.max(PreparedList.scanned_at)).where(PreparedList.store_id == store_id)
    )
    return newest


def is_outdated(session: Session, store_id: int, read_at: datetime, now: datetime, last: Baseline | None) -> bool:
    """Tell whether another run of the store outdated a list: by newer prices, or by what it verified since.

    `read_at` is when the scan behind the list began, `last` what it was held against. Prices of the
    future were read before the clock was set back, and outdate nothing.
    """
    about = {"store": store_id, "read_at": read_at, "now": now}
    if session.scalar(_prepared_since, about) is not None:
        return True
    newest = session.execute(_newest_verified, {"store": store_id, **_parts_of(None)}).one_or_none()
    return newest is not None and (last is None or (newest.day, newest.digest) != (last.day, last.digest))


def load_unproven(session: Session, store_id: int, day: date, proven: str | None, place: Place) -> frozenset[str]:
    """Return the codes of all lists that left for a store's place on a day, other than the list `proven`.

    They may be live though nobody could read them back: ours, neither foreign nor to be kept.
    """
    about = {"account": place.account, "registration": place.registration}
    lists = session.scalars(_sent_lists, {"store": store_id, "day": day, "proven": proven or "", **about})
    return frozenset(code for lines in lists for code in codes_in(lines))


def add_verified(
    session: Session,
    execution_id: int,
    store_id: int,
    *,
    digest: str,
    count: int,
    window: Window,
    verified_at: datetime,
    place: Place | None = None,
) -> None:
    """Make a list that was read back at a place the store's new baseline."""
    values = {
        "store_id": store_id,
        "execution_id": execution_id,
        "digest": digest,
        "count": count,
        "day": window.day,
        "window_start": window.start,
        "window_end": window.end,
        "verified_at": verified_at,
        **_parts_of(place),
    }
    session.connection().execute(insert(_verified_lists), values)


def remember_prices(session: Session, store_id: int, day: date, gone: Collection[Line]) -> None:
    """Note the last verified final prices of products that leave a store's list."""
    if not gone:
        return
    of_store = PastPrice.store_id == store_id
    known = set(session.scalars(select(PastPrice.code).where(of_store)))
    connection = session.connection()
    again = [{"gone": line.code} for line in gone if line.code in known]
    if again:
        connection.execute(delete(PastPrice).where(of_store, PastPrice.code == sa.bindparam("gone")), again)
    rows = [{"store_id": store_id, "code": line.code, "final": line.final_price, "day": day} for line in gone]
    connection.execute(sa.insert(PastPrice), rows)


def load_past_prices(session: Session, store_id: int) -> dict[str, Decimal]:
    """Return the last verified final prices of products that may have left a store's list, by code."""
    rows = session.execute(_past_prices, {"store": store_id})
    return {row.code: row.final for row in rows}


def _parts_of(place: Place | None) -> dict[str, str | None]:
    return {name: getattr(place, name, None) for name in ("account", "registration", "unit")}


def load_baseline(session: Session, store_id: int, place: Place | None = None) -> Baseline | None:
    """Return the last verified list of a store, at one place if that is named, or None before its first."""
    newest = session.execute(_newest_verified, {"store": store_id, **_parts_of(place)}).one_or_none()
    if newest is None:
        return None
    return Baseline(newest.day, newest.digest, _load_packed(session, store_id, newest.digest))


def load_last_prices(session: Session, store_id: int) -> dict[str, Decimal]:
    """Return the last verified final price of every code that ever had one."""
    baseline = load_baseline(session, store_id)
    verified = baseline.lines if baseline else {}
    return load_past_prices(session, store_id) | {code: line.final_price for code, line in verified.items()}
