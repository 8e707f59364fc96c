"""P-10: replacing one store's fetched products, against the database's own fastest way in."""

import asyncio
import json
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from benchmarks.measure import Ratio, run_child
from benchmarks.pages import store_cnpj
from core.catalogue.lines import Candidate
from core.catalogue.sets import Fetched, replace_snapshot
from core.db.database import Database
from core.db.migrate import migrate
from core.interpreter import settle
from core.organisations.model import Organisation
from core.stores.model import Store
from tests.kit.postgres import PostgresServer

_COLUMNS = 'store_id, code, name, ean, base, final, "limit", till, per_unit'
_INSERT = f"INSERT INTO fetched_products ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_DELETE = "DELETE FROM fetched_products WHERE store_id = "
_COPY = f"COPY fetched_products ({_COLUMNS}) FROM STDIN"

Write = Callable[[], Awaitable[None]]
Pair = tuple[float, float]


def measure(products: int = 10_000, rounds: int = 15) -> list[Ratio]:
    """Measure both databases in a fresh process; what is written changes from round to round."""
    seconds = run_child("benchmarks.snapshots", products=products, rounds=rounds)
    return [
        _ratio("snapshot in SQLite against raw executemany", seconds["sqlite"], products, 0.85),
        _ratio("snapshot in PostgreSQL against COPY", seconds["postgresql"], products, 0.80),
    ]


async def run(products: int, rounds: int) -> dict[str, Pair]:
    """Return the median seconds of ceiling and ours on each database."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "chimera.db"
        async with _prepared(f"sqlite:///{path}") as database:
            inserted = await _sqlite(database, path, products, rounds)
    with PostgresServer() as server:
        url, drop = server.clone()
        async with _prepared(url) as database:
            copied = await _postgres(database, url, products, rounds)
        drop()
    return {"sqlite": inserted, "postgresql": copied}


async def _sqlite(database: Database, path: Path, products: int, rounds: int) -> Pair:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON", "cache_size=-16384"):
        connection.execute(f"PRAGMA {pragma}")

    def write(store: int, rows: list[tuple[Any, ...]]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"{_DELETE}?", (store,))
        connection.executemany(_INSERT, rows)
        connection.execute("COMMIT")

    def raw(store: int, candidates: list[Candidate]) -> Write:
        rows = [_row(store, candidate) for candidate in candidates]
        return lambda: asyncio.to_thread(write, store, rows)

    pair = await _rounds(database, raw, products, rounds)
    connection.close()
    return pair


async def _postgres(database: Database, url: str, products: int, rounds: int) -> Pair:
    with psycopg.connect(url) as connection:

        def write(store: int, block: str) -> None:
            with connection.transaction(), connection.cursor() as cursor:
                cursor.execute(f"{_DELETE}%s".encode(), (store,))
                with cursor.copy(_COPY.encode()) as copy:
                    copy.write(block)

        def raw(store: int, candidates: list[Candidate]) -> Write:
            rows = [_row(store, candidate) for candidate in candidates]
            block = "".join("\t".join("\\N" if x is None else str(x) for x in row) + "\n" for row in rows)
            return lambda: asyncio.to_thread(write, store, block)

        return await _rounds(database, raw, products, rounds)


async def _rounds(database: Database, raw: Callable[[int, list[Candidate]], Write], products: int, rounds: int) -> Pair:
    """Replace a full store in both ways, in turn; one round goes before the others and does not count."""
    ceilings: list[float] = []
    reals: list[float] = []
    settle()
    for number in range(rounds + 1):
        candidates = _candidates(products, number)
        write, ours = raw(1, candidates), _ours(database, 2, candidates)
        pair = [(write, ceilings), (ours, reals)]
        for contender, seconds in pair if number % 2 else reversed(pair):
            began = time.perf_counter()
            await contender()
            seconds.append(time.perf_counter() - began)
    return median(ceilings[1:]), median(reals[1:])


def _ours(database: Database, store: int, candidates: list[Candidate]) -> Write:
    fetched = Fetched(datetime.now(UTC), len(candidates), candidates, {})

    async def write() -> None:
        assert await database.write(lambda session: replace_snapshot(session, store, fetched))

    return write


def _ratio(name: str, pair: Pair, products: int, goal: float) -> Ratio:
    ceiling, ours = pair
    details = f"{products / ours / 1e3:.0f}k rows/s of {products / ceiling / 1e3:.0f}k"
    return Ratio("P-10", name, ceiling / ours, goal, True, details)


def _candidates(products: int, number: int) -> list[Candidate]:
    """Return products whose prices differ from round to round."""
    made = []
    for code in range(1, products + 1):
        cents = 100 + (code * 7919 + number) % 20_000
        base, final = Decimal(cents).scaleb(-2), Decimal(cents * 85 // 100).scaleb(-2)
        name = f"CAFE TORRADO 500G MARCA {code % 997}"
        made.append(Candidate(str(code), name, f"789{code:010}", base, final, till=base))
    return made


def _row(store: int, c: Candidate) -> tuple[Any, ...]:
    return store, c.code, c.name, c.ean, str(c.base), str(c.final), c.limit, str(c.till), int(c.per_unit)


@asynccontextmanager
async def _prepared(url: str) -> AsyncIterator[Database]:
    """Open a migrated database with two stores."""
    database = Database(url)
    await migrate(database.url)
    async with database.writing() as session:
        organisation = Organisation(name="Rede Exemplo", timezone="America/Sao_Paulo", locale="en")
        session.add(organisation)
        await session.flush()
        own: dict[str, Any] = {"organisation_id": organisation.id}
        session.add_all(Store(**own, name=f"Loja {number}", cnpj=store_cnpj(number)) for number in (1, 2))
    yield database
    await database.close()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(**json.loads(sys.argv[1])))))
