"""The fastest loop that does the bare work of a sync: the ceiling of P-1 and P-5.

It fetches, filters, keeps, sends and reads back on the same wire, with floats, without login,
engine, guard rails, proof of an end, retries or records. `python -m benchmarks.ceiling JSON`.
"""

import asyncio
import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import msgspec

from benchmarks.measure import loop_lag, peak_memory, percentile
from benchmarks.pages import store_cnpj
from core.interpreter import settle

STORES_AT_ONCE = 8
_TABLE = (
    "CREATE TABLE snapshot(store INTEGER NOT NULL, code INTEGER NOT NULL, name TEXT NOT NULL, price REAL NOT NULL,"
    " final REAL NOT NULL, ean TEXT NOT NULL, PRIMARY KEY(store, code)) WITHOUT ROWID"
)
_INSERT = "INSERT INTO snapshot VALUES(?, ?, ?, ?, ?, ?)"
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-16384")
_LIMIT = 1000


class _Product(msgspec.Struct, gc=False, rename="pascal"):
    codigo: int
    descricao: str
    preco: float
    preco_venda2: float
    codigo_barras: str = ""


class _Response(msgspec.Struct):
    produtos: list[_Product]


class _Page(msgspec.Struct):
    response: _Response


class _Line(msgspec.Struct, gc=False):
    code: str
    price: float
    final_price: float
    limit: int


class _Campaign(msgspec.Struct):
    override: int
    start_date: str
    end_date: str
    store_registrations: list[str]
    name: str
    discount_store_lines: list[_Line]


_Row = tuple[int, int, str, float, float, str]
_decode_page = msgspec.json.Decoder(_Page).decode
_decode_campaign = msgspec.json.Decoder(_Campaign).decode
_encode = msgspec.json.Encoder().encode


class Shelf:
    """The snapshot: one connection, used by one writer thread."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in _PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(_TABLE)

    def replace(self, store: int, rows: list[_Row]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("DELETE FROM snapshot WHERE store = ?", (store,))
        self._connection.executemany(_INSERT, rows)
        self._connection.execute("COMMIT")

    def read(self, store: int) -> dict[str, tuple[float, float]]:
        found = self._connection.execute("SELECT code, price, final FROM snapshot WHERE store = ?", (store,))
        return {str(code): (price, final) for code, price, final in found}

    def close(self) -> None:
        self._connection.close()


@dataclass(slots=True)
class Loop:
    """Several stores at once; `wrong` counts lines that were not read back as sent."""

    url: str
    shelf: Shelf
    writer: ThreadPoolExecutor
    session: aiohttp.ClientSession
    products: int = 0
    lines: int = 0
    wrong: int = 0

    async def work(self, stores: Iterator[int]) -> None:
        for store in stores:
            rows = await self._fetch(store)
            await self._off_loop(self.shelf.replace, store, rows)
            await self._send(store, rows)
            self.lines += len(rows)
            del rows
            await self._check(store)

    async def _fetch(self, store: int) -> list[_Row]:
        cursor, rows = 0, []
        while products := _decode_page(await self._page(store, cursor)).response.produtos:
            rows += [
                (store, p.codigo, p.descricao, p.preco, p.preco_venda2, p.codigo_barras)
                for p in products
                if 0 < p.preco_venda2 < p.preco
            ]
            self.products += len(products)
            cursor = products[-1].codigo
        return rows

    async def _page(self, store: int, cursor: int) -> bytes:
        address = f"{self.url}/v3.2/produtounidade/listaprodutos/{cursor}/unidade/{store_cnpj(store)}?limit=1000"
        async with self.session.get(address) as answer:
            return await answer.read()

    async def _send(self, store: int, rows: list[_Row]) -> None:
        lines = [_Line(str(row[1]), row[3], row[4], _LIMIT) for row in rows]
        times = "2026-11-23T06:00", "2026-11-23T23:59"
        body = _encode(_Campaign(1, *times, [store_cnpj(store)], "001 Descontos", lines))
        address = f"{self.url}/admin/integrations/discount_stores/batch_upload"
        async with self.session.post(address, data=body) as answer:
            await answer.read()

    async def _check(self, store: int) -> None:
        address = f"{self.url}/admin/integrations/discount_stores?store_registration={store_cnpj(store)}"
        async with self.session.get(address) as answer:
            theirs = _decode_campaign(await answer.read()).discount_store_lines
        ours = await self._off_loop(self.shelf.read, store)
        self.wrong += sum(ours.pop(line.code, None) != (line.price, line.final_price) for line in theirs) + len(ours)

    async def _off_loop(self, function: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.writer, function, *arguments)


async def measure(url: str, stores: int) -> dict[str, float]:
    """Run the loop over all stores; seconds, lag in ms, memory in MiB, and what was moved."""
    with TemporaryDirectory() as folder, ThreadPoolExecutor(1) as writer:
        shelf = Shelf(Path(folder) / "ceiling.db")
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            loop = Loop(url, shelf, writer, session)
            remaining = iter(range(1, stores + 1))
            settle()
            async with loop_lag() as lag:
                began = time.perf_counter()
                await asyncio.gather(*(loop.work(remaining) for _ in range(STORES_AT_ONCE)))
                took = time.perf_counter() - began
        shelf.close()
    return {
        "seconds": took,
        "lag": percentile(lag, 0.99),
        "memory": peak_memory(),
        "products": loop.products,
        "lines": loop.lines,
        "wrong": loop.wrong,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(**json.loads(sys.argv[1])))))
