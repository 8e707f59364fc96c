"""What the health card of an integration shows about its calls: numbers and paths, no contents."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus

from core.redact import Redactor
from integrations.breaker import Breaker, CircuitState
from integrations.limits import Rest, SlidingWindow

_REMEMBERED = 100


@dataclass(frozen=True, slots=True)
class Call:
    """One try of one request: `status` of a complete answer, else `problem` (an error's class)."""

    at: datetime
    method: str
    path: str
    took: timedelta
    status: int | None = None
    problem: str | None = None

    @property
    def good(self) -> bool:
        """A complete answer that is neither 'too many' nor a fault of the server."""
        return (
            self.status is not None
            and self.status < HTTPStatus.INTERNAL_SERVER_ERROR
            and self.status != HTTPStatus.TOO_MANY_REQUESTS
        )


_listening: ContextVar[list[Call] | None] = ContextVar("listening", default=None)


@contextmanager
def listening() -> Iterator[list[Call]]:
    """Collect the calls that this task makes, to whomever."""
    heard: list[Call] = []
    token = _listening.set(heard)
    try:
        yield heard
    finally:
        _listening.reset(token)


class Health:
    """Collects the calls of one client; `total`, `failed` and `active` count since it was made.

    Properties that look at the present need the client's running loop.
    """

    def __init__(self, redactor: Redactor, breaker: Breaker, window: SlidingWindow | None, rest: Rest) -> None:
        self._redactor = redactor
        self._breaker = breaker
        self._window = window
        self._rest = rest
        self._calls: deque[Call] = deque(maxlen=_REMEMBERED)
        self.total = 0
        self.failed = 0
        self.active = 0

    def record(self, call: Call) -> None:
        self._calls.append(call)
        if (heard := _listening.get()) is not None:
            heard.append(self._shown(call))
        self.total += 1
        self.failed += not call.good

    def calls(self, count: int = 10) -> list[Call]:
        """Return the last calls, newest first, paths without queries and secrets."""
        newest = list(self._calls)[: -count - 1 : -1]
        return [self._shown(call) for call in newest]

    def _shown(self, call: Call) -> Call:
        return replace(call, path=self._redactor.text(call.path.partition("?")[0]))

    @property
    def success_rate(self) -> float | None:
        """Part of good answers among the last hundred calls, 0..1; None before the first."""
        return sum(call.good for call in self._calls) / len(self._calls) if self._calls else None

    @property
    def circuit(self) -> CircuitState:
        return self._breaker.state(asyncio.get_running_loop().time())

    @property
    def reopens_in(self) -> float:
        """Seconds until an open circuit lets a call try again, 0 when closed."""
        return self._breaker.wait(asyncio.get_running_loop().time())

    @property
    def rests_for(self) -> float:
        """Seconds left of a pause that the other side asked for, 0 without one."""
        return self._rest.left()

    @property
    def rate_in_use(self) -> int | None:
        """Requests counted against the limit of the last minute; None without a limit."""
        return self._window.in_use() if self._window else None

    @property
    def rate_limit(self) -> int | None:
        return self._window.limit if self._window else None
