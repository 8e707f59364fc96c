"""What Chimera asks of a durable execution engine. One implementation: `jobs.engine`."""

from datetime import datetime
from typing import Protocol


class Engine(Protocol):
    """Runs executions to their end, across crashes."""

    async def launch(self) -> None:
        """Begin, and resume what was at work when the last process ended."""
        ...

    async def start(self, execution_id: int) -> None:
        """Run an execution; one that runs or ran already is left alone."""
        ...

    async def ended(self, execution_id: int) -> bool | None:
        """Tell whether the engine has given up or finished this execution (False: at work); None: it knows none such.

        One whose process is gone for good goes on in another: the more often this is asked, the sooner.
        """
        ...

    async def purge(self, before: datetime) -> int:
        """Forget what ended and was begun before a moment. Returns how many executions that were."""
        ...

    async def stop(self) -> None:
        """Wait for steps at work, then end; what is unfinished goes on at the next launch."""
        ...
