"""The brake: pause and resume all sending with one command (CH-21)."""

from sqlalchemy import select

from core.access import Actor, Permission, UseCase
from core.clock import Clock
from core.db.database import Database
from core.errors import Forbidden
from core.executions.model import Execution
from core.executions.states import State
from core.history.recorder import Recorder
from core.organisations.model import Organisation
from core.texts import T


class PauseSending(UseCase):
    """Nothing is sent to any platform until somebody resumes. Returns False if it was so already."""

    permission = Permission.PAUSE

    def __init__(self, database: Database, clock: Clock, recorder: Recorder) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder

    async def __call__(self, actor: Actor) -> bool:
        _require_whole_chain(actor)
        async with self._database.writing() as session:
            organisation = await session.get_one(Organisation, actor.organisation_id, with_for_update=True)
            if organisation.paused_at is not None:
                return False
            organisation.paused_at = self._clock.now()
            organisation.paused_by = actor.name
            self._recorder.audit(session, actor, "paused", "organisation", organisation.id)
            return True


class ResumeSending(UseCase):
    """Allow sending again; runs that waited for it go on. Returns False if it was not paused."""

    permission = Permission.PAUSE

    def __init__(self, database: Database, recorder: Recorder) -> None:
        self._database = database
        self._recorder = recorder

    async def __call__(self, actor: Actor) -> bool:
        _require_whole_chain(actor)
        async with self._database.writing() as session:
            organisation = await session.get_one(Organisation, actor.organisation_id, with_for_update=True)
            if organisation.paused_at is None:
                return False
            organisation.paused_at = organisation.paused_by = None
            waiting = await session.scalars(
                select(Execution).where(Execution.organisation_id == organisation.id, Execution.state == State.WAITING)
            )
            for execution in waiting:
                execution.state = State.PENDING
            self._recorder.audit(session, actor, "resumed", "organisation", organisation.id)
            return True


def _require_whole_chain(actor: Actor) -> None:
    if actor.store_ids is not None:
        raise Forbidden(T("Pausing stops the whole chain, and you manage some stores only. Ask an admin."))
