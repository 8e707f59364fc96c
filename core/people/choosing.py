"""Choosing what one confirms with: a PIN or an authenticator app. Changing either takes the present one."""

import asyncio
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.clock import Clock
from core.db.database import Database
from core.errors import BadInput, Forbidden
from core.history.recorder import Recorder
from core.organisations.model import Organisation
from core.people.codes import address, matching_step, new_key
from core.people.confirming import KEY_PLACE, require_confirmation
from core.people.model import Confirmation, Way
from core.people.pins import check_form, hashed
from core.secrets import SecretBox
from core.texts import T


@dataclass(frozen=True, slots=True)
class Offer:
    """A key for somebody's authenticator app, and the address that holds it; nobody has it yet."""

    issuer: str
    key: str = field(repr=False)
    address: str = field(repr=False)


class SetPin(UseCase):
    """Confirm with a PIN from now on."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, clock: Clock, recorder: Recorder) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder

    async def __call__(self, actor: Actor, pin: str) -> None:
        person_id = _person(actor)
        check_form(pin)
        kept = await asyncio.to_thread(hashed, pin)
        async with self._database.writing() as session:
            chosen = Confirmation(person_id=person_id, way=Way.PIN, secret=kept, set_at=self._clock.now())
            await _choose(session, actor, chosen, self._recorder)


class OfferApp(UseCase):
    """Make a key for somebody's authenticator app. It counts once they proved that the app has it."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, actor: Actor) -> Offer:
        _person(actor)
        async with self._database.reading() as session:
            home = await session.get_one(Organisation, actor.organisation_id)
        key = new_key()
        return Offer(home.name, key, address(key, home.name, actor.name))


class ProveApp(UseCase):
    """Check the first code of an app. Returns its step, from which on later codes count."""

    permission = Permission.CONFIGURE

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, actor: Actor, key: str, code: str) -> int:
        del actor
        step = matching_step(key, code, self._clock.now())
        if step is None:
            raise BadInput(
                T("That is not the code of this key. Type the one your app shows now; the phone's clock must be right.")
            )
        return step


class SetApp(UseCase):
    """Confirm with an authenticator app from now on; `step` is that of the code which proved its key (`ProveApp`)."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, clock: Clock, recorder: Recorder, box: SecretBox) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder
        self._box = box

    async def __call__(self, actor: Actor, key: str, step: int) -> None:
        sealed = self._box.seal(key, KEY_PLACE)
        async with self._database.writing() as session:
            chosen = Confirmation(
                person_id=_person(actor), way=Way.APP, secret=sealed, set_at=self._clock.now(), last_step=step
            )
            await _choose(session, actor, chosen, self._recorder)


def _person(actor: Actor) -> int:
    if actor.person_id is None:
        raise Forbidden(T("Only a person has a PIN or an authenticator app."))
    return actor.person_id


async def _choose(session: AsyncSession, actor: Actor, chosen: Confirmation, recorder: Recorder) -> None:
    """Put what was chosen in the place of what there is. Raises ConfirmationNeeded."""
    if await session.get(Confirmation, chosen.person_id, with_for_update=True) is not None:
        await require_confirmation(session, actor)
    await session.merge(chosen)
    recorder.audit(session, actor, f"{chosen.way}_set", "person", chosen.person_id)
