"""Every module's connection: calls nobody unasked, fails in words, keeps its secrets."""

import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
from aiohttp import web

from core.errors import OutsideError, Unreachable
from integrations.contract import Connection, Module, ModuleContext, Probe, SettingsModel
from integrations.entries import Entry

SECRET = "s3cret-Zq9x"
HTML = "<!DOCTYPE html><html><body><h1>It works!</h1></body></html>"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Connect = Callable[[str], Connection]
Serve = Callable[[Handler], Awaitable[str]]

_OUTSIDE = ("open", "os.", "socket.", "subprocess.", "sqlite3.", "urllib.")
_watching: list[list[str]] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    for seen in _watching:
        if event.startswith(_OUTSIDE):
            seen.append(f"{event}{arguments}")


sys.addaudithook(_note)


@contextmanager
def nothing_outside() -> Iterator[None]:
    """Fail if files, sockets or programs are touched inside."""
    seen: list[str] = []
    _watching.append(seen)
    try:
        yield
    finally:
        _watching.pop()
    assert seen == []


def shown(error: BaseException) -> str:
    """Return all that anyone may get to see of an error and what caused it."""
    parts: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        parts += [repr(cause), str(cause), repr(getattr(cause, "text", "")), str(getattr(cause, "detail", ""))]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return " ".join(parts)


def test_registering_touches_nothing_outside(entry: Entry) -> None:
    assert entry.manifest is not None
    path, _, function = entry.manifest.entrypoint.partition(":")
    register = getattr(import_module(path), function)
    with nothing_outside():
        register()


async def test_connecting_touches_nothing_outside(
    module: Module, configure: Callable[..., SettingsModel], context: ModuleContext
) -> None:
    settings = configure()
    with nothing_outside():
        connection = module.connect(settings, context)
    with nothing_outside():
        await connection.close()


async def test_a_connection_closes_twice_without_complaint(
    module: Module, configure: Callable[..., SettingsModel], context: ModuleContext
) -> None:
    connection = module.connect(configure(), context)
    await connection.close()
    await connection.close()


async def test_a_connection_never_shows_a_secret(
    module: Module, configure: Callable[..., SettingsModel], context: ModuleContext
) -> None:
    connection = module.connect(configure(), context)
    assert SECRET not in f"{connection} {connection!r}"
    await connection.close()


async def test_a_dead_port_is_unreachable_in_words(connect: Connect) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(Unreachable) as caught:
            await connect(f"http://127.0.0.1:{port}").probe()
    assert f"127.0.0.1:{port}" in str(caught.value.text)
    assert SECRET not in shown(caught.value)


def answering(status: int, body: str, kind: str) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type=kind)

    return answer


async def outcome(connection: Connection) -> OutsideError | Probe:
    try:
        return await connection.probe()
    except OutsideError as error:
        return error


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, HTML, "text/html"),
        (302, "", "text/html"),
        (401, '{"error": "no"}', "application/json"),
        (401, HTML, "text/html"),
        (429, "", "text/plain"),
        (500, HTML, "text/html"),
        (503, "", "text/plain"),
    ],
)
async def test_what_is_clearly_not_the_other_side_is_an_error_in_words(
    connect: Connect, serve: Serve, status: int, body: str, kind: str
) -> None:
    connection = connect(await serve(answering(status, body, kind)))
    with pytest.raises(OutsideError) as caught:
        await connection.probe()
    words = str(caught.value.text)
    assert words
    assert "<" not in words, "Answers are never echoed"
    assert SECRET not in shown(caught.value)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, ""),
        (200, "["),
        (200, "null"),
        (200, '"text"'),
        (200, "[" * 3000),
        (200, '{"unexpected": [null, 1, {}]}'),
        (200, '{"response": {"status": null}}'),
        (400, '{"error": ["no"]}'),
        (403, ""),
        (404, HTML),
    ],
)
async def test_any_other_strange_answer_is_an_error_or_a_note_but_never_breaks(
    connect: Connect, serve: Serve, status: int, body: str
) -> None:
    found = await outcome(connect(await serve(answering(status, body, "application/json"))))
    if isinstance(found, Probe):
        assert found.notes, "Something was strange, so there is something to say"
    else:
        assert str(found.text)
        assert SECRET not in shown(found)


@pytest.mark.parametrize("status", [200, 400, 401, 422, 500])
async def test_a_server_that_echoes_what_it_got_gets_no_secret_shown(
    connect: Connect, serve: Serve, status: int
) -> None:
    async def echo(request: web.Request) -> web.Response:
        got = f"{request.path_qs} {dict(request.headers)} {await request.text()}"
        answer = {"response": {"status": "error", "messages": [{"message": got}]}, "error": got, "errors": [got]}
        return web.json_response(answer, status=status)

    found = await outcome(connect(await serve(echo)))
    assert SECRET not in (shown(found) if isinstance(found, OutsideError) else repr(found))


async def test_a_server_that_hangs_up_is_an_outside_error(connect: Connect, serve: Serve) -> None:
    async def hang_up(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    connection = connect(await serve(hang_up))
    with pytest.raises(OutsideError) as caught:
        await connection.probe()
    assert SECRET not in shown(caught.value)


async def test_a_module_that_calls_nobody_says_what_it_would_reach(
    module: Module, configure: Callable[..., SettingsModel], context: ModuleContext
) -> None:
    if {"base_url", "host"} & module.Settings.model_fields.keys():
        pytest.skip("calls somebody")
    with nothing_outside():
        probe: Any = await module.connect(configure(), context).probe()
    assert isinstance(probe, Probe)
    assert probe.reached
