"""Forms survive restarts: state and data of every conversation in SQL, the data sealed.

A half-filled form may hold a password, so nothing of it lies in the database in clear text.
"""

import json
from collections.abc import Mapping
from typing import Any

import structlog
from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, DefaultKeyBuilder, StateType, StorageKey

from core.chat.model import DialogState
from core.clock import Clock
from core.db.database import Database
from core.secrets import SealBroken, SecretBox

_PLACE = "dialog_states.data"

log = structlog.get_logger(__name__)


class SqlStorage(BaseStorage):
    """aiogram's storage over `dialog_states`. Data is JSON; what does not fit raises TypeError at once."""

    def __init__(self, database: Database, clock: Clock, box: SecretBox) -> None:
        self._database = database
        self._clock = clock
        self._box = box
        self._keys = DefaultKeyBuilder(with_bot_id=True, with_business_connection_id=True, with_destiny=True)

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        await self._write(key, state=state.state if isinstance(state, State) else state)

    async def get_state(self, key: StorageKey) -> str | None:
        row = await self._read(key)
        return None if row is None else row.state

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        await self._write(key, data=self._box.seal(json.dumps(dict(data)), _PLACE) if data else None)

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        row = await self._read(key)
        if row is None or row.data is None:
            return {}
        try:
            data: dict[str, Any] = json.loads(self._box.open(row.data, _PLACE))
        except SealBroken:
            # The key was changed meanwhile: the form begins anew rather than never opening again.
            log.warning("form_does_not_open")
            return {}
        return data

    async def close(self) -> None:
        """Do nothing: the database belongs to the process."""

    async def _read(self, key: StorageKey) -> DialogState | None:
        async with self._database.reading() as session:
            return await session.get(DialogState, self._keys.build(key))

    async def _write(self, key: StorageKey, **values: str | None) -> None:
        async with self._database.writing() as session:
            name = self._keys.build(key)
            row = await session.get(DialogState, name, with_for_update=True)
            if row is None:
                if not any(values.values()):
                    return
                row = DialogState(key=name, updated_at=self._clock.now())
                session.add(row)
            for column, value in values.items():
                setattr(row, column, value)
            row.updated_at = self._clock.now()
            if row.state is None and row.data is None:
                await session.delete(row)
