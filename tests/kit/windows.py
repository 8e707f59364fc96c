"""Windows that outlive a chat: putting them together takes longer than many a test."""

from collections.abc import Iterator
from contextlib import contextmanager

from handlers.windows import Windows

_FREE: list[Windows] = []


@contextmanager
def lent_windows() -> Iterator[Windows]:
    """Lend windows to one chat. Those of a chat that ended in an error are not lent again."""
    windows = _FREE.pop() if _FREE else Windows()
    yield windows
    for router in windows.routers:
        router._parent_router = None
    _FREE.append(windows)
