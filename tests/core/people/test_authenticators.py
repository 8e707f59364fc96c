"""An authenticator app instead of the PIN: proved before it counts, each code taken once, its key sealed."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.access import Actor, Role
from core.clock import ManualClock
from core.connections.repository import seal_anew
from core.db.database import Database
from core.errors import BadInput, Conflict, Forbidden
from core.history.model import AuditEntry
from core.history.recorder import Recorder
from core.outbox.writing import Outbox
from core.people.choosing import OfferApp, ProveApp, SetApp
from core.people.confirming import KEY_PLACE, PAUSE, ConfirmAction, ConfirmationMissing, ConfirmationNeeded
from core.people.forgetting import ForgetWay
from core.people.model import Confirmation, Way
from core.secrets import SealBroken, SecretBox
from tests.kit.authenticator import STEP_SECONDS, code_of
from tests.kit.entities import ANA, OLGA, RUI, Chain, make_chain

PIN = "829107"
STEP = timedelta(seconds=STEP_SECONDS)


class Phone:
    """Ana's authenticator app."""

    def __init__(self, chain: Chain) -> None:
        base = chain.configuration
        self.chain, self.clock, self.key = chain, base.clock, ""
        self._offer = OfferApp(base.database)
        self._prove = ProveApp(base.clock)
        self._set = SetApp(base.database, base.clock, Recorder(base.clock), base.box)

    def code(self, steps: int = 0) -> str:
        return code_of(self.key, self.clock.now(), steps)

    async def set_up(self, actor: Actor) -> None:
        """Take a new key and prove it with its first code; time goes on to the next one."""
        self.key = (await self._offer(actor)).key
        await self._set(actor, self.key, await self._prove(actor, self.key, self.code()))
        self.clock.move(STEP)


@pytest.fixture
async def chain(database: Database, clock: ManualClock) -> Chain:
    return await make_chain(database, clock)


@pytest.fixture
async def phone(chain: Chain) -> Phone:
    made = Phone(chain)
    await made.set_up(chain.ana)
    return made


async def kept(chain: Chain) -> Confirmation:
    async with chain.configuration.database.reading() as session:
        return await session.get_one(Confirmation, chain.ana.person_id)


async def test_a_code_confirms_and_is_asked_for_by_name(chain: Chain, phone: Phone) -> None:
    assert await chain.way(chain.ana) is Way.APP
    with pytest.raises(ConfirmationNeeded, match="code of your authenticator app"):
        await chain.set_pin(chain.ana, PIN)
    assert (await chain.confirm(chain.ana, phone.code())).confirmed
    assert not chain.ana.confirmed


async def test_a_code_is_taken_once(chain: Chain, phone: Phone) -> None:
    await chain.confirm(chain.ana, phone.code())
    with pytest.raises(BadInput, match="used already"):
        await chain.confirm(chain.ana, phone.code())
    phone.clock.move(STEP)
    await chain.confirm(chain.ana, phone.code())


async def test_a_code_older_than_the_last_one_counts_no_more(chain: Chain, phone: Phone) -> None:
    await chain.confirm(chain.ana, phone.code(1))
    for older in (0, -1):
        with pytest.raises(BadInput):
            await chain.confirm(chain.ana, phone.code(older))


async def test_the_code_that_proved_the_app_confirms_nothing(chain: Chain) -> None:
    phone = Phone(chain)
    await phone.set_up(chain.ana)
    with pytest.raises(BadInput, match="used already"):
        await chain.confirm(chain.ana, phone.code(-1))


async def test_a_used_code_stays_used_in_a_process_that_comes_after(chain: Chain, phone: Phone) -> None:
    await chain.confirm(chain.ana, phone.code())
    base = chain.configuration
    again = ConfirmAction(base.database, base.clock, Recorder(base.clock), base.box)
    with pytest.raises(BadInput, match="used already"):
        await again(chain.ana, phone.code())


async def test_one_code_sent_many_times_at_once_confirms_one_action(chain: Chain, phone: Phone) -> None:
    tries = [chain.confirm(chain.ana, phone.code()) for _ in range(4)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, Actor) for result in results) == 1
    assert sum(isinstance(result, BadInput) for result in results) == 3


async def test_five_wrong_codes_make_a_pause_that_even_the_right_one_does_not_end(chain: Chain, phone: Phone) -> None:
    said = []
    for _ in range(5):
        with pytest.raises(BadInput) as caught:
            await chain.confirm(chain.ana, phone.code(7))
        said.append(str(caught.value.text))
    assert "4 tries are left" in said[0]
    assert "1 try is left" in said[3]
    with pytest.raises(Forbidden, match="Too many wrong codes"):
        await chain.confirm(chain.ana, phone.code())
    assert await actions(chain) == ["app_set", "app_paused"]
    phone.clock.move(PAUSE + STEP)
    assert (await chain.confirm(chain.ana, phone.code())).confirmed


async def actions(chain: Chain) -> list[str]:
    async with chain.configuration.database.reading() as session:
        wanted = select(AuditEntry.action).where(AuditEntry.entity == "person", AuditEntry.person_id.is_not(None))
        return list(await session.scalars(wanted.order_by(AuditEntry.id)))


async def test_changing_to_an_app_takes_the_pin_which_counts_no_more_afterwards(chain: Chain) -> None:
    await chain.set_pin(chain.ana, PIN)
    phone = Phone(chain)
    with pytest.raises(ConfirmationNeeded, match="your PIN"):
        await phone.set_up(chain.ana)
    await phone.set_up(await chain.confirm(chain.ana, PIN))
    with pytest.raises(BadInput):
        await chain.confirm(chain.ana, PIN)
    assert (await chain.confirm(chain.ana, phone.code())).confirmed


async def test_changing_to_another_app_or_a_pin_takes_a_code(chain: Chain, phone: Phone) -> None:
    other = Phone(chain)
    with pytest.raises(ConfirmationNeeded):
        await other.set_up(chain.ana)
    await other.set_up(await chain.confirm(chain.ana, phone.code()))
    with pytest.raises(BadInput):
        await chain.confirm(chain.ana, phone.code())
    await chain.set_pin(await chain.confirm(chain.ana, other.code()), PIN)
    assert await chain.way(chain.ana) is Way.PIN
    assert (await chain.confirm(chain.ana, PIN)).confirmed


async def test_changing_the_way_leaves_no_wrong_tries_behind_and_gives_none_back_before(
    chain: Chain, phone: Phone
) -> None:
    for _ in range(4):
        with pytest.raises(BadInput):
            await chain.confirm(chain.ana, "000000")
    await chain.set_pin(await chain.confirm(chain.ana, phone.code()), PIN)
    with pytest.raises(BadInput, match="4 tries are left"):
        await chain.confirm(chain.ana, "000000")


async def test_a_wrong_first_code_proves_nothing(chain: Chain) -> None:
    offer = await OfferApp(chain.configuration.database)(chain.ana)
    clock = chain.configuration.clock
    with pytest.raises(BadInput, match="clock"):
        await ProveApp(clock)(chain.ana, offer.key, code_of(offer.key, clock.now(), 5))
    assert await chain.way(chain.ana) is None


async def test_the_code_of_somebody_else_confirms_nothing(chain: Chain, phone: Phone) -> None:
    olga = chain.actor(OLGA)
    await Phone(chain).set_up(olga)
    with pytest.raises(BadInput):
        await chain.confirm(olga, phone.code())


async def test_the_key_is_sealed_for_its_place_and_written_down_nowhere(chain: Chain, phone: Phone) -> None:
    box, row = chain.configuration.box, await kept(chain)
    assert phone.key not in row.secret
    assert box.open(row.secret, KEY_PLACE) == phone.key
    with pytest.raises(SealBroken):
        box.open(row.secret, "integrations.token")
    offer = await OfferApp(chain.configuration.database)(chain.ana)
    written = await chain.written_down() + await chain.configuration.export() + repr(offer)
    assert not [one for one in (phone.key, offer.key) if one in written]


async def test_a_start_seals_the_key_anew_with_the_newest_one(chain: Chain, phone: Phone) -> None:
    base, new = chain.configuration, SecretBox.new_key()
    old = SecretBox.new_key()
    async with base.database.writing() as session:
        row = await session.get_one(Confirmation, chain.ana.person_id)
        row.secret = SecretBox(old).seal(phone.key, KEY_PLACE)
        await seal_anew(session, SecretBox(f"{new},{old}"))
    assert SecretBox(new).open((await kept(chain)).secret, KEY_PLACE) == phone.key


async def test_a_key_that_no_longer_opens_says_so_and_can_be_voided(chain: Chain, phone: Phone) -> None:
    base = chain.configuration
    stranger = ConfirmAction(base.database, base.clock, Recorder(base.clock), SecretBox(SecretBox.new_key()))
    with pytest.raises(Conflict, match="Ask an owner"):
        await stranger(chain.ana, phone.code())
    await ForgetWay(base.database, Recorder(base.clock), Outbox(base.clock))(base.actor, chain.people[ANA].id)
    assert await chain.way(chain.ana) is None
    assert (await actions(chain))[-1] == "app_set"
    with pytest.raises(ConfirmationMissing):
        await chain.confirm(chain.ana, phone.code())
    await Phone(chain).set_up(chain.ana)


async def test_a_manager_and_a_program_have_no_app(chain: Chain) -> None:
    program = Actor(chain.ana.organisation_id, Role.OWNER, "api", "api")
    for nobody in (chain.actor(RUI), program):
        with pytest.raises(Forbidden):
            await Phone(chain).set_up(nobody)
