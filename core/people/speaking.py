"""The language that a person reads in their private chat (X-8)."""

from core.access import Actor, Permission, UseCase
from core.configuration.stored import recorded
from core.db.database import Database
from core.errors import BadInput, Forbidden
from core.history.recorder import Recorder
from core.i18n import LOCALES
from core.people.model import Person
from core.texts import T


class ChooseLanguage(UseCase):
    """Choose one's own language; None follows the settings of one's Telegram."""

    permission = Permission.VIEW

    def __init__(self, database: Database, recorder: Recorder) -> None:
        self._database = database
        self._recorder = recorder

    async def __call__(self, actor: Actor, locale: str | None) -> None:
        if actor.person_id is None:
            raise Forbidden(T("Only a person has a language of their own."))
        if locale is not None and locale not in LOCALES:
            raise BadInput(T("I do not speak that language. Choose one of these: {names}.", names=list(LOCALES)))
        async with self._database.writing() as session:
            person = await session.get_one(Person, actor.person_id, with_for_update=True)
            before = recorded(person)
            if person.locale != locale:
                person.locale = locale
                await self._recorder.version(session, actor, "person", person.id, recorded(person), before=before)
