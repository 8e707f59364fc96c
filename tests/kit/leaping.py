"""A loop whose clock leaps: waiting takes no time, and what is measured by it is exact on any machine.

For tests of what waits by the clock of its loop alone: where something comes from outside (a
socket, a thread), it would come too late.
"""

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

Parameters = ParamSpec("Parameters")


class _LeapingSelector(selectors.DefaultSelector):
    """Passes over the time in which nothing would happen."""

    leapt = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(timeout if timeout is None else 0)
        if not found and timeout is not None:
            self.leapt += max(timeout, 0)
        return found


class LeapingLoop(asyncio.SelectorEventLoop):
    """Its time is what was leapt over."""

    def __init__(self) -> None:
        self._clock = _LeapingSelector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.leapt


def leaping(test: Callable[Parameters, Coroutine[Any, Any, None]]) -> Callable[Parameters, None]:
    """Run a test on a loop of its own whose clock leaps."""

    @functools.wraps(test)
    def run(*arguments: Parameters.args, **named: Parameters.kwargs) -> None:
        with asyncio.Runner(loop_factory=LeapingLoop) as runner:
            runner.run(test(*arguments, **named))

    return run
