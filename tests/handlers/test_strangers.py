"""People nobody knows: one polite answer, a request, a decision (`rules.md` 5)."""

from datetime import timedelta

import pytest

from core.access import Role
from core.chat.model import Button
from core.history.model import AuditEntry
from core.outbox.model import Message
from core.people.claiming import ClaimOwner, EnsureOwner, IssueClaimCode
from core.people.joining import RefuseAccess
from core.people.model import OneTimeCode, Person, Stranger
from sandbox.telegram import Message as Sent
from sandbox.telegram import Person as Somebody
from tests.handlers.kit import ANA, GROUP, RUI, VERA, Desk, until, until_sent
from tests.handlers.menu_kit import Walk, settled

EVE = 6666


def eve(desk: Desk, language: str = "en") -> Somebody:
    return desk.telegram.person(EVE, "Eve", language=language)


async def asked(desk: Desk) -> tuple[Sent, Sent]:
    """Let Eve ask for access; returns what she was greeted with, and Ana's card about her."""
    await eve(desk).says("/start")
    greeting = await desk.telegram.wait_for(EVE, "I do not know you yet")
    await _arrived(desk)
    await (await eve(desk).taps(greeting, "Ask for access"))
    card = await desk.telegram.wait_for(ANA, "asks for access")
    await _arrived(desk)
    return greeting, card


async def test_a_stranger_gets_one_polite_answer_and_then_silence_for_a_day(desk: Desk) -> None:
    async with desk.chat():
        for words in ("/start", "/status", "hello?", "/sync"):
            await eve(desk).says(words)
        await desk.telegram.wait_for(EVE, "I do not know you yet")
        await until(lambda: desk.telegram.world.updates.pending == 0)
        await until_sent(desk)
        assert len(desk.texts(EVE)) == 1
        desk.clock.move(timedelta(days=1, minutes=1))
        await eve(desk).says("hello again")
        await until(lambda: len(desk.texts(EVE)) == 2)

    assert not any("Mercado Azul" in text or "Ana" in text for text in desk.texts(EVE))


async def test_in_groups_strangers_are_not_even_heard(desk: Desk) -> None:
    desk.group.members[EVE] = eve(desk).user
    async with desk.chat():
        await eve(desk).says("/status", chat=desk.group)
        await eve(desk).says("/start", chat=desk.group)
        await until(lambda: desk.telegram.world.updates.pending == 0)
        await desk.ana.says("/help", chat=desk.group)
        await desk.telegram.wait_for(GROUP, "what I can do")

    assert len(desk.texts(GROUP)) == 1
    assert await desk.rows(Stranger) == []


async def test_nobody_speaks_for_anonymous_admins(desk: Desk) -> None:
    desk.group.admins.add(ANA)
    async with desk.chat():
        await desk.ana.says("/pause", chat=desk.group, anonymous=True)
        await until(lambda: desk.telegram.world.updates.pending == 0)
        await desk.ana.says("/status")
        status = await desk.telegram.wait_for(ANA, "How things stand")

    assert "paused" not in status.text
    assert desk.texts(GROUP) == []


async def test_a_request_reaches_the_admins_and_a_grant_lets_the_person_in(desk: Desk) -> None:
    async with desk.chat():
        await eve(desk).says("/start")
        greeting = await desk.telegram.wait_for(EVE, "I do not know you yet")
        await _arrived(desk)
        asked = await (await eve(desk).taps(greeting, "Ask for access"))
        card = await desk.telegram.wait_for(ANA, "asks for access")
        await _arrived(desk)
        asked_back = await (await desk.ana.taps(card, "Manager"))
        walk = Walk(desk, desk.ana)
        await settled(desk)
        await walk.taps("001 Centro", "✔️ Done")
        await desk.telegram.wait_for(EVE, "Your stores: 001 Centro")
        await eve(desk).says("/status")
        await desk.telegram.wait_for(EVE, "How things stand")

    assert "on its way" in asked.text
    assert "Eve (Telegram id 6666)" in card.text
    assert "which stores" in asked_back.text
    assert "Eve is in now, as manager" in walk.text
    (came,) = [one for one in await desk.rows(Person) if one.telegram_id == EVE]
    assert (came.role, came.store_ids) == ("manager", [desk.store_ids[0]])
    assert [(one.actor, one.action) for one in await desk.rows(AuditEntry)] == [("Ana", "granted")]


async def test_asking_twice_brings_one_card_and_only_to_admins(desk: Desk) -> None:
    await desk.set_person(RUI, private_chat=True)
    async with desk.chat():
        await eve(desk).says("/start")
        greeting = await desk.telegram.wait_for(EVE, "I do not know you yet")
        await _arrived(desk)
        await (await eve(desk).taps(greeting, "Ask for access"))
        again = await (await eve(desk).taps(greeting, "Ask for access"))
        await desk.telegram.wait_for(ANA, "asks for access")

    assert "with the admins already" in again.text
    assert len(desk.texts(ANA)) == 1
    assert desk.texts(RUI) == []


async def test_a_second_decision_and_a_refusal_change_nothing_more(desk: Desk) -> None:
    async with desk.chat():
        greeting, card = await asked(desk)
        (late_tap,) = [one.data for row in card.buttons for one in row if one.text == "Admin"]
        refused = await (await desk.ana.taps(card, "Refuse"))
        late = await (await desk.ana.taps(card, data=late_tap))
        await desk.telegram.wait_for(EVE, "not granted")
        pestering = await (await eve(desk).taps(greeting, "Ask for access"))

    assert "was refused" in refused.text
    assert "decided already" in late.text
    assert "for somebody else" in pestering.text
    assert await desk.role_of(EVE) is None


@pytest.mark.parametrize(
    ("choice", "decided"), [("Admin", "Eve is in now, as admin"), ("Refuse", "The request of Eve was refused")]
)
async def test_every_admins_card_turns_into_what_was_decided_and_by_whom(desk: Desk, choice: str, decided: str) -> None:
    await desk.set_person(RUI, role="owner", private_chat=True, locale="es")
    await desk.set_person(VERA, role="admin", private_chat=True)
    async with desk.chat():
        _, card = await asked(desk)
        others = [desk.telegram.messages(one)[-1] for one in (RUI, VERA)]
        await desk.set_person(VERA, role="viewer")
        await (await desk.ana.taps(card, choice))
        await until(lambda: decided in card.text and "Ana" in others[0].text)
        await until_sent(desk)

    assert "Eve (Telegram id 6666) had asked for access" in card.text
    assert "Decided by Ana." in card.text
    assert "Decisión de Ana" in others[0].text, "each in its reader's language"
    assert card.buttons == others[0].buttons == []
    assert len(desk.texts(ANA)) == len(desk.texts(RUI)) == 1, "in place of the question"
    assert "asks for access" in others[1].text, "who is no admin any more reads nothing of it"
    assert len(desk.texts(VERA)) == 1


async def test_a_card_that_had_not_left_comes_as_the_decision_alone(desk: Desk) -> None:
    await desk.set_person(RUI, role="owner", private_chat=True)
    async with desk.chat():
        await asked(desk)
    (row,) = [one for one in await desk.rows(Message) if one.chat_id == RUI]
    await desk.set_row(Message, row.id, state="pending", message_id=None)
    (ana,) = [one for one in await desk.rows(Person) if one.telegram_id == ANA]
    await (await desk.container.get(RefuseAccess))(ana.actor("chat", "en"), EVE, locale="en")

    (told,) = [one for one in await desk.rows(Message) if one.chat_id == RUI]
    assert told.id != row.id
    assert "buttons" not in told.body
    assert "replaces" not in told.body
    assert not [one for one in await desk.rows(Button) if one.message_key == f"outbox:{row.id}"]


async def test_a_refusal_may_carry_a_word(desk: Desk) -> None:
    async with desk.chat():
        _, card = await asked(desk)
        # On half a row a phone would cut it in Spanish.
        assert ["Refuse, with a word"] in [[one.text for one in row] for row in card.buttons]
        await (await desk.ana.taps(card, "Refuse, with a word"))
        await settled(desk)
        await Walk(desk, desk.ana).says("Ask <b>Rui</b> first")
        told = await desk.telegram.wait_for(EVE, "not granted")

    assert "They say: Ask <b>Rui</b> first" in told.text
    assert await desk.role_of(EVE) is None


async def test_an_admin_who_was_demoted_can_no_longer_grant(desk: Desk) -> None:
    async with desk.chat():
        _, card = await asked(desk)
        await desk.set_person(ANA, role="manager")
        refused = await (await desk.ana.taps(card, "Viewer"))

    assert "You may not do this" in refused.text
    assert await desk.role_of(EVE) is None


async def test_the_printed_code_makes_the_first_owner_once_and_is_kept_as_a_hash(desk: Desk) -> None:
    code = await (await desk.container.get(IssueClaimCode))()
    assert code is not None
    async with desk.chat():
        await eve(desk).says(f"/start {code}")
        await desk.telegram.wait_for(EVE, "This bot is yours now")
        await desk.ana.says(code)
        await desk.telegram.wait_for(ANA, "I understand commands")

    assert await desk.role_of(EVE) is Role.OWNER
    assert await desk.role_of(ANA) is Role.ADMIN
    (row,) = await desk.rows(OneTimeCode)
    assert code not in row.hash
    assert row.used_at is not None
    assert [one.action for one in await desk.rows(AuditEntry)] == ["claimed"]


async def test_the_code_typed_alone_is_enough_but_never_in_a_group(desk: Desk) -> None:
    code = await (await desk.container.get(IssueClaimCode))()
    assert code is not None
    desk.group.members[EVE] = eve(desk).user
    async with desk.chat():
        await eve(desk).says(f"/start {code}", chat=desk.group)
        await until(lambda: desk.telegram.world.updates.pending == 0)
        assert await desk.role_of(EVE) is None
        await eve(desk).says(code)
        await desk.telegram.wait_for(EVE, "This bot is yours now")


async def test_while_nobody_could_decide_a_stranger_is_told_how_to_become_owner_and_may_ask_once_there_is_one(
    desk: Desk,
) -> None:
    await desk.set_person(ANA, active=False)
    code = await (await desk.container.get(IssueClaimCode))()
    async with desk.chat():
        await eve(desk).says("/start")
        told = await desk.telegram.wait_for(EVE, "no owner yet")
        assert told.buttons == []
        assert "a line with /start and a code" in told.text
        await eve(desk).says("hello?")
        await desk.rui.says("/status")
        await desk.ana.says(f"/start {code}")
        await desk.telegram.wait_for(ANA, "This bot is yours now")
        assert len(desk.texts(EVE)) == 1, "silence as for any stranger"
        await eve(desk).says("hello again")
        greeting = await desk.telegram.wait_for(EVE, "I do not know you yet")
        assert [button.text for row in greeting.buttons for button in row] == ["Ask for access"]


async def test_a_wrong_code_is_answered_as_any_stranger_is(desk: Desk) -> None:
    await (await desk.container.get(IssueClaimCode))()
    async with desk.chat():
        await eve(desk).says("/start " + "A" * 22)
        answer = await desk.telegram.wait_for(EVE, "I do not know you yet")

    assert "owner" not in answer.text
    assert await desk.role_of(EVE) is None


async def test_a_code_is_void_once_there_is_an_owner_and_none_is_made_then(desk: Desk) -> None:
    issue, claim = await desk.container.get(IssueClaimCode), await desk.container.get(ClaimOwner)
    first, second = await issue(), await issue()
    assert first is not None
    assert second is not None
    assert await claim(EVE, "Eve", first) is None
    assert await (await desk.container.get(EnsureOwner))(ANA)

    assert await claim(EVE, "Eve", second) is None
    assert await issue() is None
    assert not await (await desk.container.get(EnsureOwner))(EVE)


async def test_an_owner_known_by_id_only_gets_a_name_at_the_first_word(desk: Desk) -> None:
    await (await desk.container.get(EnsureOwner))(EVE)
    assert [(one.actor, one.source) for one in await desk.rows(AuditEntry)] == [("start", "start")]
    async with desk.chat():
        await eve(desk).says("/start")
        greeting = await desk.telegram.wait_for(EVE, "I bring the discounts")

    assert "Hello, Eve!" in greeting.text
    (owner,) = [one for one in await desk.rows(Person) if one.telegram_id == EVE]
    assert (owner.name, owner.private_chat) == ("Eve", True)


async def test_a_button_for_asking_is_bound_to_the_stranger(desk: Desk) -> None:
    mallory = desk.telegram.person(6667, "Mallory")
    async with desk.chat():
        await eve(desk).says("/start")
        await mallory.says("/start")
        await desk.telegram.wait_for(EVE, "I do not know you yet")
        greeting = await desk.telegram.wait_for(6667, "I do not know you yet")
        await _arrived(desk)
        (row,) = [one for one in await desk.rows(Button) if one.telegram_id == EVE]
        answer = await (await mallory.taps(greeting, data=f"b:{row.id}"))

    assert "out of date" in answer.text


async def _arrived(desk: Desk) -> None:
    """Wait until the rows know the messages that carry their buttons."""

    async def noted() -> bool:
        return all(row.message_id for row in await desk.rows(Message) if row.state != "dead")

    await until(noted)


async def test_an_owner_known_by_id_alone_is_greeted_by_name_at_once(desk: Desk) -> None:
    await (await desk.container.get(EnsureOwner))(EVE)
    async with desk.chat():
        await eve(desk).says("/start")

        await desk.telegram.wait_for(EVE, "Hello, Eve")
