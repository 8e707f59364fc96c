"""An event loop on which time runs faster: minutes of waiting pass in seconds."""

import asyncio
import selectors
from datetime import datetime, timedelta
from typing import Any


class FastLoop(asyncio.SelectorEventLoop):
    """Its `time()` runs `speed` times as fast as the real one; what is computed takes that much longer."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        super().__init__(_FastSelector(speed))

    def time(self) -> float:
        return super().time() * self._speed


class _FastSelector(selectors.DefaultSelector):
    """Waits for a fraction of what the loop asks for."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def select(self, timeout: float | None = None) -> list[Any]:
        return super().select(timeout / self._speed if timeout else timeout)


class LoopClock:
    """A clock that goes with the running loop's time, from `start` (aware) on."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._loop = asyncio.get_running_loop()
        self._zero = self._loop.time()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._loop.time() - self._zero)
