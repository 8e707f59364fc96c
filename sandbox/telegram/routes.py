"""From HTTP to methods and back: tokens, faults, limits, journal, file downloads."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.telegram import (
    commands,
    methods_bot,
    methods_chats,
    methods_copies,
    methods_inline,
    methods_media,
    methods_messages,
    methods_queries,
    methods_topics,
    methods_webhook,
)
from sandbox.telegram.errors import ApiError, ConnectionCut, too_many_requests
from sandbox.telegram.journal import Call
from sandbox.telegram.known_parameters import KNOWN
from sandbox.telegram.limits import PACED_METHODS
from sandbox.telegram.model import Json, Result
from sandbox.telegram.params import Params, read_params
from sandbox.telegram.world import World

MAX_UPLOAD_BYTES = 50 * 1024 * 1024

_METHODS: dict[str, Callable[[World, Params], Any]] = {
    **methods_bot.METHODS,
    **methods_chats.METHODS,
    **methods_copies.METHODS,
    **methods_inline.METHODS,
    **methods_media.METHODS,
    **methods_messages.METHODS,
    **methods_queries.METHODS,
    **methods_topics.METHODS,
    **methods_webhook.METHODS,
    **commands.METHODS,
}
_NAMES = {name.lower(): name for name in [*_METHODS, "getUpdates"]}

_NOT_FOUND = ApiError(404, "Not Found", kind="unknown_method")
_UNAUTHORIZED = ApiError(401, "Unauthorized", kind="wrong_token")
_TOO_LARGE = ApiError(413, "Request Entity Too Large")


class _HtmlError(Exception):
    """The gateway in front of the API answers with a page of its own."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class BotApi:
    """Routes /bot<token>/<method> and /file/bot<token>/<path>."""

    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token
        world.reply_to_webhook = self.reply

    def add_routes(self, app: web.Application) -> None:
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)

    async def _download(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != self._token:
            return _refusal(_UNAUTHORIZED)
        for file in self._world.files.values():
            if file.path == request.match_info["path"]:
                return web.Response(body=file.data, content_type="application/octet-stream")
        return _refusal(_NOT_FOUND)

    async def _call(self, request: web.Request) -> web.Response:
        method = _NAMES.get(request.match_info["method"].lower(), request.match_info["method"])
        params = Params({})
        try:
            self._check_token(request)
            params = await read_params(request)
            result = await self._process(method, params, lambda: request.transport is not None)
        except web.HTTPRequestEntityTooLarge:
            return self._refuse(request, method, params, _TOO_LARGE)
        except ApiError as error:
            return self._refuse(request, method, params, error)
        except _HtmlError as error:
            self._note(method, params, error.status)
            page = f"<html><body><h1>{error.status}</h1></body></html>"
            return web.Response(text=page, status=error.status, content_type="text/html")
        except ConnectionCut:
            self._note(method, params, 0, "connection cut")
            return _cut(request)
        self._note(method, params, 200)
        if isinstance(result, Result):
            return web.json_response({"ok": True, "result": result.value, "description": result.description})
        return web.json_response({"ok": True, "result": result})

    async def reply(self, call: Json) -> None:
        """Process what a webhook answered with: its result and its refusal reach nobody."""
        name = str(call.get("method"))
        method = _NAMES.get(name.lower(), name)
        params = Params({key: value for key, value in call.items() if key != "method"})
        try:
            await self._process(method, params, lambda: True)
        except ApiError as error:
            self._note(method, params, error.code, error.description)
            self._world.violate(error.kind, method, error.description, params.journal())
        except (ConnectionCut, _HtmlError):
            self._note(method, params, 0, "connection cut")
        else:
            self._note(method, params, 200)

    def _check_token(self, request: web.Request) -> None:
        if request.match_info["token"] != self._token:
            raise _UNAUTHORIZED

    async def _process(self, method: str, params: Params, is_connected: Callable[[], bool]) -> Any:
        chat_id = _chat_id(params)
        await self._meet_faults(method, chat_id)
        if method not in KNOWN:
            raise _NOT_FOUND
        self._refuse_if_blocked(method, chat_id)
        if unknown := sorted(params.names() - KNOWN[method]):
            self._world.violate("unknown_parameter", method, ", ".join(unknown), params.journal())
        if method == "getUpdates":
            result: Any = await methods_bot.get_updates(self._world, params, is_connected)
        else:
            result = _METHODS[method](self._world, params)
        if self._world.faults.take("store_then_cut", method, chat_id):
            raise ConnectionCut
        return result

    async def _meet_faults(self, method: str, chat_id: int | None) -> None:
        faults = self._world.faults
        if faults.take("drop", method, chat_id):
            raise ConnectionCut
        if delay := faults.take("delay", method, chat_id):
            await asyncio.sleep(delay.seconds)
        if broken := faults.take("server_error", method, chat_id):
            raise _HtmlError(broken.status)
        if flood := faults.take("too_many_requests", method, chat_id):
            scope = chat_id if chat_id is not None and method in PACED_METHODS else method
            self._world.limits.block(scope, flood.retry_after)
            raise too_many_requests(flood.retry_after, blame=False)

    def _refuse_if_blocked(self, method: str, chat_id: int | None) -> None:
        self._world.limits.refuse_if_blocked(method)
        if chat_id is not None and method in PACED_METHODS:
            self._world.limits.refuse_if_blocked(chat_id)

    def _refuse(self, request: web.Request, method: str, params: Params, error: ApiError) -> web.Response:
        self._note(method, params, error.code, error.description)
        if error.blame and request.transport is not None:
            self._world.violate(error.kind, method, error.description, params.journal())
        return _refusal(error)

    def _note(self, method: str, params: Params, status: int, description: str = "") -> None:
        self._world.note_call(Call(method, params.journal(), status, self._world.clock(), description))


def _chat_id(params: Params) -> int | None:
    raw = params.text("chat_id")
    return int(raw) if raw.removeprefix("-").isdigit() else None


def _refusal(error: ApiError) -> web.Response:
    return web.json_response(error.body(), status=error.code)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
