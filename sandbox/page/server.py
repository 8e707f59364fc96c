"""The page's own origin: its files, Telegram's control routes, the other servers' behind a prefix, the switches.

It listens apart from the servers it steers, so that it goes on while one of them is down.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, Self

import aiohttp
from aiohttp import web
from yarl import URL

from sandbox.crescevendas import PlatformServer
from sandbox.page.troubles import TIMED_SECONDS, Troubles
from sandbox.rp import RpServer
from sandbox.telegram import TelegramServer
from sandbox.telegram.acts import guarded
from sandbox.telegram.control import add_control_routes
from sandbox.telegram.routes import MAX_UPLOAD_BYTES

STATIC = Path(__file__).parent / "static"
HOST = "127.0.0.1"
USUAL_PORT = 8099
_OWN_NAMES = (HOST, "localhost")
# Nothing from elsewhere, no script in the page's text: what a chat says can only be text.
POLICY = "default-src 'self'; img-src 'self' data:; connect-src 'self' ws:; frame-ancestors 'none'; base-uri 'none'"

Json = dict[str, Any]


class Process(Protocol):
    """The real process among the servers."""

    def state(self) -> Json:
        """Say whether it runs, whether it answers nobody yet, and its clock: {running, starting, now, zone}."""

    async def restart(self, moment: datetime | None = None, *, kill: bool = False) -> None:
        """End it (with `kill` as -9 does) and start it again, at a moment if one is given."""


class PageServer:
    """Serves the page on loopback; `roles` are shown beside the people. Used as `async with`."""

    def __init__(
        self,
        telegram: TelegramServer,
        erp: RpServer,
        platform: PlatformServer,
        *,
        roles: dict[int, str] | None = None,
        process: Process | None = None,
        port: int = 0,
    ) -> None:
        self.troubles = Troubles(erp, platform, telegram, lambda: self._tell("troubles"))
        self.process = process
        self._telegram, self._erp, self._platform = telegram, erp, platform
        self._behind = {"erp": lambda: erp.url, "platform": lambda: platform.url}
        self._roles = roles or {}
        self._port = port
        self._runner: web.AppRunner | None = None
        self._http: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._port}/"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_UPLOAD_BYTES, middlewares=[_by_its_own_name, _with_policy])
        add_control_routes(app, self._telegram)
        app.router.add_get("/_fake/troubles", self._show_troubles)
        app.router.add_post("/_fake/troubles", guarded(self._switch))
        app.router.add_get("/_fake/roles", self._show_roles)
        app.router.add_get("/_fake/at-platform", self._show_live)
        app.router.add_get("/_fake/process", self._show_process)
        app.router.add_post("/_fake/process", guarded(self._restart))
        app.router.add_route("*", "/{server:erp|platform}/_fake/{tail:.+}", self._forward)
        app.router.add_get("/", _index)
        app.router.add_static("/static", STATIC)
        self._http = aiohttp.ClientSession()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        await self._listen(self._runner)
        return self

    async def _listen(self, runner: web.AppRunner) -> None:
        """Take the usual port, or a free one when another page has it; a named port must be had."""
        if not self._port:
            with suppress(OSError):
                await web.TCPSite(runner, HOST, USUAL_PORT).start()
                self._port = USUAL_PORT
                return
        await web.TCPSite(runner, HOST, self._port).start()
        self._port = int(runner.addresses[0][1])

    async def __aexit__(self, *_: object) -> None:
        await self.troubles.close()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._http is not None:
            await self._http.close()

    def _tell(self, kind: str) -> None:
        self._telegram.world.feed.announce(kind)

    async def _show_roles(self, _request: web.Request) -> web.Response:
        return web.json_response(self._roles)

    async def _show_live(self, _request: web.Request) -> web.Response:
        """Say how many lines each store has at the platform: [{name, cnpj, lines}]."""
        names = {store.cnpj: store.name for store in self._erp.stores()}
        found = [
            {"name": names.get(cnpj, cnpj), "cnpj": cnpj, "lines": len(self._platform.lines(cnpj))}
            for cnpj in self._platform.stores
        ]
        return web.json_response(found)

    async def _show_troubles(self, _request: web.Request) -> web.Response:
        return web.json_response(self.troubles.state())

    async def _switch(self, body: Json) -> Json:
        """Break or mend: {name, on, seconds?}."""
        seconds = float(body.get("seconds") or TIMED_SECONDS)
        await self.troubles.switch(str(body["name"]), on=bool(body["on"]), seconds=seconds)
        return {"troubles": self.troubles.state()}

    async def _show_process(self, _request: web.Request) -> web.Response:
        return web.json_response(self.process.state() if self.process else {})

    async def _restart(self, body: Json) -> Json:
        """Restart the process: {kill?, at? (a local time without offset)}."""
        if self.process is None:
            return {}
        moment = datetime.fromisoformat(body["at"]) if body.get("at") else None
        work = asyncio.ensure_future(self.process.restart(moment, kill=bool(body.get("kill"))))
        self._tell("process")
        try:
            await asyncio.shield(work)
        finally:
            self._tell("process")
        return self.process.state()

    async def _forward(self, request: web.Request) -> web.Response:
        """Hand a control route on to the server it belongs to."""
        address: Callable[[], str] = self._behind[request.match_info["server"]]
        target = f"{address()}/_fake/{request.match_info['tail']}"
        if self._http is None:
            raise web.HTTPServiceUnavailable
        try:
            async with self._http.request(
                request.method, target, params=request.query, data=await request.read()
            ) as answer:
                body, kind = await answer.read(), answer.content_type
        except aiohttp.ClientError:
            return web.json_response({"error": "that server is down"}, status=502)
        return web.Response(body=body, status=answer.status, content_type=kind)


@web.middleware
async def _by_its_own_name(request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
    """Refuse pages from elsewhere: one whose name was made to lead here, one that calls from its own name."""
    origin = request.headers.get("Origin")
    if request.url.host not in _OWN_NAMES or (origin is not None and URL(origin).host not in _OWN_NAMES):
        return web.Response(status=403, text="This server answers to its own page only.")
    answer: web.StreamResponse = await handler(request)
    return answer


async def _index(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html")


@web.middleware
async def _with_policy(request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
    answer: web.StreamResponse = await handler(request)
    if not answer.prepared:
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["Cache-Control"] = "no-cache"
    return answer
