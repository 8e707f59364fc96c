"""One process beside the hub for heavy, pure work on bytes: a second core, and no pause of the event loop.

Whatever it cannot do (it died, hangs, ran out of memory, finds something odd), the caller does by
itself: an errand is never lost, only done here. The process begins with the first errand and ends
with its standard input, also when the hub was killed.
"""

import asyncio
import os
import sys
from collections import deque
from pathlib import Path
from typing import cast

import structlog

from core.helper.worker import ERRAND, REPLY, widen

log = structlog.get_logger(__name__)

WORTH_IT = 64 * 1024
"""Bytes that take longer to read than to hand over."""
_ROOT = Path(__file__).parents[2]
_AT_ONCE = 4
"""Errands under way: one is worked at, the others keep it from waiting."""
_LARGEST = 16 * 1024 * 1024
_END_SECONDS = 5.0
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "TZ")
"""All of the hub's environment that it gets; the rest may be secret."""


class HelperFailed(Exception):
    """The errand was not done; do it without the helper."""


class Helper:
    """The hub's one helper process. Belongs to one event loop.

    Seconds: an errand may take `patience`; after a helper was lost, `rest` passes without one.
    """

    def __init__(self, patience: float = 20.0, rest: float = 10.0) -> None:
        self._patience = patience
        self._rest = rest
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._starting = asyncio.Lock()
        self._line: _Line | None = None
        self._not_before = 0.0
        self._closed = False

    async def work(self, task: str, order: bytes, body: bytes) -> bytes:
        """Return what `task` (`package.module:function`) makes of an order and a body. Raises HelperFailed."""
        if len(body) > _LARGEST:
            raise HelperFailed("too large")
        async with self._places:
            line = await self._open_line()
            try:
                async with asyncio.timeout(self._patience):
                    return await line.ask(task.encode(), order, body)
            except TimeoutError:
                await self._give_up(line, "hangs")
            except ConnectionError:
                await self._give_up(line, "died")
        raise HelperFailed("lost")

    async def close(self) -> None:
        """Let the process end, and see it end."""
        self._closed = True
        if self._line is not None:
            await self._line.close()

    async def _open_line(self) -> "_Line":
        async with self._starting:
            if self._line is not None and not self._line.lost:
                return self._line
            now = asyncio.get_running_loop().time()
            if self._closed or now < self._not_before:
                raise HelperFailed("none")
            try:
                self._line = await _start()
            except OSError as error:
                self._not_before = now + self._rest
                log.warning("helper_not_started", error=str(error))
                raise HelperFailed("not started") from error
            return self._line

    async def _give_up(self, line: "_Line", why: str) -> None:
        """End a process that is of no use; all who wait for it are told by its end."""
        if line is self._line:
            self._line = None
            self._not_before = asyncio.get_running_loop().time() + self._rest
            log.warning("helper_lost", reason=why)
        await line.kill()


class _Line(asyncio.SubprocessProtocol):
    """The pipes to one process; replies come in the order of the errands.

    What is no reply breaks it: a process that says something else is not to be relied on.
    """

    def __init__(self) -> None:
        self.lost = False
        self._waiting: deque[asyncio.Future[bytes]] = deque()
        self._received = bytearray()
        self._ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)
        widen(self._input.get_extra_info("pipe").fileno())

    @property
    def _input(self) -> asyncio.WriteTransport:
        return cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0))

    async def ask(self, *parts: bytes) -> bytes:
        """Send an errand and wait for its reply. Raises HelperFailed, ConnectionError."""
        if self.lost:
            raise ConnectionError
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        self._input.write(ERRAND.pack(*map(len, parts)) + parts[0] + parts[1])
        self._input.write(parts[2])
        return bytes(await answer)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        del fd
        self._received += data
        while len(self._received) >= REPLY.size:
            done, size = REPLY.unpack_from(self._received)
            if size > _LARGEST or not self._waiting:
                self._break()
                return
            if len(self._received) < REPLY.size + size:
                return
            made = bytes(self._received[REPLY.size : REPLY.size + size])
            del self._received[: REPLY.size + size]
            self._deliver(made, done=done)

    def _deliver(self, made: bytes, *, done: bool) -> None:
        answer = self._waiting.popleft()
        if answer.done():
            return
        if done:
            answer.set_result(made)
        else:
            answer.set_exception(HelperFailed(made.decode()))

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        del fd, exc
        self._break()

    def process_exited(self) -> None:
        self._break()
        if not self._ended.done():
            self._ended.set_result(None)

    def _break(self) -> None:
        """Leave the process alone, which ends it, and tell all who wait for it."""
        self.lost = True
        self._transport.close()
        while self._waiting:
            answer = self._waiting.popleft()
            if not answer.done():
                answer.set_exception(ConnectionError())

    async def kill(self) -> None:
        self._break()
        await asyncio.shield(self._ended)

    async def close(self) -> None:
        """Close its input, which ends it once its errands are done; kill it when it hangs."""
        if (pipe := self._transport.get_pipe_transport(0)) is not None:
            pipe.close()
        try:
            async with asyncio.timeout(_END_SECONDS):
                await asyncio.shield(self._ended)
        except TimeoutError:
            await self.kill()


async def _start() -> _Line:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    _, line = await asyncio.get_running_loop().subprocess_exec(
        _Line,
        *(sys.executable, "-P", "-m", "core.helper.worker"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment | {"PYTHONPATH": str(_ROOT)},
    )
    return line
