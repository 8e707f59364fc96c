"""How the first owner comes in: by a one-time code, or named by the server's settings (X-3)."""

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Role
from core.clock import Clock
from core.db.database import Database
from core.history.recorder import Recorder
from core.ids import hashed, new_id
from core.organisations.model import Organisation
from core.people.model import OneTimeCode, Person, Stranger
from core.people.repository import find_person, first_organisation, owner_exists

CLAIM = "claim"
UNNAMED = "Owner"
"""The name of an owner whom only an id is known of, until they write."""


class IssueClaimCode:
    """Make the code that the process prints while there is no owner; None when there is one.

    128 bits, kept as a hash only. A new code replaces the one printed before. Runs at start,
    on behalf of nobody.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self) -> str | None:
        async with self._database.writing() as session:
            organisation = await first_organisation(session)
            if await owner_exists(session, organisation.id):
                return None
            await session.execute(
                delete(OneTimeCode).where(OneTimeCode.purpose == CLAIM, OneTimeCode.used_at.is_(None))
            )
            code = new_id()
            session.add(
                OneTimeCode(
                    organisation_id=organisation.id, purpose=CLAIM, hash=hashed(code), created_at=self._clock.now()
                )
            )
            return code


class ClaimOwner:
    """Turn a one-time code into ownership, in the private chat of whoever brings it.

    Returns the owner, or None when the code is wrong, used, or void because an owner exists:
    the caller answers all of these as it answers any stranger.
    """

    def __init__(self, database: Database, clock: Clock, recorder: Recorder) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder

    async def __call__(self, telegram_id: int, name: str, code: str) -> Person | None:
        async with self._database.writing() as session:
            found: OneTimeCode | None = await session.scalar(
                select(OneTimeCode)
                .where(OneTimeCode.purpose == CLAIM, OneTimeCode.hash == hashed(code), OneTimeCode.used_at.is_(None))
                .with_for_update()
            )
            if found is None or await owner_exists(session, found.organisation_id):
                return None
            found.used_at = self._clock.now()
            organisation = await session.get_one(Organisation, found.organisation_id)
            return await _make_owner(
                session, organisation, telegram_id, name, self._clock, self._recorder, reachable=True
            )


class EnsureOwner:
    """Make the person of `CHIMERA_OWNER_ID` the owner, unless there is one already."""

    def __init__(self, database: Database, clock: Clock, recorder: Recorder) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder

    async def __call__(self, telegram_id: int) -> bool:
        """Return whether that made a new owner."""
        async with self._database.writing() as session:
            organisation = await first_organisation(session)
            if await owner_exists(session, organisation.id):
                return False
            await _make_owner(session, organisation, telegram_id, UNNAMED, self._clock, self._recorder, reachable=False)
            return True


async def _make_owner(
    session: AsyncSession,
    organisation: Organisation,
    telegram_id: int,
    name: str,
    clock: Clock,
    recorder: Recorder,
    *,
    reachable: bool,
) -> Person:
    person = await find_person(session, organisation.id, telegram_id)
    before = None if person is None else {"role": person.role}
    if person is None:
        person = Person(
            organisation_id=organisation.id, telegram_id=telegram_id, name=name, role="", created_at=clock.now()
        )
        session.add(person)
    person.role, person.active, person.blocked, person.may_release = Role.OWNER.key, True, False, True
    person.store_ids, person.store_tags = None, []
    person.private_chat = person.private_chat or reachable
    await session.flush()
    # Those who were told that there is no owner are greeted anew: now they can ask.
    told = or_(Stranger.telegram_id == telegram_id, Stranger.asked_at.is_(None))
    await session.execute(delete(Stranger).where(told))
    actor = person.actor("chat", organisation.locale) if reachable else Actor.system(organisation.id, "start")
    recorder.audit(session, actor, "claimed", "person", person.id, before=before, after={"role": person.role})
    return person
