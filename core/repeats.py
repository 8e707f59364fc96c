"""A log that stays readable while something is down: the same complaint is written once a minute, and counted."""

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from traceback import walk_tb
from typing import TextIO

WINDOW_SECONDS = 60.0
TRACEBACK = "Traceback (most recent call last):"
_LONGEST = 200


@dataclass(slots=True)
class _Complaint:
    """One that was written, and how often it came again until then."""

    logger: str
    level: int
    event: str
    until: float
    again: int = 0


class Unrepeating(logging.StreamHandler[TextIO]):
    """Writes a warning or an error once in `WINDOW_SECONDS`, then (`repeated`) how often the very same came again.

    The same means all of it: logger, words, fields, error and where it was raised. `now` tells seconds.
    """

    def __init__(self, stream: TextIO, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self._now = now
        self._seen: dict[int, _Complaint] = {}

    def emit(self, record: logging.LogRecord) -> None:
        now = self._now()
        self._tell(now)
        if record.levelno >= logging.WARNING:
            key = _key(record)
            if seen := self._seen.get(key):
                seen.again += 1
                return
            self._seen[key] = _Complaint(record.name, record.levelno, _event(record), now + WINDOW_SECONDS)
        super().emit(record)

    def close(self) -> None:
        """Tell the counts that are left."""
        self._tell(float("inf"))
        super().close()

    def _tell(self, now: float) -> None:
        for key in [key for key, seen in self._seen.items() if seen.until <= now]:
            seen = self._seen.pop(key)
            if seen.again:
                told = logging.LogRecord(seen.logger, seen.level, "", 0, "repeated", None, None)
                told.__dict__ |= {"line": seen.event, "times": seen.again}
                super().emit(told)


def _event(record: logging.LogRecord) -> str:
    event = record.msg.get("event") if isinstance(record.msg, dict) else record.getMessage()
    return str(event).split(TRACEBACK)[0].strip()[:_LONGEST]


def _key(record: logging.LogRecord) -> int:
    error: object = record.exc_info
    words: object = record.getMessage()
    if isinstance(record.msg, dict):
        error = record.msg.get("exc_info") or error
        words = {name: item for name, item in record.msg.items() if name not in {"timestamp", "exc_info"}}
    raised = _raised(sys.exc_info() if error is True else error)
    return hash((record.name, record.levelno, repr(words), raised))


def _raised(error: object) -> tuple[object, ...]:
    """Return what tells one error from another: what it says, and the way it took."""
    raised = error[1] if isinstance(error, tuple) else error
    if not isinstance(raised, BaseException):
        return ()
    return repr(raised), *((frame.f_code.co_filename, line) for frame, line in walk_tb(raised.__traceback__))
