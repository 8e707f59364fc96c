"""Invitation links: made, listed and revoked by those who may let people in (`rules.md` 5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, Role, UseCase
from core.clock import Clock
from core.db.database import Database
from core.errors import BadInput, Forbidden, NotFound
from core.history.recorder import Recorder
from core.ids import hashed, new_id
from core.people.model import Invitation, Person
from core.people.scopes import StoreScope, acting, stores_in
from core.texts import T

LIFETIMES = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """A link's code, which is known at this moment only."""

    id: int
    code: str
    role: Role
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """A link that would let somebody in now. `stores` None means all."""

    id: int
    role: Role
    stores: Sequence[str] | None
    invited_by: str
    created_at: datetime
    expires_at: datetime


class InvitePerson(UseCase):
    """Make a link that lets one person in, with a role up to the actor's own and some or all stores.

    128 bits, kept as a hash only. Raises Forbidden, and BadInput when no store is left of the scope.
    """

    permission = Permission.CONFIGURE_ACCESS

    def __init__(self, database: Database, clock: Clock, recorder: Recorder) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder

    async def __call__(
        self, actor: Actor, role: Role, scope: StoreScope | None, *, lifetime: timedelta
    ) -> NewInvitation:
        if actor.person_id is None:
            raise Forbidden(T("Only a person can invite somebody."))
        if role > actor.role or role is Role.OWNER:
            raise Forbidden(T("You can give roles up to your own, and nobody becomes owner this way."))
        if lifetime not in LIFETIMES:
            raise BadInput(T("A link is good for an hour, a day or seven days."))
        code, now = new_id(), self._clock.now()
        async with self._database.writing() as session:
            await stores_in(session, actor.organisation_id, role, scope, actor.store_ids)
            kept = None if scope is None or role >= Role.ADMIN else scope.to_json()
            row = Invitation(
                organisation_id=actor.organisation_id,
                hash=hashed(code),
                role=role.key,
                invited_by=actor.person_id,
                created_at=now,
                expires_at=now + lifetime,
                scope=kept,
            )
            session.add(row)
            await session.flush()
            after = {"role": role.key, "scope": kept, "expires_at": row.expires_at.isoformat()}
            self._recorder.audit(session, actor, "invited", "invitation", row.id, after=after)
            return NewInvitation(row.id, code, role, row.expires_at)


class ListInvitations(UseCase):
    """List the links that would let somebody in now, those that end soonest first."""

    permission = Permission.CONFIGURE_ACCESS

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, actor: Actor) -> list[OpenInvitation]:
        async with self._database.reading() as session:
            found = await session.execute(
                select(Invitation, Person)
                .join(Person, Person.id == Invitation.invited_by)
                .where(Invitation.organisation_id == actor.organisation_id, Invitation.expires_at > self._clock.now())
                .where(Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))
                .order_by(Invitation.expires_at, Invitation.id)
            )
            rows = [(row, inviter) for row, inviter in found if may_invite(inviter, row)]
            return [await _open(session, row, inviter) for row, inviter in rows]


class RevokeInvitation(UseCase):
    """Make a link worthless. Raises NotFound for one that is no longer open."""

    permission = Permission.CONFIGURE_ACCESS

    def __init__(self, database: Database, clock: Clock, recorder: Recorder) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder

    async def __call__(self, actor: Actor, invitation_id: int) -> None:
        async with self._database.writing() as session:
            row = await session.get(Invitation, invitation_id, with_for_update=True)
            if row is None or row.organisation_id != actor.organisation_id:
                raise NotFound(T("That link is no longer open."))
            if row.used_at is not None or row.revoked_at is not None or row.expires_at <= self._clock.now():
                raise NotFound(T("That link is no longer open."))
            row.revoked_at = self._clock.now()
            self._recorder.audit(session, actor, "revoked", "invitation", row.id)


def may_invite(inviter: Person, invitation: Invitation) -> bool:
    """Tell whether somebody may (still) let people in with the role of an invitation."""
    role = Role.named(inviter.role)
    return inviter.admitted and role >= Role.ADMIN and role >= Role.named(invitation.role)


def scope_of(invitation: Invitation) -> StoreScope | None:
    """Return the stores that an invitation is for, None for all."""
    return None if invitation.scope is None else StoreScope.from_json(invitation.scope)


async def _open(session: AsyncSession, row: Invitation, inviter: Person) -> OpenInvitation:
    within = (await acting(session, inviter, "chat", "en")).store_ids
    try:
        stores = await stores_in(session, row.organisation_id, Role.named(row.role), scope_of(row), within)
    except BadInput:
        stores = []
    names = None if stores is None else [store.name for store in stores]
    return OpenInvitation(row.id, Role.named(row.role), names, inviter.name, row.created_at, row.expires_at)
