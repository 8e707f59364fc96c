"""Telegram's pace: about one message a second per chat, 20 a minute per group, 30 a second overall."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.telegram.errors import ApiError, too_many_requests

# A call already under way when the 429 left cannot have known of it.
GRACE_SECONDS = 0.2

PACED_METHODS = frozenset(
    {
        "sendMessage", "sendDocument", "sendPhoto", "sendMediaGroup", "editMessageText", "editMessageCaption",
        "editMessageMedia", "editMessageReplyMarkup", "forwardMessage", "copyMessage",
    }
)  # fmt: skip


@dataclass
class _Bucket:
    """Holds up to `size` permits and gains `rate` of them per second."""

    size: float
    rate: float
    level: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until a permit is there; 0 if there is one now."""
        self.level = min(self.size, self.level + max(0.0, now - self.at) * self.rate)
        self.at = now
        # Rounding may leave a permit a hair short of whole.
        return 0.0 if self.level >= 1 - 1e-6 else (1 - self.level) / self.rate


@dataclass
class _Block:
    since: float
    until: float


class FloodControl:
    """Decides on 429s; times are epoch seconds of the given clock."""

    private_burst = 5
    private_per_second = 1.0
    group_per_minute = 20
    overall_per_second = 30

    def __init__(self, clock: Callable[[], float]) -> None:
        self.enabled = False
        self._clock = clock
        self._buckets: dict[int | str, _Bucket] = {}
        self._blocks: dict[int | str, _Block] = {}

    def check(self, chat_id: int, *, private: bool) -> None:
        """Count one message or edit; raises ApiError 429 if it comes too fast."""
        if not self.enabled:
            return
        now = self._clock()
        buckets = [self._chat_bucket(chat_id, private=private), self._overall()]
        wait = max(bucket.wait(now) for bucket in buckets)
        if wait > 0:
            seconds = math.ceil(wait)
            self.block(chat_id, seconds)
            raise too_many_requests(seconds)
        for bucket in buckets:
            bucket.level -= 1

    def block(self, scope: int | str, seconds: int) -> None:
        """Remember that the bot was told to leave `scope` (a chat id or a method) alone."""
        now = self._clock()
        self._blocks[scope] = _Block(now, now + seconds)

    def refuse_if_blocked(self, scope: int | str) -> None:
        """Raise ApiError 429 with the seconds left; blames the bot if it could have known."""
        block = self._blocks.get(scope)
        now = self._clock()
        if block is None or now >= block.until:
            return
        raise _still_blocked(block, now)

    def forget(self) -> None:
        self._buckets.clear()
        self._blocks.clear()

    def _chat_bucket(self, chat_id: int, *, private: bool) -> _Bucket:
        if private:
            return self._bucket(chat_id, self.private_burst, self.private_per_second)
        return self._bucket(chat_id, self.group_per_minute, self.group_per_minute / 60)

    def _overall(self) -> _Bucket:
        return self._bucket("overall", self.overall_per_second, self.overall_per_second)

    def _bucket(self, key: int | str, size: float, rate: float) -> _Bucket:
        return self._buckets.setdefault(key, _Bucket(size, rate, size, self._clock()))


def _still_blocked(block: _Block, now: float) -> ApiError:
    blame = now - block.since > GRACE_SECONDS
    return too_many_requests(math.ceil(block.until - now), kind="during_retry_after", blame=blame)
