"""A channel's own words for what it is told, in its own language and quiet hours (CH-14, X-8)."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from core.channels.model import Channel
from core.executions.states import Event
from core.jobs.model import Job
from core.outbox.model import Card
from core.stores.model import Store
from core.texts import Text
from sandbox.faults import Fault
from tests.jobs.test_channels_told import mail_channel, posts, settle
from tests.jobs.test_quiet_hours import quiet, tell
from tests.kit.chain import GROUP, Chain
from tests.kit.smtp import SmtpServer, smtp_server, words_of


async def speaks(chain: Chain, number: int, **values: object) -> None:
    await chain.change(await chain.row(Channel, number), **values)


async def ops(chain: Chain, *events: str, **values: object) -> int:
    """Let the sync job tell the group, which is a channel, and return the channel's number."""
    await chain.change(await chain.row(Job, chain.sync_job), notify=[{"channel": "Ops", "on": list(events)}])
    async with chain.database.reading() as session:
        number = (await session.get_one(Channel, 1)).id
    await speaks(chain, number, **values)
    return number


async def lines(chain: Chain) -> list[str]:
    (row,) = await posts(chain)
    return [str(Text.from_json(line)) for line in row.body["lines"]]


async def test_a_mail_says_the_own_words_and_a_stores_name_can_do_no_harm_in_them(lone: Chain) -> None:
    await lone.change(await lone.row(Store, lone.stores[0].id), name="{token} <b>x</b>\nBcc: eve@x.test")
    lone.platform.faults.add(Fault("lose_lines", store=lone.stores[0].cnpj))
    async with smtp_server(SmtpServer()) as server:
        number = await mail_channel(lone, server.port, "failure")
        words = "{organisation}: {failed} of {stores} {{sic}}\n{details}\n{job} {result}"
        await speaks(lone, number, templates={"failure": words})
        await lone.sync()
        await settle(lone)

    (mail,) = server.mails
    assert mail["Subject"] == "Rede Exemplo: 1 of 1 {sic}"
    assert mail["Bcc"] is None
    plain, html = words_of(mail), words_of(mail, "html")
    assert "• {token} <b>x</b>\\nBcc: eve@x.test: " in plain
    assert "{token} &lt;b&gt;x&lt;/b&gt;" in html
    assert plain.rstrip().endswith("Daily sync failed")


async def test_of_an_end_that_is_several_events_the_one_with_own_words_speaks(lone: Chain) -> None:
    lone.platform.faults.add(Fault("lose_lines", store=lone.stores[0].cnpj))
    number = await mail_channel(lone, 1, "success", "recovered")
    await speaks(lone, number, templates={"recovered": "Back: {verified}/{stores}"})
    await lone.sync()
    lone.platform.faults.clear()
    await lone.sync()

    assert await lines(lone) == ["Back: 1/1"]


@pytest.mark.parametrize("kept", ["{gone_since_the_upgrade}", "{", "   "])
async def test_words_that_can_no_longer_be_used_give_way_to_the_standard_text(lone: Chain, kept: str) -> None:
    number = await mail_channel(lone, 1, "success")
    await speaks(lone, number, templates={"success": kept})
    await lone.sync()

    assert (await lines(lone))[0] == "✅ Daily sync: success"


async def test_words_that_come_to_nothing_give_way_too(lone: Chain) -> None:
    number = await mail_channel(lone, 1, "digest")
    await speaks(lone, number, templates={"digest": "{details}"})
    async with lone.database.writing() as session:
        job = await session.get_one(Job, lone.sync_job)
        await lone.hub.notices.tell(session, job, Event.DIGEST, [], key="digest:none")

    assert await lines(lone) == []


async def test_without_end_they_are_cut_to_what_one_message_holds(chain: Chain) -> None:
    number = await mail_channel(chain, 1, "digest")
    await speaks(chain, number, templates={"digest": "{details}" * 90})
    await tell(chain, Event.DIGEST, "x" * 200, "digest:1")

    assert sum(map(len, await lines(chain))) < 4096


async def test_in_telegram_the_card_stays_and_the_words_come_beside_it_once(lone: Chain) -> None:
    await ops(lone, "start", "success", templates={"success": "Live: {verified}"})
    await lone.sync()

    (said,) = [text for text in await lone.messages() if "Live" in text]
    assert said == "Live: 1"
    async with lone.database.reading() as session:
        card = await session.get_one(Card, 1)
    assert card.chat_id == GROUP


async def test_a_channel_is_spoken_to_in_its_own_language(lone: Chain) -> None:
    number = await mail_channel(lone, 1, "success")
    await speaks(lone, number, locale="es", templates={"success": "{job}: {result}, {duration}"})
    await lone.sync()
    (row,) = await posts(lone)
    assert row.body["locale"] == "es"
    assert (await lines(lone))[0].startswith("Daily sync: éxito, ")

    await ops(lone, "start", locale="pt_BR")
    await lone.sync()
    async with lone.database.reading() as session:
        assert (await session.get_one(Card, 1)).locale == "pt_BR"


async def test_own_quiet_hours_count_instead_of_the_organisations(lone: Chain) -> None:
    now = lone.clock.now().astimezone(ZoneInfo("America/Sao_Paulo"))
    night = f"{now:%H}:00-{(now.hour + 2) % 24:02}:00"
    number = await mail_channel(lone, 1, "digest", "held")
    await speaks(lone, number, quiet_hours=night)
    await tell(lone, Event.DIGEST, "Good morning", "digest:1")
    await tell(lone, Event.HELD, "somebody must decide", "held:1")
    waiting, alarm = await posts(lone)
    assert waiting.not_before is not None
    assert waiting.not_before - lone.clock.now() <= timedelta(hours=2)
    assert alarm.not_before is None


async def test_a_channel_without_quiet_hours_is_told_while_the_others_sleep(lone: Chain) -> None:
    now = lone.clock.now().astimezone(ZoneInfo("America/Sao_Paulo"))
    await quiet(lone, f"{now:%H}:00-{(now.hour + 2) % 24:02}:00")
    number = await mail_channel(lone, 1, "digest")
    await speaks(lone, number, quiet_hours="none")
    await tell(lone, Event.DIGEST, "Good morning", "digest:1")
    (told,) = await posts(lone)
    assert told.not_before is None
