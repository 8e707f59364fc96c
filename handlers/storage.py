"""Forms survive restarts: state and data of every conversation in SQL, the data sealed.

A half-filled form may hold a password, so nothing of it lies in the database in clear text.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, DefaultKeyBuilder, StateType, StorageKey

from core.chat.memory import Memories, Memory
from core.chat.updates import DIALOGS_KEPT
from core.clock import Clock
from core.secrets import SealBroken, SecretBox

_PLACE = "dialog_states.data"
_FRESH = timedelta(days=1)
"""For so long what is used but not changed counts as young; what is old is swept."""
_OPEN_AT_ONCE = 512
"""So many keys are held in memory: a conversation has three or four."""
_BETWEEN_LOOKS = timedelta(hours=1)
"""How often memory is looked through for what the database has swept."""

log = structlog.get_logger(__name__)


class _Kept(NamedTuple):
    """What is remembered under a key; data is JSON. `at` is None for what was never written."""

    state: str | None = None
    data: str | None = None
    at: datetime | None = None


@dataclass(slots=True)
class Unit:
    """What one update read, and what it will leave; `memories` is what of that is news, for the caller to write."""

    read: dict[str, _Kept] = field(default_factory=dict)
    left: dict[str, _Kept] = field(default_factory=dict)
    memories: Sequence[Memory] = ()
    ended: bool = False


_unit: ContextVar[Unit | None] = ContextVar("dialog_unit", default=None)


def _under_way() -> Unit | None:
    """Return the unit of the update that is handled; what it set going may outlive it."""
    unit = _unit.get()
    return None if unit is None or unit.ended else unit


class SqlStorage(BaseStorage):
    """aiogram's storage over `dialog_states`. Data is JSON; what does not fit raises TypeError at once.

    What was read or written last is held in memory as well. On SQLite, whose file belongs to this process
    alone, nobody asks the database again; elsewhere it saves opening what is still as it was sealed.
    """

    def __init__(self, memories: Memories, clock: Clock, box: SecretBox) -> None:
        self._memories = memories
        self._clock = clock
        self._box = box
        self._held: dict[str, tuple[str | None, _Kept]] = {}
        self._next_look = clock.now() + _BETWEEN_LOOKS
        self._keys = DefaultKeyBuilder(with_bot_id=True, with_business_connection_id=True, with_destiny=True)

    @contextmanager
    def collecting(self) -> Iterator[Unit]:
        """Read everything once and write nothing: whoever writes the unit's memories says so by `written`."""
        unit = Unit()
        token = _unit.set(unit)
        try:
            yield unit
        finally:
            _unit.reset(token)
            unit.ended = True
        news = {key: kept for key, kept in unit.left.items() if self._news(unit, key)}
        unit.memories = [self._sealed(key, kept) for key, kept in news.items()]
        for key in news:
            self._held.pop(key, None)

    def written(self, unit: Unit) -> None:
        """Go by what a unit left from now on: its memories are in the database."""
        now = self._clock.now()
        for memory in unit.memories:
            self._hold(memory, unit.left[memory.key]._replace(at=now))

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        name = self._keys.build(key)
        kept = await self._read(name)
        await self._write(name, kept._replace(state=state.state if isinstance(state, State) else state))

    async def get_state(self, key: StorageKey) -> str | None:
        return (await self._read(self._keys.build(key))).state

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        name = self._keys.build(key)
        kept = await self._read(name)
        await self._write(name, kept._replace(data=json.dumps(dict(data)) if data else None))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        kept = await self._read(self._keys.build(key))
        data: dict[str, Any] = json.loads(kept.data) if kept.data is not None else {}
        return data

    async def close(self) -> None:
        """Do nothing: the database belongs to the process."""

    async def _read(self, name: str) -> _Kept:
        unit = _under_way()
        if unit is None:
            return await self._load(name)
        if name in unit.left:
            return unit.left[name]
        if name not in unit.read:
            unit.read[name] = await self._load(name)
        return unit.read[name]

    async def _load(self, name: str) -> _Kept:
        self._forget_old()
        sealed, kept = self._held.get(name, (None, None))
        if kept is not None and self._memories.ours_alone:
            return self._hold(Memory(name, kept.state, sealed), kept)
        row = await self._memories.recall(name)
        state, data, at = row or (None, None, None)
        if kept is None or data != sealed:
            kept = _Kept(data=self._opened(data))
        return self._hold(Memory(name, state, data), kept._replace(state=state, at=at))

    def _forget_old(self) -> None:
        """Forget what the database forgets by its age: a form that is swept there must not live on here."""
        now = self._clock.now()
        if now < self._next_look:
            return
        self._next_look = now + _BETWEEN_LOOKS
        oldest = now - DIALOGS_KEPT
        self._held = {name: one for name, one in self._held.items() if one[1].at is None or one[1].at >= oldest}

    def _opened(self, sealed: str | None) -> str | None:
        try:
            return None if sealed is None else self._box.open(sealed, _PLACE)
        except SealBroken:
            # The key was changed meanwhile: the form begins anew rather than never opening again.
            log.warning("form_does_not_open")
            return None

    def _hold(self, memory: Memory, kept: _Kept) -> _Kept:
        """Keep in memory what was used last: it is most of what will be asked for."""
        self._held.pop(memory.key, None)
        if len(self._held) == _OPEN_AT_ONCE:
            del self._held[next(iter(self._held))]
        self._held[memory.key] = memory.data, kept
        return kept

    async def _write(self, name: str, kept: _Kept) -> None:
        unit = _under_way()
        if unit is not None:
            unit.left[name] = kept
            return
        memory, now = self._sealed(name, kept), self._clock.now()
        await self._memories.remember(memory, now)
        self._hold(memory, kept._replace(at=now))

    def _news(self, unit: Unit, name: str) -> bool:
        """Tell whether what is left differs from what was read, or has not been written for long."""
        before, after = unit.read.get(name), unit.left[name]
        stale = after.at is not None and self._clock.now() - after.at > _FRESH
        return before != after or stale

    def _sealed(self, name: str, kept: _Kept) -> Memory:
        return Memory(name, kept.state, None if kept.data is None else self._box.seal(kept.data, _PLACE))
