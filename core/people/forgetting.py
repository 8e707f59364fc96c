"""Taking away a PIN that was forgotten, or an authenticator app that was lost (`rules.md` 5)."""

from core.access import Actor, Permission, Role, UseCase
from core.db.database import Database
from core.errors import Conflict, Forbidden, NotFound
from core.history.recorder import Recorder
from core.ids import new_id
from core.notices.chats import ALARM, ChatRef
from core.organisations.model import Organisation
from core.outbox.content import Draft
from core.outbox.writing import Outbox
from core.people.confirming import require_confirmation
from core.people.model import Confirmation, Person
from core.texts import T


class ForgetWay(UseCase):
    """Let an owner void what somebody else confirms with, who is told and may choose anew.

    One's own is changed with the present one, never so; the command line may void everybody's, as
    its user owns the server. Raises Forbidden, NotFound, Conflict when there is nothing, ConfirmationNeeded.
    """

    permission = Permission.CONFIGURE_ACCESS

    def __init__(self, database: Database, recorder: Recorder, outbox: Outbox) -> None:
        self._database = database
        self._recorder = recorder
        self._outbox = outbox

    async def __call__(self, actor: Actor, entity_id: int) -> str:
        """Return the name of whose it was."""
        if actor.role is not Role.OWNER:
            raise Forbidden(T("Only an owner can void a PIN or an authenticator app."))
        if entity_id == actor.person_id:
            raise Conflict(T("Change your own with /pin. It asks for the present one."))
        async with self._database.writing() as session:
            person = await session.get(Person, entity_id, with_for_update=True)
            if person is None or person.organisation_id != actor.organisation_id or not person.active:
                raise NotFound(T("This is no longer there. Open the list again."))
            kept = await session.get(Confirmation, person.id, with_for_update=True)
            if kept is None:
                raise Conflict(T("{name} has neither a PIN nor an authenticator app.", name=person.name))
            await require_confirmation(session, actor)
            await session.delete(kept)
            self._recorder.audit(session, actor, f"{kept.way}_reset", "person", person.id)
            if person.admitted and person.private_chat:
                home = await session.get_one(Organisation, person.organisation_id)
                told = Draft([T("🔐 An owner has voided your PIN or authenticator app. Set a new one with /pin.")])
                chat = ChatRef(person.telegram_id, person.language(home.locale))
                await self._outbox.say(session, home.id, chat, told, key=f"void:{new_id()}", priority=ALARM)
            return person.name
