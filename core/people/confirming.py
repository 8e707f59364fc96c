"""What the gravest actions ask for (`rules.md` 5): a PIN, or a code of an authenticator app, as each person chose.

A try is counted before it is judged, so that many at once gain nothing. A code is taken once.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.clock import Clock
from core.db.database import Database
from core.errors import BadInput, Conflict, Forbidden
from core.history.recorder import Recorder
from core.people.codes import matching_step
from core.people.model import Confirmation, Way
from core.people.pins import fits
from core.secrets import SealBroken, SecretBox
from core.texts import TN, T, Text

TRIES = 5
PAUSE = timedelta(minutes=10)
KEY_PLACE = "confirmations.secret"
_NEEDED: dict[Way, Text] = {
    Way.PIN: T("This needs your PIN. Type it."),
    Way.APP: T("This needs a code of your authenticator app. Type its six digits."),
}


class ConfirmationNeeded(Forbidden):
    """The action waits for the person to confirm it; once confirmed, the same action goes through."""


class ConfirmationMissing(Forbidden):
    """The action must be confirmed, and the person has nothing to do so with."""


async def require_confirmation(session: AsyncSession, actor: Actor) -> None:
    """Let only those pass who confirmed this action. Raises ConfirmationNeeded or ConfirmationMissing."""
    if actor.confirmed:
        return
    kept = await session.get(Confirmation, actor.person_id) if actor.person_id else None
    if kept is None:
        raise _missing()
    raise ConfirmationNeeded(_NEEDED[Way(kept.way)])


class _Kept(NamedTuple):
    """What a try is held against, and how many are left after it."""

    way: Way
    secret: str
    left: int


class ConfirmAction(UseCase):
    """Check a typed PIN or code. Returns the actor as confirmed, for one action."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, clock: Clock, recorder: Recorder, box: SecretBox) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder
        self._box = box

    async def __call__(self, actor: Actor, typed: str) -> Actor:
        kept = await self._counted(actor)
        if kept.way is Way.APP:
            step = matching_step(self._key(kept.secret), typed, self._clock.now())
            right = step is not None
        else:
            step, right = None, await asyncio.to_thread(fits, typed.strip(), kept.secret)
        if not right:
            raise BadInput(_wrong(kept))
        await self._accept(actor, step)
        return replace(actor, confirmed=True)

    async def _counted(self, actor: Actor) -> _Kept:
        """Count a try, whatever it will turn out to be."""
        now = self._clock.now()
        async with self._database.writing() as session:
            row = await _locked(session, actor)
            way = Way(row.way)
            if row.paused_until is not None and row.paused_until > now:
                raise Forbidden(_too_many(way, row.paused_until - now))
            row.failures += 1
            left = TRIES - row.failures
            if left <= 0:
                # The pause begins before this try is judged; the right one ends it.
                row.failures, row.paused_until = 0, now + PAUSE
                self._recorder.audit(session, actor, f"{way}_paused", "person", row.person_id)
            return _Kept(way, row.secret, max(left, 0))

    async def _accept(self, actor: Actor, step: int | None) -> None:
        """Forget the wrong tries, and remember which code was taken: that one and older ones count no more."""
        async with self._database.writing() as session:
            row = await _locked(session, actor)
            if step is not None and row.last_step is not None and step <= row.last_step:
                raise BadInput(T("That code was used already. Wait for the next one, then type it."))
            row.failures, row.paused_until, row.last_step = 0, None, step

    def _key(self, sealed: str) -> str:
        try:
            return self._box.open(sealed, KEY_PLACE)
        except SealBroken as error:
            raise Conflict(
                T("The key of your authenticator app no longer opens on the server. Ask an owner to void it."),
                detail=str(error),
            ) from None


class ShowWay(UseCase):
    """Tell what somebody confirms with, None where they have nothing."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, actor: Actor) -> Way | None:
        if actor.person_id is None:
            return None
        async with self._database.reading() as session:
            kept = await session.get(Confirmation, actor.person_id)
            return None if kept is None else Way(kept.way)


async def _locked(session: AsyncSession, actor: Actor) -> Confirmation:
    row = await session.get(Confirmation, actor.person_id, with_for_update=True) if actor.person_id else None
    if row is None:
        raise _missing()
    return row


def _missing() -> ConfirmationMissing:
    return ConfirmationMissing(
        T("This needs a PIN or an authenticator app; you have neither yet. Set one with /pin, then do it again.")
    )


def _too_many(way: Way, wait: timedelta) -> Text:
    if way is Way.APP:
        return T("Too many wrong codes. Try again in {wait}.", wait=wait)
    return T("Too many wrong PINs. Try again in {wait}.", wait=wait)


def _wrong(kept: _Kept) -> Text:
    if kept.way is Way.APP:
        why = T("That is not the code your app shows now. Is the clock of your phone right?")
    else:
        why = T("That is not your PIN.")
    if kept.left == 0:
        return T("{why} Try again in {wait}.", why=why, wait=PAUSE)
    return TN("{why} {n} try is left.", "{why} {n} tries are left.", kept.left, why=why)
