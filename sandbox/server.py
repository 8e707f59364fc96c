"""What every server of the sandbox does alike: listening, misbehaving, keeping a journal, being steered."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, NamedTuple, Protocol, Self, TypeVar

import msgspec
from aiohttp import web

from sandbox.faults import Call, Fault, Faults

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Clock = Callable[[], datetime]

FAULT = web.RequestKey("fault", Fault)
HOST = "127.0.0.1"
JOURNAL_LIMIT = 100_000
BODY_LIMIT = 64 * 1024 * 1024
# A handler that is still busy when the server stops is cut off after this many seconds.
GRACE_SECONDS = 0.05


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


Options = TypeVar("Options", bound=_Dataclass)

_PROXY_PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>nginx</body></html>"
_encode = msgspec.json.Encoder(decimal_format="number").encode


class JournalEntry(NamedTuple):
    """One request: its path with query, the NAMES of its headers (never a value) and the status answered.

    The status is 0 when the connection ended without an answer.
    """

    method: str
    path: str
    headers: tuple[str, ...]
    status: int


def json_answer(document: Any, status: int = 200) -> web.Response:
    """Answer with a JSON document; decimals go out as numbers."""
    return web.Response(body=_encode(document), status=status, content_type="application/json", charset="utf-8")


def html_answer(title: str, status: int, headers: dict[str, str] | None = None) -> web.Response:
    """Answer with the kind of page a proxy in front of the server writes."""
    return web.Response(text=_PROXY_PAGE.format(title), status=status, content_type="text/html", headers=headers)


def _now() -> datetime:
    return datetime.now(UTC)


class FakeServer:
    """A server on the loopback interface, at `url` while it runs; used as `async with`.

    clock: a callable that returns an aware datetime; the real time when omitted.
    port: 0 picks a free one, which is then kept until the object goes.
    `before_answer` is called with every Call before it is answered, to change things in mid-scan.
    """

    def __init__(self, faults: Faults, clock: Clock | None, port: int) -> None:
        self.faults = faults
        self.journal: list[JournalEntry] = []
        self.before_answer: Callable[[Call], None] | None = None
        self.port = port
        self._clock: Clock = clock or _now
        self._frozen: datetime | None = None
        self._shift = timedelta()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """The base address, known once the server has started."""
        return f"http://{HOST}:{self.port}"

    def now(self) -> datetime:
        """Return the server's idea of the time, aware."""
        return (self._frozen or self._clock()) + self._shift

    def set_clock(self, moment: datetime | None) -> None:
        """Stop the clock at an aware moment; None lets it run with its source again."""
        self._frozen = moment
        self._shift = timedelta()

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._shift += timedelta(seconds=seconds)

    async def __aenter__(self) -> Self:
        await self.come_up()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.go_down()

    async def come_up(self) -> None:
        """Listen, on the same port as before if there was one."""
        if self._runner is not None:
            return
        app = web.Application(middlewares=[self._boundary], client_max_size=BODY_LIMIT)
        self._add_control_routes(app.router)
        self.add_routes(app.router)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=GRACE_SECONDS)
        await runner.setup()
        site = web.TCPSite(runner, HOST, self.port, backlog=1024)
        await site.start()
        self.port = site.port
        self._runner = runner

    async def go_down(self) -> None:
        """Stop listening and close every connection; what the server knows stays."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add the server's own endpoints."""
        raise NotImplementedError

    async def describe(self, request: web.Request) -> Call:
        """Say which call this request is, for the faults and the page numbers."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Return what `/_fake/state` shows."""
        raise NotImplementedError

    def patch_options(self, patch: dict[str, Any]) -> dict[str, Any]:
        """Change switches by name and return them all. Raises ValueError for wrong ones."""
        raise NotImplementedError

    def broken_answer(self, fault: Fault) -> web.StreamResponse | None:
        """Return the body of a fault only this server can play; None lets the endpoint run."""
        raise NotImplementedError

    def reset(self) -> None:
        """Forget faults, journal and changes of the clock."""
        self.faults.clear()
        self.journal.clear()
        self.set_clock(None)
        self.before_answer = None

    @web.middleware
    async def _boundary(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/_fake/"):
            return await _steer(request, handler)
        status = 0
        try:
            answer = await self._answer(request, handler)
            status = 0 if request.transport is None or request.transport.is_closing() else answer.status
        except web.HTTPException as problem:
            status = problem.status
            raise
        finally:
            self._note(request, status)
        return answer

    def _note(self, request: web.Request, status: int) -> None:
        if len(self.journal) >= JOURNAL_LIMIT:
            del self.journal[: JOURNAL_LIMIT // 2]
        self.journal.append(JournalEntry(request.method, request.path_qs, tuple(request.headers), status))

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        call = await self.describe(request)
        if self.before_answer is not None:
            self.before_answer(call)
        fault = None
        for hit in self.faults.take(call) if self.faults else ():
            if hit.kind == "delay":
                await asyncio.sleep(hit.number(1))
            else:
                fault = request[FAULT] = hit
        if fault is None:
            return await handler(request)
        broken = await self._play(request, fault)
        if broken is not None:
            return broken
        answer = await handler(request)
        return await cut_answer(request, answer) if fault.kind == "cut_body" else answer

    async def _play(self, request: web.Request, fault: Fault) -> web.StreamResponse | None:
        own = self.broken_answer(fault)
        if own is not None:
            return own
        match fault.kind:
            case "refuse":
                return drop(request)
            case "hang":
                return await hang()
        return _plain_fault(fault)

    def _add_control_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/_fake/state", self._show_state)
        router.add_get("/_fake/faults", self._show_faults)
        router.add_post("/_fake/faults", self._add_faults)
        router.add_delete("/_fake/faults", self._clear_faults)
        router.add_patch("/_fake/options", self._patch_options)
        router.add_get("/_fake/journal", self._show_journal)
        router.add_post("/_fake/reset", self._reset)
        router.add_post("/_fake/clock", self._set_clock)

    async def _show_state(self, _: web.Request) -> web.Response:
        return json_answer({"now": self.now(), "faults": self.faults.documents(), **self.state()})

    async def _show_faults(self, _: web.Request) -> web.Response:
        return json_answer(self.faults.documents())

    async def _add_faults(self, request: web.Request) -> web.Response:
        document = await request.json()
        self.faults.add_documents(document if isinstance(document, list) else [document])
        return json_answer(self.faults.documents())

    async def _clear_faults(self, _: web.Request) -> web.Response:
        self.faults.clear()
        return json_answer([])

    async def _patch_options(self, request: web.Request) -> web.Response:
        return json_answer(self.patch_options(await request.json()))

    async def _show_journal(self, _: web.Request) -> web.Response:
        return json_answer([entry._asdict() for entry in self.journal])

    async def _reset(self, _: web.Request) -> web.Response:
        self.reset()
        return json_answer(self.state())

    async def _set_clock(self, request: web.Request) -> web.Response:
        change = msgspec.convert(await request.json(), _ClockChange)
        if change.now is not msgspec.UNSET:
            if change.now is not None and change.now.tzinfo is None:
                raise ValueError("now needs an offset")
            self.set_clock(change.now)
        self.advance(change.advance_seconds)
        return json_answer({"now": self.now()})


def patched(options: Options, patch: dict[str, Any]) -> Options:
    """Return options with some switches changed by name. Raises ValueError for wrong names and values."""
    known = asdict(options)
    unknown = set(patch) - set(known)
    if unknown:
        raise ValueError(f"unknown switches: {', '.join(sorted(unknown))}")
    return msgspec.convert(known | patch, type(options))


def serve_until_stopped(server: FakeServer) -> None:
    """Serve until interrupted, printing the address once it listens."""

    async def serve() -> None:
        async with server:
            sys.stdout.write(f"{server.url}\n")
            sys.stdout.flush()
            await asyncio.Event().wait()

    with suppress(KeyboardInterrupt):
        asyncio.run(serve())


class _ClockChange(msgspec.Struct, forbid_unknown_fields=True):
    now: datetime | msgspec.UnsetType | None = msgspec.UNSET
    advance_seconds: float = 0


async def _steer(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except (ValueError, KeyError, TypeError) as problem:
        return json_answer({"error": str(problem)}, 400)


def _plain_fault(fault: Fault) -> web.Response | None:
    match fault.kind:
        case "http_503_html":
            return html_answer("503 Service Temporarily Unavailable", 503)
        case "http_500_html":
            return html_answer("500 Internal Server Error", 500)
        case "html_200":
            return html_answer("Bem-vindo", 200)
        case "http_429":
            after = fault.parameter
            headers = {} if after is None else {"Retry-After": str(after).removesuffix(".0")}
            return web.Response(status=429, text="Too Many Requests", headers=headers)
        case "not_json":
            return web.Response(body=b"OK: 1 registro(s)\r\n", content_type="application/json")
        case "empty_object":
            return json_answer({})
        case "null_body":
            return json_answer(None)
    return None


def drop(request: web.Request) -> web.Response:
    """Close the connection; the answer returned is never seen."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def hang() -> web.Response:
    """Wait until the client gives up or the server stops, which both cancel the handler."""
    await asyncio.Event().wait()
    return web.Response()


async def cut_answer(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """Send the first half of an answer under the length of the whole, then close."""
    body = answer.body if isinstance(answer, web.Response) and isinstance(answer.body, bytes) else b""
    cut = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.content_type})
    cut.content_length = len(body) + 1
    with suppress(ConnectionError):
        await cut.prepare(request)
        await cut.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return cut


def kinds_on(routes: dict[str, Iterable[str]], shared: Iterable[str]) -> dict[str, frozenset[str] | None]:
    """Build the table of `Faults`: the shared kinds everywhere, the others on their routes."""
    table: dict[str, frozenset[str] | None] = dict.fromkeys(shared)
    return table | {kind: frozenset(where) for kind, where in routes.items()}
