"""The PIN that the gravest actions ask for (`rules.md` 5): set by each person, kept as a slow hash.

A try is counted before it is judged, so that many at once gain nothing.
"""

import asyncio
import hashlib
import hmac
import os
import re
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.clock import Clock
from core.db.database import Database
from core.errors import BadInput, Forbidden
from core.history.recorder import Recorder
from core.people.model import Pin
from core.texts import TN, T, Text

TRIES = 5
PAUSE = timedelta(minutes=10)
_FORM = re.compile(r"[0-9]{6,12}")
_SALT_BYTES = 16
_COST = {"n": 2**14, "r": 8, "p": 1}
_RUNS = "01234567890123456789"


class ConfirmationNeeded(Forbidden):
    """The action waits for the person's PIN; with it, the same action goes through."""


class ConfirmationMissing(Forbidden):
    """The action needs a PIN, and the person has none."""


async def require_confirmation(session: AsyncSession, actor: Actor) -> None:
    """Let only those pass who confirmed this action. Raises ConfirmationNeeded or ConfirmationMissing."""
    if actor.confirmed:
        return
    if actor.person_id is None or await session.get(Pin, actor.person_id) is None:
        raise ConfirmationMissing(T("This needs your PIN, and you have none yet. Set one with /pin, then do it again."))
    raise ConfirmationNeeded(T("This needs your PIN. Type it."))


class SetPin(UseCase):
    """Give oneself a PIN; changing it takes the old one (an actor who confirmed with it)."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, clock: Clock, recorder: Recorder) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder

    async def __call__(self, actor: Actor, pin: str) -> None:
        if actor.person_id is None:
            raise Forbidden(T("Only a person has a PIN."))
        check_form(pin)
        sealed = await asyncio.to_thread(_hashed, pin, os.urandom(_SALT_BYTES))
        async with self._database.writing() as session:
            known = await session.get(Pin, actor.person_id, with_for_update=True)
            if known is not None and not actor.confirmed:
                raise ConfirmationNeeded(T("You have a PIN already. Type the present one first."))
            if known is None:
                session.add(Pin(person_id=actor.person_id, hash=sealed, set_at=self._clock.now()))
            else:
                known.hash, known.set_at, known.failures, known.paused_until = sealed, self._clock.now(), 0, None
            self._recorder.audit(session, actor, "pin_set", "person", actor.person_id)


class ConfirmAction(UseCase):
    """Check a typed PIN. Returns the actor as confirmed, for one action."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, clock: Clock, recorder: Recorder) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder

    async def __call__(self, actor: Actor, pin: str) -> Actor:
        kept, left = await self._counted(actor)
        if not await asyncio.to_thread(_fits, pin.strip(), kept):
            raise BadInput(_wrong(left))
        async with self._database.writing() as session:
            row = await session.get_one(Pin, actor.person_id, with_for_update=True)
            row.failures, row.paused_until = 0, None
        return replace(actor, confirmed=True)

    async def _counted(self, actor: Actor) -> tuple[str, int]:
        """Count a try. Returns the hash and how many tries are left after this one."""
        now = self._clock.now()
        async with self._database.writing() as session:
            row = await session.get(Pin, actor.person_id, with_for_update=True) if actor.person_id else None
            if row is None:
                raise ConfirmationMissing(T("You have no PIN yet. Set one with /pin."))
            if row.paused_until is not None and row.paused_until > now:
                raise Forbidden(T("Too many wrong PINs. Try again in {wait}.", wait=row.paused_until - now))
            row.failures += 1
            left = TRIES - row.failures
            if left <= 0:
                # The pause begins before this try is judged; the right PIN ends it.
                row.failures, row.paused_until = 0, now + PAUSE
                self._recorder.audit(session, actor, "pin_paused", "person", actor.person_id)
            return row.hash, max(left, 0)


class HasPin(UseCase):
    """Tell whether somebody has a PIN."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, actor: Actor) -> bool:
        if actor.person_id is None:
            return False
        async with self._database.reading() as session:
            return await session.get(Pin, actor.person_id) is not None


def _wrong(left: int) -> Text:
    if left == 0:
        return T("That is not your PIN. Try again in {wait}.", wait=PAUSE)
    return TN("That is not your PIN. {n} try is left.", "That is not your PIN. {n} tries are left.", left)


def check_form(pin: str) -> None:
    """Raise BadInput for what is no PIN, or one that is too easy to guess."""
    if not _FORM.fullmatch(pin):
        raise BadInput(T("A PIN is 6 to 12 digits. Type another one."))
    if len(set(pin)) == 1 or pin in _RUNS or pin[::-1] in _RUNS:
        raise BadInput(T("That PIN is too easy to guess. Type another one."))


def _hashed(pin: str, salt: bytes) -> str:
    key = hashlib.scrypt(pin.encode(), salt=salt, n=_COST["n"], r=_COST["r"], p=_COST["p"])
    return f"{salt.hex()}${key.hex()}"


def _fits(pin: str, kept: str) -> bool:
    salt, _, _ = kept.partition("$")
    return hmac.compare_digest(_hashed(pin, bytes.fromhex(salt)), kept)
