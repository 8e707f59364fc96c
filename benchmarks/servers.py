"""An ERP and a loyalty platform on one port, in a process of their own, that cost almost nothing.

The platform keeps the bytes of each upload and gives the same bytes back: a campaign with its
lines is one of the documented shapes of a read (`protocols/crescevendas.md` 3).
Run by `Servers`: `python -m benchmarks.servers JSON`.
"""

import asyncio
import json
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs
from urllib.request import Request, urlopen

from benchmarks.measure import ROOT
from benchmarks.pages import VARIANTS, Catalogue, store_cnpj, store_number

_LIST = re.compile(r"/v3\.2/produtounidade/listaprodutos/(\d+)/unidade/(\w+)")
_REGISTRATION = re.compile(rb'"store_registrations":\["(\w+)"')
_TOKEN = b'{"response":{"status":"ok","token":"invented.token","expiresIn":14400}}'
_ACCEPTED = b'{"response":{"code":200,"id":1}}'
_NOTHING_LIVE = b'{"response":{"discounts":[]}}'
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(slots=True)
class Site:
    """What both servers know. `counts` are requests since the last reset, by kind."""

    catalogues: list[Catalogue]
    uploads: dict[str, bytes] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def answer(self, method: str, target: str, body: bytes) -> bytes:
        path, _, query = target.partition("?")
        kind = path.rsplit("/", 1)[-1]
        if found := _LIST.fullmatch(path):
            self._count("pages")
            return self._page(int(found[1]), found[2], query)
        if kind in {"counts", "reset"}:
            return self._control(kind)
        self._count({"auth": "logins", "batch_upload": "uploads"}.get(kind, "reads"))
        if kind == "auth":
            return _TOKEN
        if method == "POST":
            return self._upload(body)
        return self.uploads.get(parse_qs(query)["store_registration"][0], _NOTHING_LIVE)

    def _page(self, cursor: int, unit: str, query: str) -> bytes:
        asked = parse_qs(query)
        catalogue = self.catalogues[store_number(unit) % VARIANTS]
        return catalogue.page(cursor, int(asked["limit"][0]), only_second_price="somentePreco2" in asked)

    def _upload(self, body: bytes) -> bytes:
        found = _REGISTRATION.search(body, 0, 1000)
        if found is None:
            raise ValueError(body[:200])
        self.uploads[found[1].decode()] = body
        return _ACCEPTED

    def _control(self, kind: str) -> bytes:
        counts = json.dumps(self.counts).encode()
        if kind == "reset":
            self.uploads.clear()
            self.counts.clear()
        return counts

    def _count(self, kind: str) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1


class _Connection(asyncio.Protocol):
    """Just enough HTTP/1.1: one request after another, bodies by Content-Length."""

    def __init__(self, site: Site, delay: float) -> None:
        self._site = site
        self._delay = delay
        self._received = bytearray()
        self._needed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if len(self._received) < self._needed:
            return
        end = self._received.find(_END_OF_HEAD)
        if end < 0:
            return
        head = bytes(self._received[:end])
        start = end + len(_END_OF_HEAD)
        self._needed = start + _length(head)
        if len(self._received) >= self._needed:
            self._respond(head, bytes(self._received[start : self._needed]))
            del self._received[: self._needed]
            self._needed = 0

    def _respond(self, head: bytes, body: bytes) -> None:
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        answer = self._site.answer(method, target, body)
        whole = _HEAD % len(answer) + answer
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, whole)
        else:
            self._transport.write(whole)


def _length(head: bytes) -> int:
    found = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    return int(found[1]) if found else 0


class Servers:
    """The process with both servers, from enter to exit; every answer comes `delay` seconds late."""

    def __init__(self, *, products: int, discounted: int, delay: float = 0) -> None:
        self.products, self.discounted = products, discounted
        self._order = json.dumps({"products": products, "discounted": discounted, "delay": delay})

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "benchmarks.servers", self._order]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate()

    def reset(self) -> dict[str, int]:
        """Forget what was uploaded; return the counts of requests until now."""
        with urlopen(Request(f"{self.url}/reset", method="POST"), timeout=10) as answer:
            counts: dict[str, int] = json.load(answer)
        return counts

    def stores(self, number: int) -> list[str]:
        return [store_cnpj(place) for place in range(1, number + 1)]


async def serve(order: dict[str, Any]) -> None:
    """Listen on a free port, print it, serve until told to stop."""
    catalogues = [Catalogue(variant, order["products"], order["discounted"]) for variant in range(VARIANTS)]
    site = Site(catalogues)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    server = await loop.create_server(lambda: _Connection(site, order["delay"]), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await stop.wait()


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1])))
