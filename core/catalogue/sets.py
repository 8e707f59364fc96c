"""Reading and writing a store's three sets: fetched, prepared, verified (`rules.md` 1.8)."""

import hashlib
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.catalogue.lines import Candidate, Line, Reject
from core.catalogue.model import FetchedProduct, LineList, PastPrice, PreparedList, Snapshot, VerifiedList
from core.executions.model import Step
from core.windows import Window

_encode = msgspec.json.Encoder().encode
_decode_lines = msgspec.json.Decoder(list[Line]).decode
_decode_line = msgspec.json.Decoder(Line).decode
_decode_rejects = msgspec.json.Decoder(dict[str, list[str | int]]).decode

Rejects = dict[Reject, list[str | int]]

_COLUMNS = 'store_id, code, name, ean, base, final, "limit", till, per_unit'
_INSERT = f"INSERT INTO fetched_products ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants
_COPY = f"COPY fetched_products ({_COLUMNS}) FROM STDIN"
_NULL = "\\N"
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a complete scan found. `products_read` counts all products, kept or rejected."""

    scanned_at: datetime
    products_read: int
    candidates: list[Candidate]
    rejects: Rejects


@dataclass(frozen=True, slots=True)
class Baseline:
    """The last verified list of a store, by code, and the day it was for."""

    day: date
    digest: str
    lines: dict[str, Line]


def scan_digest(candidates: Iterable[Candidate]) -> str:
    """Return the SHA-256 over all that a snapshot keeps of the candidates, in their order."""
    return hashlib.sha256(_encode(list(candidates))).hexdigest()


async def replace_snapshot(session: AsyncSession, store_id: int, fetched: Fetched) -> bool:
    """Replace a store's fetched set by a complete scan. An unchanged one only gets its new date.

    Returns whether products were written. The caller's transaction makes it all or nothing.
    """
    digest = scan_digest(fetched.candidates)
    packed = zlib.compress(_encode(fetched.rejects), 1)
    stored = await session.get(Snapshot, store_id)
    changed = stored is None or stored.digest != digest
    if stored is None:
        session.add(
            Snapshot(
                store_id=store_id,
                digest=digest,
                scanned_at=fetched.scanned_at,
                products_read=fetched.products_read,
                rejects=packed,
            )
        )
    else:
        stored.digest, stored.scanned_at = digest, fetched.scanned_at
        stored.products_read, stored.rejects = fetched.products_read, packed
    await session.flush()
    if changed:
        await write_products(session, store_id, fetched.candidates)
    return changed


async def write_products(session: AsyncSession, store_id: int, candidates: Collection[Candidate]) -> None:
    """Delete the store's fetched products and insert these: COPY on PostgreSQL, else executemany."""
    await session.execute(delete(FetchedProduct).where(FetchedProduct.store_id == store_id))
    if not candidates:
        return
    connection = await session.connection()
    if connection.dialect.name == "sqlite":
        # In the order of the key, which is text: the tree grows at its end only.
        rows = [_row(store_id, c) for c in candidates]
        rows.sort(key=itemgetter(1))
        await connection.exec_driver_sql(_INSERT, rows)
        return
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    async with driver.cursor().copy(_COPY) as copy:
        await copy.write("".join([_copy_line(store_id, c) for c in candidates]))


def _row(store_id: int, c: Candidate) -> tuple[Any, ...]:
    """Return what the driver binds without asking for an adapter, which a bool would need."""
    till = None if c.till is None else str(c.till)
    return store_id, c.code, c.name[:200], c.ean[:20], str(c.base), str(c.final), c.limit, till, int(c.per_unit)


def _copy_line(store_id: int, c: Candidate) -> str:
    """Return a line of COPY's text form."""
    text = f"{c.code}{c.name}{c.ean}"
    if "\\" in text or not text.isprintable():
        code, name, ean = (part.translate(_ESCAPES) for part in (c.code, c.name[:200], c.ean[:20]))
    else:
        code, name, ean = c.code, c.name[:200], c.ean[:20]
    limit = _NULL if c.limit is None else c.limit
    till = _NULL if c.till is None else c.till
    return f"{store_id}\t{code}\t{name}\t{ean}\t{c.base}\t{c.final}\t{limit}\t{till}\t{c.per_unit}\n"


async def load_fetched(session: AsyncSession, store_id: int) -> Fetched | None:
    """Return the store's last complete scan, or None when there was none."""
    snapshot = await session.get(Snapshot, store_id)
    if snapshot is None:
        return None
    rows = await session.execute(sa.select(FetchedProduct.__table__).where(FetchedProduct.store_id == store_id))
    candidates = [Candidate(r.code, r.name, r.ean, r.base, r.final, r.limit, r.till, bool(r.per_unit)) for r in rows]
    rejects = {Reject(k): codes for k, codes in _decode_rejects(zlib.decompress(snapshot.rejects)).items()}
    return Fetched(snapshot.scanned_at, snapshot.products_read, candidates, rejects)


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


async def keep_lines(session: AsyncSession, store_id: int, digest: str, lines: Collection[Line]) -> None:
    """Store a list under its digest, once."""
    if await session.get(LineList, (store_id, digest)) is None:
        session.add(LineList(store_id=store_id, digest=digest, count=len(lines), lines=_encode(list(lines))))
        await session.flush()


async def load_lines(session: AsyncSession, store_id: int, digest: str) -> list[Line]:
    """Return a list by its digest; raises KeyError for one that was never kept."""
    found = await session.get(LineList, (store_id, digest))
    if found is None:
        raise KeyError(digest)
    return _decode_lines(found.lines)


async def keep_prepared(
    session: AsyncSession, execution_id: int, store_id: int, *, digest: str, count: int, day: date, scanned_at: datetime
) -> None:
    """Note which list a run prepared for a store; a repeated preparation replaces the note."""
    await session.merge(
        PreparedList(
            execution_id=execution_id, store_id=store_id, digest=digest, count=count, day=day, scanned_at=scanned_at
        )
    )


async def last_prepared_scan(session: AsyncSession, store_id: int) -> datetime | None:
    """Return when the scan behind the store's newest prepared list began; it may have found nothing."""
    newest: datetime | None = await session.scalar(
        select(sa.func.max(PreparedList.scanned_at)).where(PreparedList.store_id == store_id)
    )
    return newest


async def load_unproven(session: AsyncSession, store_id: int, day: date, proven: str | None) -> frozenset[str]:
    """Return the codes of all lists that left for a store on a day, other than the list `proven`.

    They may be live though nobody could read them back: ours, neither foreign nor to be kept.
    """
    digests = await session.scalars(
        select(Step.sent_digest)
        .where(Step.store_id == store_id, Step.day == day, Step.sent_digest.is_not(None))
        .distinct()
    )
    lists = [await session.get(LineList, (store_id, digest)) for digest in digests if digest != proven]
    return frozenset(line.code for found in lists if found is not None for line in _decode_lines(found.lines))


async def add_verified(
    session: AsyncSession,
    execution_id: int,
    store_id: int,
    *,
    digest: str,
    count: int,
    window: Window,
    verified_at: datetime,
) -> None:
    """Make a list that was read back the store's new baseline."""
    session.add(
        VerifiedList(
            store_id=store_id,
            execution_id=execution_id,
            digest=digest,
            count=count,
            day=window.day,
            window_start=window.start,
            window_end=window.end,
            verified_at=verified_at,
        )
    )


async def remember_prices(session: AsyncSession, store_id: int, day: date, gone: Collection[Line]) -> None:
    """Note the last verified final prices of products that leave a store's list."""
    if not gone:
        return
    of_store = PastPrice.store_id == store_id
    known = set(await session.scalars(select(PastPrice.code).where(of_store)))
    connection = await session.connection()
    again = [{"gone": line.code} for line in gone if line.code in known]
    if again:
        await connection.execute(delete(PastPrice).where(of_store, PastPrice.code == sa.bindparam("gone")), again)
    rows = [{"store_id": store_id, "code": line.code, "final": line.final_price, "day": day} for line in gone]
    await connection.execute(sa.insert(PastPrice), rows)


async def load_past_prices(session: AsyncSession, store_id: int) -> dict[str, Decimal]:
    """Return the last verified final prices of products that may have left a store's list, by code."""
    rows = await session.execute(select(PastPrice.code, PastPrice.final).where(PastPrice.store_id == store_id))
    return {row.code: row.final for row in rows}


async def load_baseline(session: AsyncSession, store_id: int) -> Baseline | None:
    """Return the last verified list of a store, or None before its first."""
    newest = await session.scalar(
        select(VerifiedList).where(VerifiedList.store_id == store_id).order_by(VerifiedList.id.desc()).limit(1)
    )
    if newest is None:
        return None
    lines = await load_lines(session, store_id, newest.digest)
    return Baseline(newest.day, newest.digest, {line.code: line for line in lines})
