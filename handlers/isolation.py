"""One update of a conversation after the other; locks that nobody holds are forgotten."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiogram.fsm.storage.base import BaseEventIsolation, StorageKey


@dataclass(slots=True)
class _Shared:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Isolation(BaseEventIsolation):
    """A lock per conversation with a count of those who hold or await it."""

    def __init__(self) -> None:
        self._shared: dict[StorageKey, _Shared] = {}

    @property
    def held(self) -> int:
        return len(self._shared)

    @asynccontextmanager
    async def lock(self, key: StorageKey) -> AsyncGenerator[None, None]:
        shared = self._shared.setdefault(key, _Shared())
        shared.users += 1
        try:
            async with shared.lock:
                yield
        finally:
            shared.users -= 1
            if not shared.users:
                del self._shared[key]

    async def close(self) -> None:
        self._shared.clear()
