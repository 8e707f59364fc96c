"""Channels by chat: filled in, tested with a message that arrives, saved (CH-14)."""

from typing import Any

import pytest

from core.access import Actor, Role
from core.channels.model import Channel
from core.configuration.wanted import Section
from core.entities.saving import SaveEntity
from core.organisations.model import Organisation
from tests.handlers.kit import GROUP, Desk, until
from tests.handlers.menu_kit import Walk, settled
from tests.kit.smtp import SmtpServer, smtp_server, words_of

PASSWORD = "invented-Pw-77"


async def _fill(walk: Walk, **answers: str) -> None:
    """Answer each question by the title of its field, until the summary comes."""
    while "save this?" not in walk.text:
        (title,) = [title for title in answers if f"· {title}\n" in f"{walk.text}\n"]
        await walk.says(answers[title])
        assert "⚠️" not in walk.text


async def _email(walk: Walk, port: int, password: str = PASSWORD) -> None:
    await walk.says("/open email")
    answers = {"Name": "Mail", "Server": "127.0.0.1", "Port": str(port), "Encryption": "No encryption"}
    answers |= {"User": "bot", "Password": password, "From": "bot@azul.test", "To": "ana@azul.test"}
    await _fill(walk, **answers)


async def test_an_email_channel_is_tested_with_a_mail_that_arrives_and_then_saved(desk: Desk, walk: Walk) -> None:
    async with smtp_server(SmtpServer(login=("bot", PASSWORD))) as server:
        await _email(walk, server.port)
        said = await walk.taps("Test")
        assert "went well" in said
        assert "127.0.0.1 took the mail for ana@azul.test." in said
    (mail,) = server.mails
    assert mail["From"] == f"{(await desk.rows(Organisation))[0].name} <bot@azul.test>"
    assert "Mail" in mail["Subject"]
    assert "Ana" in words_of(mail)

    await walk.taps("Save")
    row = next(row for row in await desk.rows(Channel) if row.name == "Mail")
    assert (row.module, row.settings["recipients"], row.enabled) == ("email", ["ana@azul.test"], True)
    assert PASSWORD not in f"{row.settings} {row.secrets}"


async def test_a_test_that_fails_says_why_and_shows_no_password(desk: Desk, walk: Walk) -> None:
    async with smtp_server(SmtpServer(login=("bot", "another-Pw-88"))) as server:
        await _email(walk, server.port)
        text = await walk.taps("Test")

        assert "refuses the login" in text
        assert "Mail · User" in await walk.taps("✏️ User")
        await walk.taps("Back", "Review", "Test")
        assert "Mail · Password" in await walk.taps("✏️ Password")
        await walk.says("another-Pw-88")
        assert "went well" in await walk.taps("Test")
        assert not any("Change:" in label for label in walk.labels)

    assert PASSWORD not in "".join(desk.texts(walk.chat.id))


async def test_a_server_that_nobody_finds_leads_to_its_name(walk: Walk) -> None:
    await _email(walk, 1)
    text = await walk.taps("Test")
    assert "cannot be reached" in text or "refused" in text, text
    assert "Mail · Server" in await walk.taps("✏️ Server")


async def test_a_telegram_channel_is_tested_with_a_message_in_the_group(desk: Desk, walk: Walk) -> None:
    await walk.says("/open telegram")
    await _fill(walk, Name="Ops 2", Chat=str(GROUP), Topic="0")
    await walk.taps("Test")

    await until(lambda: any("Ops 2" in text for text in desk.texts(GROUP)))


async def test_the_name_of_a_group_becomes_its_number_and_an_unknown_one_is_said(desk: Desk, walk: Walk) -> None:
    desk.group.username = "ops_azul"
    await walk.says("/open telegram")
    await walk.says("Ops 2")
    assert "I find no chat called @nobody_there" in await walk.says("@nobody_there")
    desk.telegram.violations.clear()
    await walk.says("@ops_azul")
    await walk.taps("Save")
    assert (await desk.rows(Channel))[-1].settings == {"chat_id": GROUP}


@pytest.mark.parametrize(
    ("origin", "chat"),
    [
        ({"type": "channel", "chat": {"id": GROUP, "type": "channel", "title": "Ops"}, "message_id": 1}, GROUP),
        ({"type": "chat", "sender_chat": {"id": GROUP, "type": "supergroup", "title": "Ops"}}, GROUP),
        ({"type": "user", "sender_user": {"id": 7, "is_bot": False, "first_name": "Eva"}}, None),
        ({"type": "hidden_user", "sender_user_name": "Eva"}, None),
    ],
    ids=lambda one: one["type"] if isinstance(one, dict) else "",
)
async def test_a_forwarded_message_names_its_chat_but_never_the_person_who_wrote_it(
    desk: Desk, walk: Walk, origin: dict[str, Any], chat: int | None
) -> None:
    await walk.says("/open telegram")
    sent = await walk.person.says("Ops 2")
    await settled(desk)
    forwarded = {"message_id": 900, "text": "12345", "forward_origin": origin | {"date": sent.date}}
    desk.telegram.world.updates.put("message", sent.as_json() | forwarded)
    await settled(desk)
    if chat is None:
        assert "who wrote that, not in which group" in walk.text
        return
    await walk.taps("Save")
    assert (await desk.rows(Channel))[-1].settings == {"chat_id": chat}


async def test_the_page_of_a_channel_tells_its_language_its_quiet_hours_and_its_own_words(
    desk: Desk, walk: Walk
) -> None:
    await walk.says("/channels")
    text = await walk.taps("Ops")
    assert "Language: as the organisation\nQuiet hours: as the organisation\nOwn words: none" in text
    own = {"locale": "es", "quiet_hours": "none", "templates": {"success": "{job}", "partial": "{job}: {details}"}}
    await desk.set_row(Channel, desk.channel_id, **own)
    await walk.says("/channels")
    assert "Language: Español\nQuiet hours: none, told at once\nOwn words: Success, Partial" in await walk.taps("Ops")


async def test_keeping_it_off_in_vain_leaves_no_trace_on_a_later_save(desk: Desk, walk: Walk) -> None:
    await walk.says("/channels")
    await walk.taps("Ops", "Change", "Name")
    await walk.says("Ops 2")
    save = await desk.container.get(SaveEntity)
    bia = Actor(desk.organisation_id, Role.ADMIN, "Bia", "chat")
    await save(bia, Section.CHANNELS, desk.channel_id, {"locale": "es"})
    assert "Bia changed this on" in await walk.taps("Keep it off")
    assert "Switched on" not in walk.text
    await walk.taps("Save")
    (row,) = await desk.rows(Channel)
    assert (row.name, row.locale, row.enabled) == ("Ops 2", "es", True)
