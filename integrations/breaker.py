"""Stops calling a host that has been failing without a break, and finds out when it is back."""

import asyncio
from enum import StrEnum


class CircuitState(StrEnum):
    """`half_open` means: one call is let through to see whether the host is back."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """Opens after `threshold` failures in a row; then lets one probe through after `open_for` seconds.

    A failed probe opens it again, twice as long each time, up to `longest`. Any success closes
    it. The threshold is generous: single faults of a healthy host never open it.
    """

    def __init__(self, threshold: int = 10, open_for: float = 5.0, longest: float = 30.0) -> None:
        self.threshold = threshold
        self.open_for = open_for
        self.longest = longest
        self.failures = 0
        self._until: float | None = None
        self._pause = open_for
        self._judged = asyncio.Event()
        self._judged.set()

    @property
    def _probing(self) -> bool:
        return not self._judged.is_set()

    async def verdict(self) -> None:
        """Wait while a probe is under way: what it finds holds for the calls beside it too."""
        await self._judged.wait()

    def wait(self, now: float) -> float:
        """Return the seconds until a call may be tried, 0 when it may now."""
        if self._until is None:
            return 0.0
        if self._probing:
            return max(self._until - now, 1.0)
        return max(self._until - now, 0.0)

    def admit(self, now: float) -> float:
        """Like `wait`; but with 0 the caller has its place, and must report how the call ended."""
        wait = self.wait(now)
        if self._until is not None and not wait:
            self._judged.clear()
        return wait

    def succeeded(self) -> None:
        self.failures = 0
        self._until = None
        self._pause = self.open_for
        self._judged.set()

    def failed(self, now: float) -> None:
        self.failures += 1
        if self._probing:
            self._pause = min(self._pause * 2, self.longest)
        elif self._until is not None or self.failures < self.threshold:
            return
        self._until = now + self._pause
        self._judged.set()

    def abandoned(self) -> None:
        """Give the place back: the call was cancelled and tells nothing about the host."""
        self._judged.set()

    def state(self, now: float) -> CircuitState:
        if self._until is None:
            return CircuitState.CLOSED
        return CircuitState.OPEN if not self._probing and self._until > now else CircuitState.HALF_OPEN
