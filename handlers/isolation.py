"""One update of a conversation after the other; locks that nobody holds are forgotten."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from aiogram.fsm.storage.base import BaseEventIsolation, StorageKey


@dataclass(slots=True)
class _Shared:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class _Turn(AbstractAsyncContextManager[None]):
    """One holder of a lock. A generator would be slower: the loop keeps a list of those."""

    def __init__(self, all_shared: dict[StorageKey, _Shared], key: StorageKey) -> None:
        self._all = all_shared
        self._key = key

    async def __aenter__(self) -> None:
        shared = self._mine = self._all.setdefault(self._key, _Shared())
        shared.users += 1
        try:
            await shared.lock.acquire()
        except BaseException:
            self._leave()
            raise

    async def __aexit__(self, *_error: object) -> None:
        self._mine.lock.release()
        self._leave()

    def _leave(self) -> None:
        self._mine.users -= 1
        if not self._mine.users and self._all.get(self._key) is self._mine:
            del self._all[self._key]


class Isolation(BaseEventIsolation):
    """A lock per conversation with a count of those who hold or await it."""

    def __init__(self) -> None:
        self._shared: dict[StorageKey, _Shared] = {}

    @property
    def held(self) -> int:
        return len(self._shared)

    def lock(self, key: StorageKey) -> AbstractAsyncContextManager[None]:  # type: ignore[override]  # no generator
        return _Turn(self._shared, key)

    async def close(self) -> None:
        self._shared.clear()
