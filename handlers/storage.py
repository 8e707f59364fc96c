"""Forms survive restarts: state and data of every conversation in SQL, the data sealed.

A half-filled form may hold a password, so nothing of it lies in the database in clear text.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, DefaultKeyBuilder, StateType, StorageKey

from core.chat.memory import Memory, recall, remember
from core.clock import Clock
from core.db.database import Database
from core.secrets import SealBroken, SecretBox

_PLACE = "dialog_states.data"
_FRESH = timedelta(days=1)
"""For so long what is used but not changed counts as young; what is old is swept."""
_OPEN_AT_ONCE = 128

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is remembered under a key; data is JSON. `at` is None for what was never written."""

    state: str | None = None
    data: str | None = None
    at: datetime | None = None


@dataclass(slots=True)
class _Unit:
    """What one update read, and what it will leave."""

    read: dict[str, _Kept] = field(default_factory=dict)
    left: dict[str, _Kept] = field(default_factory=dict)
    ended: bool = False


_unit: ContextVar[_Unit | None] = ContextVar("dialog_unit", default=None)


def _under_way() -> _Unit | None:
    """Return the unit of the update that is handled; what it set going may outlive it."""
    unit = _unit.get()
    return None if unit is None or unit.ended else unit


class SqlStorage(BaseStorage):
    """aiogram's storage over `dialog_states`. Data is JSON; what does not fit raises TypeError at once."""

    def __init__(self, database: Database, clock: Clock, box: SecretBox) -> None:
        self._database = database
        self._clock = clock
        self._box = box
        self._plain: dict[str, tuple[str, str]] = {}
        self._keys = DefaultKeyBuilder(with_bot_id=True, with_business_connection_id=True, with_destiny=True)

    @contextmanager
    def collecting(self) -> Iterator[list[Memory]]:
        """Read everything once and write nothing; what changed is in the list afterwards, for the caller to write."""
        changed: list[Memory] = []
        unit = _Unit()
        token = _unit.set(unit)
        try:
            yield changed
        finally:
            _unit.reset(token)
            unit.ended = True
            changed.extend(self._sealed(key, kept) for key, kept in unit.left.items() if self._news(unit, key))

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        name = self._keys.build(key)
        kept = await self._read(name)
        await self._write(name, replace(kept, state=state.state if isinstance(state, State) else state))

    async def get_state(self, key: StorageKey) -> str | None:
        return (await self._read(self._keys.build(key))).state

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        name = self._keys.build(key)
        kept = await self._read(name)
        await self._write(name, replace(kept, data=json.dumps(dict(data)) if data else None))

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
        row = await self._database.glance(lambda connection: recall(connection, name))
        if row is None:
            return _Kept()
        state, data, at = row
        return _Kept(state, None if data is None else self._opened(name, data), at)

    def _opened(self, name: str, sealed: str) -> str | None:
        token, data = self._plain.get(name, ("", ""))
        if token == sealed:
            return data
        try:
            return self._note(name, sealed, self._box.open(sealed, _PLACE))
        except SealBroken:
            # The key was changed meanwhile: the form begins anew rather than never opening again.
            log.warning("form_does_not_open")
            return None

    def _note(self, name: str, sealed: str, data: str) -> str:
        """Keep what was sealed last: it is most of what will be opened, and opening takes longer than reading.

        It may hold a secret in mid-form: what comes in its place, or the end of the form, takes it away.
        """
        self._plain.pop(name, None)
        if len(self._plain) == _OPEN_AT_ONCE:
            del self._plain[next(iter(self._plain))]
        self._plain[name] = (sealed, data)
        return data

    async def _write(self, name: str, kept: _Kept) -> None:
        unit = _under_way()
        if unit is not None:
            unit.left[name] = kept
        else:
            memory, now = self._sealed(name, kept), self._clock.now()
            await self._database.write(lambda session: remember(session.connection(), [memory], now))

    def _news(self, unit: _Unit, name: str) -> bool:
        """Tell whether what is left differs from what was read, or has not been written for long."""
        before, after = unit.read.get(name), unit.left[name]
        stale = after.at is not None and self._clock.now() - after.at > _FRESH
        return before != after or stale

    def _sealed(self, name: str, kept: _Kept) -> Memory:
        if kept.data is None:
            self._plain.pop(name, None)
            return Memory(name, kept.state)
        sealed = self._box.seal(kept.data, _PLACE)
        self._note(name, sealed, kept.data)
        return Memory(name, kept.state, sealed)
