"""Strangers: answered once a day, may ask for access, and are let in or not (`rules.md` 5)."""

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, Role, UseCase
from core.chat.model import Button
from core.clock import Clock
from core.db.database import Database
from core.errors import Conflict, Forbidden
from core.history.recorder import Recorder
from core.notices.chats import ALARM, ChatRef
from core.organisations.model import Organisation
from core.outbox.content import Choice, Draft
from core.outbox.writing import Outbox
from core.people.deciding import asking_key, tell_decided
from core.people.model import Person, Stranger
from core.people.repository import admins_of, find_person, first_organisation, is_blocked, owner_exists
from core.people.scopes import StoreScope, kept_of, stores_in
from core.people.words import ROLES, let_in, turned_down, welcome
from core.texts import T

ASK_ACCESS = "ask_access"
REFUSE, REFUSE_WITH_WORD = "refuse", "refuse_with_word"
SILENCE = timedelta(days=1)
_LONGEST_WORD = 500
_BUTTONS = ((Role.VIEWER, T("Viewer")), (Role.MANAGER, T("Manager")), (Role.ADMIN, T("Admin")))


def granting(role: Role) -> str:
    """Return the action of the button that grants a role."""
    return f"grant_{role.key}"


class GreetStranger:
    """Answer somebody unknown politely, once a day, and tell nothing about the organisation.

    Who is blocked gets no answer at all.
    """

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox

    async def __call__(self, telegram_id: int, name: str, locale: str, *, key: str) -> None:
        now = self._clock.now()
        async with self._database.writing() as session:
            stranger = await session.get(Stranger, telegram_id, with_for_update=True)
            if stranger is not None and now - stranger.answered_at < SILENCE:
                return
            if await is_blocked(session, telegram_id):
                return
            if stranger is None:
                stranger = Stranger(telegram_id=telegram_id, name=name, answered_at=now)
                session.add(stranger)
            stranger.name, stranger.answered_at = name, now
            organisation = await first_organisation(session)
            decides = await owner_exists(session, organisation.id) or await admins_of(session, organisation.id)
            draft = _greeting(telegram_id, locale) if decides else _UNCLAIMED
            await self._outbox.say(session, organisation.id, ChatRef(telegram_id, locale), draft, key=key)


def _greeting(telegram_id: int, locale: str) -> Draft:
    ask = Choice(T("Ask for access"), ASK_ACCESS, {"locale": locale}, telegram_id)
    lines = [
        T("Hello! I work for a closed group of people, and I do not know you yet."),
        T("Tap the button to ask for access. If you were given a code, just send it here."),
    ]
    return Draft(lines, choices=[[ask]])


_UNCLAIMED = Draft(
    [
        T("Hello! This bot has no owner yet, so nobody can let you in."),
        T(
            "If you set it up: when it started, it wrote a line with /start and a code. "
            "Send that line here, and the bot is yours."
        ),
    ]
)


class AskForAccess:
    """Bring a stranger's wish before the admins. Returns False when that was done today already."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox

    async def __call__(self, telegram_id: int, name: str, locale: str) -> bool:
        now = self._clock.now()
        async with self._database.writing() as session:
            stranger = await session.get(Stranger, telegram_id, with_for_update=True)
            if stranger is None or (stranger.asked_at is not None and now - stranger.asked_at < SILENCE):
                return False
            if await is_blocked(session, telegram_id):
                return False
            stranger.name, stranger.asked_at = name, now
            organisation = await first_organisation(session)
            for admin in await admins_of(session, organisation.id):
                await self._ask(session, organisation, admin, stranger, locale)
            return True

    async def _ask(
        self, session: AsyncSession, organisation: Organisation, admin: Person, stranger: Stranger, locale: str
    ) -> None:
        about = {"telegram_id": stranger.telegram_id, "locale": locale, "name": stranger.name}
        grants = [
            Choice(label, granting(role), {**about, "role": role.key}, admin.telegram_id)
            for role, label in _BUTTONS
            if role <= Role.named(admin.role)
        ]
        refusals = [
            Choice(T("Refuse"), REFUSE, about, admin.telegram_id),
            Choice(T("Refuse, with a word"), REFUSE_WITH_WORD, about, admin.telegram_id),
        ]
        number = str(stranger.telegram_id)
        draft = Draft(
            [
                T("{name} (Telegram id {id}) would like to use this bot.", name=stranger.name, id=number),
                T("Which role shall they have?"),
            ],
            title=T("🔑 Someone asks for access"),
            choices=[grants, *([one] for one in refusals)],
        )
        chat = ChatRef(admin.telegram_id, admin.language(organisation.locale))
        key = f"{asking_key(stranger.telegram_id)}{self._clock.now():%Y%m%dT%H%M%S}:{admin.id}"
        await self._outbox.say(session, organisation.id, chat, draft, key=key, priority=ALARM)


class GrantAccess(UseCase):
    """Let somebody in who asked, with a role up to the actor's own, for some or all stores.

    Returns their name. Raises Forbidden, Conflict when it was decided already, BadInput when no
    store is left of the scope.
    """

    permission = Permission.CONFIGURE_ACCESS

    def __init__(self, database: Database, clock: Clock, recorder: Recorder, outbox: Outbox) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder
        self._outbox = outbox

    async def __call__(
        self, actor: Actor, telegram_id: int, role: Role, scope: StoreScope | None = None, *, locale: str
    ) -> str:
        if role > actor.role or role is Role.OWNER:
            raise Forbidden(T("You can give roles up to your own, and nobody becomes owner this way."))
        async with self._database.writing() as session:
            stranger = await _asked(session, actor, telegram_id)
            stores = await stores_in(session, actor.organisation_id, role, scope, actor.store_ids)
            person = await find_person(session, actor.organisation_id, telegram_id)
            if person is None:
                person = Person(
                    organisation_id=actor.organisation_id,
                    telegram_id=telegram_id,
                    name=stranger.name,
                    role=role.key,
                    created_at=self._clock.now(),
                )
                session.add(person)
            person.name, person.role, person.active, person.private_chat = stranger.name, role.key, True, True
            person.store_ids, person.store_tags = kept_of(scope, stores, actor.store_ids)
            await tell_decided(session, self._outbox, actor, stranger, let_in(person.name, role))
            await session.delete(stranger)
            await session.flush()
            after = {"role": role.key, "store_ids": person.store_ids, "store_tags": person.store_tags}
            self._recorder.audit(session, actor, "granted", "person", person.id, after=after)
            draft = welcome(role, None if stores is None else [store.name for store in stores])
            key = f"granted:{person.id}:{self._clock.now():%Y%m%dT%H%M%S}"
            await self._outbox.say(session, actor.organisation_id, ChatRef(telegram_id, locale), draft, key=key)
            return person.name


class RefuseAccess(UseCase):
    """Turn down somebody who asked, with a word to them if there is a `comment`. Returns their name."""

    permission = Permission.CONFIGURE_ACCESS

    def __init__(self, database: Database, clock: Clock, recorder: Recorder, outbox: Outbox) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder
        self._outbox = outbox

    async def __call__(self, actor: Actor, telegram_id: int, *, locale: str, comment: str = "") -> str:
        async with self._database.writing() as session:
            stranger = await _asked(session, actor, telegram_id)
            key = f"refused:{telegram_id}:{stranger.asked_at:%Y%m%dT%H%M%S}"
            stranger.asked_at, stranger.answered_at = None, self._clock.now()
            # The old button goes, so that nobody asks again before the next greeting, a day on.
            asking = (Button.action == ASK_ACCESS, Button.telegram_id == telegram_id)
            await session.execute(delete(Button).where(*asking))
            after = {"telegram_id": telegram_id}
            self._recorder.audit(session, actor, "refused", "access", None, after=after)
            word = [T("They say: {comment}", comment=comment[:_LONGEST_WORD])] if comment else []
            draft = Draft([T("Your request was not granted this time."), *word])
            await self._outbox.say(session, actor.organisation_id, ChatRef(telegram_id, locale), draft, key=key)
            await tell_decided(session, self._outbox, actor, stranger, turned_down(stranger.name))
            return stranger.name


async def _asked(session: AsyncSession, actor: Actor, telegram_id: int) -> Stranger:
    """Return who asked and waits. Raises Conflict when that was decided, or the person came in another way."""
    stranger = await session.get(Stranger, telegram_id, with_for_update=True)
    person = await find_person(session, actor.organisation_id, telegram_id)
    if person is not None and person.active:
        if person.blocked:
            raise Conflict(T("{name} is blocked. Unblock the person under People first.", name=person.name))
        role = ROLES[Role.named(person.role)]
        raise Conflict(T("That was decided already: {name} is in, as {role}.", name=person.name, role=role))
    if stranger is not None and stranger.asked_at is not None:
        return stranger
    raise Conflict(T("That was decided already."))
