"""Coming in by an invitation link: one person each, and a dead link tells nothing (`rules.md` 5)."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Role
from core.clock import Clock
from core.db.database import Database
from core.errors import BadInput
from core.history.recorder import Recorder
from core.ids import hashed
from core.notices.chats import ChatRef
from core.organisations.model import Organisation
from core.outbox.content import Draft
from core.outbox.writing import Outbox
from core.people.invitations import may_invite, scope_of
from core.people.model import Invitation, Person, Stranger
from core.people.repository import find_person
from core.people.scopes import acting, kept_of, stores_in
from core.people.words import ROLES, welcome
from core.stores.model import Store
from core.texts import T


class AcceptInvitation:
    """Let somebody in who brings a link to their private chat, and tell who invited them.

    Returns False for a link that never was: whoever sends one is answered as any stranger. One
    that was used, revoked, is over, or whose maker may no longer invite is answered politely,
    once a day; somebody who is in already leaves it unused. Who is blocked gets no answer.
    """

    def __init__(self, database: Database, clock: Clock, recorder: Recorder, outbox: Outbox) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder
        self._outbox = outbox

    async def __call__(self, telegram_id: int, name: str, locale: str, code: str, *, key: str) -> bool:
        async with self._database.writing() as session:
            row: Invitation | None = await session.scalar(
                select(Invitation).where(Invitation.hash == hashed(code)).with_for_update()
            )
            if row is None:
                return False
            chat = ChatRef(telegram_id, locale)
            known = await find_person(session, row.organisation_id, telegram_id)
            if known is not None and known.active and known.blocked:
                return True
            if known is not None and known.active:
                lines = [T("You are in already, as {role}.", role=ROLES[Role.named(known.role)])]
                await self._outbox.say(session, row.organisation_id, chat, Draft(lines), key=key)
                return True
            inviter = await session.get_one(Person, row.invited_by)
            within = (await acting(session, inviter, "chat", "en")).store_ids
            reason, stores = await self._judge(session, row, inviter, known, within)
            if reason:
                await self._refuse(session, row, chat, reason)
                return True
            await self._let_in(session, row, inviter, stores, within, chat, name)
            return True

    async def _judge(
        self,
        session: AsyncSession,
        row: Invitation,
        inviter: Person,
        known: Person | None,
        within: frozenset[int] | None,
    ) -> tuple[str, list[Store] | None]:
        """Return why the link lets nobody in (empty: it does), and the stores that it is for."""
        if row.used_at is not None:
            return "used", None
        if row.revoked_at is not None:
            return "revoked", None
        if row.expires_at <= self._clock.now():
            return "expired", None
        if not may_invite(inviter, row):
            return "void", None
        if known is not None:
            return "blocked", None
        try:
            return "", await stores_in(session, row.organisation_id, Role.named(row.role), scope_of(row), within)
        except BadInput:
            return "no_stores", None

    async def _refuse(self, session: AsyncSession, row: Invitation, chat: ChatRef, reason: str) -> None:
        draft = Draft([T("This invitation does not work any more. Ask whoever sent it to you for a new one.")])
        key = f"deadlink:{row.id}:{chat.chat_id}:{self._clock.now():%Y%m%d}"
        if await self._outbox.say(session, row.organisation_id, chat, draft, key=key):
            after = {"telegram_id": chat.chat_id, "reason": reason}
            actor = Actor.system(row.organisation_id, "chat")
            self._recorder.audit(session, actor, "refused", "invitation", row.id, after=after)

    async def _let_in(
        self,
        session: AsyncSession,
        row: Invitation,
        inviter: Person,
        stores: list[Store] | None,
        within: frozenset[int] | None,
        chat: ChatRef,
        name: str,
    ) -> None:
        store_ids, tags = kept_of(scope_of(row), stores, within)
        person = Person(
            organisation_id=row.organisation_id,
            telegram_id=chat.chat_id,
            name=name,
            role=row.role,
            created_at=self._clock.now(),
            private_chat=True,
            store_ids=store_ids,
            store_tags=tags,
        )
        session.add(person)
        row.used_at = self._clock.now()
        await session.execute(delete(Stranger).where(Stranger.telegram_id == chat.chat_id))
        await session.flush()
        organisation = await session.get_one(Organisation, row.organisation_id)
        after = {"role": row.role, "store_ids": store_ids, "store_tags": tags, "invitation": row.id}
        actor = person.actor("chat", organisation.locale)
        self._recorder.audit(session, actor, "joined", "person", person.id, after=after)
        role, names = Role.named(row.role), None if stores is None else [store.name for store in stores]
        await self._outbox.say(session, row.organisation_id, chat, welcome(role, names), key=f"joined:{row.id}")
        if inviter.private_chat:
            told = ChatRef(inviter.telegram_id, inviter.language(organisation.locale))
            news = Draft([T("👋 {name} came in by your link, as {role}.", name=name, role=ROLES[role])])
            await self._outbox.say(session, row.organisation_id, told, news, key=f"joined:{row.id}:inviter")
