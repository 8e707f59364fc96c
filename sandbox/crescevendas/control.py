"""Control routes of the platform apart from its API: stores and lines."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec
from aiohttp import web

from sandbox.crescevendas.ledger import PlatformLine, StoredLine, Window
from sandbox.server import json_answer


class Steerable(Protocol):
    """What these routes need of the server."""

    def add_store(self, registration: str) -> None:
        """Make a registration known."""

    def lines(self, registration: str) -> list[StoredLine]:
        """Return a store's lines."""

    def add_foreign(self, registration: str, lines: list[PlatformLine], window: Window) -> None:
        """Add lines of somebody else."""

    def erase(self, registration: str, codes: list[str] | None = None) -> None:
        """Take lines away."""


class _Foreign(msgspec.Struct, forbid_unknown_fields=True):
    store: str
    lines: list[PlatformLine]
    start: datetime
    end: datetime


class _NewStore(msgspec.Struct, forbid_unknown_fields=True):
    registration: str


class LineControl:
    """The handlers; wrong documents raise ValueError, missing parameters KeyError."""

    def __init__(self, server: Steerable) -> None:
        self._server = server

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add the routes."""
        router.add_get("/_fake/lines", self._show)
        router.add_post("/_fake/lines", self._add)
        router.add_delete("/_fake/lines", self._erase)
        router.add_post("/_fake/stores", self._add_store)

    async def _show(self, request: web.Request) -> web.Response:
        return json_answer(self._server.lines(request.query["store"]))

    async def _add(self, request: web.Request) -> web.Response:
        wanted = msgspec.json.decode(await request.read(), type=_Foreign)
        self._server.add_foreign(wanted.store, wanted.lines, (wanted.start, wanted.end))
        return json_answer({"added": len(wanted.lines)})

    async def _erase(self, request: web.Request) -> web.Response:
        codes = request.query.getall("code", [])
        self._server.erase(request.query["store"], codes or None)
        return json_answer({"erased": request.query["store"]})

    async def _add_store(self, request: web.Request) -> web.Response:
        wanted = msgspec.json.decode(await request.read(), type=_NewStore)
        self._server.add_store(wanted.registration)
        return json_answer({"added": wanted.registration})
