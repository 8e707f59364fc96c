"""Whether Telegram takes messages at all, as far as the calls of this process show."""

from datetime import datetime, timedelta

from core.clock import Clock


class Reach:
    """Told of every call that delivers. One chat that must wait is an answer; no answer from any is none."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failing_since: datetime | None = None

    def answered(self) -> None:
        """Note that Telegram said something: yes, no, or not yet."""
        self._failing_since = None

    def failed(self) -> None:
        """Note that it could not be reached, or is out of order."""
        self._failing_since = self._failing_since or self._clock.now()

    @property
    def failing(self) -> bool:
        """Tell whether the last call got no answer."""
        return self._failing_since is not None

    @property
    def away_for(self) -> timedelta:
        """How long nothing was answered any more; zero while it answers."""
        return self._clock.now() - self._failing_since if self._failing_since is not None else timedelta()
