"""What the health card of an integration shows about its calls: numbers and paths, no contents."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from core.redact import Redactor
from integrations.breaker import CircuitState

_REMEMBERED = 100


@dataclass(frozen=True, slots=True)
class Call:
    """One try of one request: `status` of a complete answer, else `problem` (a class of failure)."""

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


@dataclass(frozen=True, slots=True)
class HealthView:
    """A moment's state: `success_rate` 0..1 over `calls`, None without calls; `rate` per window."""

    calls: list[Call]
    success_rate: float | None
    circuit: CircuitState
    reopens_in: float
    rate: int | None
    rate_limit: int | None
    active: int
    total: int
    failed: int


class Health:
    """Collects calls; totals count since the client was made."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._calls: deque[Call] = deque(maxlen=_REMEMBERED)
        self.total = 0
        self.failed = 0
        self.active = 0

    def record(self, call: Call) -> None:
        self._calls.append(call)
        self.total += 1
        self.failed += not call.good

    @property
    def success_rate(self) -> float | None:
        """Part of good answers among the remembered calls, 0..1."""
        return sum(call.good for call in self._calls) / len(self._calls) if self._calls else None

    def calls(self, count: int = 10) -> list[Call]:
        """Return the last calls, newest first, paths without queries and secrets."""
        newest = list(self._calls)[: -count - 1 : -1]
        return [
            Call(
                call.at,
                call.method,
                self._redactor.text(call.path.partition("?")[0]),
                call.took,
                call.status,
                call.problem,
            )
            for call in newest
        ]
