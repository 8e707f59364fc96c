"""The debug switch: for a while, runs write every call they make into their log (CH-16)."""

from datetime import datetime, timedelta

from core.access import Actor, Permission, UseCase
from core.clock import Clock
from core.db.database import Database
from core.errors import BadInput
from core.history.recorder import Recorder
from core.organisations.model import Organisation
from core.texts import T

SHORTEST, LONGEST = timedelta(minutes=15), timedelta(hours=24)


class ShowDebug(UseCase):
    """Until when the switch is on; None when it is off."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, actor: Actor) -> datetime | None:
        async with self._database.reading() as session:
            home = await session.get_one(Organisation, actor.organisation_id)
        return home.debug_until if home.debugging(self._clock.now()) else None


class SwitchDebug(UseCase):
    """Turn it on for a while, or off (no time). Returns when it turns itself off."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, clock: Clock, recorder: Recorder) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder

    async def __call__(self, actor: Actor, lasting: timedelta | None) -> datetime | None:
        if lasting is not None and not SHORTEST <= lasting <= LONGEST:
            raise BadInput(T("It can be on for 15 minutes to 24 hours. Try /debug 60, in minutes."))
        until = None if lasting is None else self._clock.now() + lasting
        async with self._database.writing() as session:
            home = await session.get_one(Organisation, actor.organisation_id, with_for_update=True)
            before, home.debug_until = home.debug_until, until
            self._recorder.audit(
                session, actor, "debug", "organisation", home.id, before=_until(before), after=_until(until)
            )
        return until


def _until(at: datetime | None) -> dict[str, str | None]:
    return {"until": None if at is None else at.isoformat()}
