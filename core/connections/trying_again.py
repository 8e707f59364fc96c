"""Letting an integration go on whose login was refused, without new credentials (`rules.md` 3.7)."""

from core.access import Actor, Permission, UseCase
from core.connections.model import Integration
from core.db.database import Database
from core.errors import Conflict, NotFound
from core.history.recorder import Recorder
from core.texts import T


class TryAgain(UseCase):
    """Lift the latch of one integration: for an ERP that refused what was right all the time.

    The next call decides; one that is refused again latches it again, and says so again.
    Raises NotFound, Conflict when nothing is latched.
    """

    permission = Permission.CONFIGURE_ACCESS

    def __init__(self, database: Database, recorder: Recorder) -> None:
        self._database = database
        self._recorder = recorder

    async def __call__(self, actor: Actor, entity_id: int) -> None:
        async with self._database.writing() as session:
            row = await session.get(Integration, entity_id, with_for_update=True)
            if row is None or row.organisation_id != actor.organisation_id or row.deleted_at is not None:
                raise NotFound(T("There is no such integration any more."))
            if row.needs_credentials_at is None:
                raise Conflict(T("“{name}” is not stopped: there is nothing to try again.", name=row.name))
            row.needs_credentials_at = row.needs_credentials_text = None
            row.revision += 1
            self._recorder.audit(session, actor, "try_again", "integration", row.id)
