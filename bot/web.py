"""The HTTP side inside our loop: uvicorn without its own signals, sockets and logging."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from core.errors import StartError
from core.texts import T

_STOP_SECONDS = 2
USUAL_PORT = 8080


class _QuietServer(uvicorn.Server):
    """Leaves signals to the process: uvicorn would stop out of order and raise them again."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer:
    """Serves an app on a socket of its own until stopped."""

    def __init__(self, app: FastAPI, host: str, port: int | None) -> None:
        """Take the port; without one the usual, or any free one beside another process. Raises StartError."""
        self._socket = _bind(host, port) if port is not None else _bind_usual(host)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=_STOP_SECONDS
        )
        self._server = _QuietServer(config)

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    async def serve(self) -> None:
        await self._server.serve(sockets=[self._socket])

    def stop(self) -> None:
        self._server.should_exit = True


def _bind_usual(host: str) -> socket.socket:
    try:
        return _bind(host, USUAL_PORT)
    except StartError:
        return _bind(host, 0)


def _bind(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        made = socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise StartError(
            T(
                "The address {host}:{port} cannot be used: {reason}. "
                "Choose another CHIMERA_HTTP_PORT (0 takes a free one).",
                host=host,
                port=str(port),
                reason=error.strerror or "?",
            )
        ) from error
    made.setblocking(False)
    return made
