"""/health tells admins how every part does, without calling anybody and without secrets."""

from datetime import timedelta

import pytest

from core.connections.model import Integration
from core.errors import OutsideError
from core.jobs.model import Job
from core.outbox.model import Message
from core.texts import T
from jobs.connections import Connections
from sandbox.faults import Fault
from sandbox.rp import RpServer
from tests.handlers.kit import ANA, RUI, VERA, Desk
from tests.handlers.test_products import PASSWORD, connect_erp

CNPJ = "11222333000181"


async def health(desk: Desk, title: str = "🩺 Health of every part") -> list[str]:
    async with desk.chat():
        await desk.ana.says("/health")
        return (await desk.telegram.wait_for(ANA, title)).text.splitlines()


async def call_erp(desk: Desk, erp: RpServer, times: int = 1) -> None:
    connections = await desk.container.get(Connections)
    source = await connections.get(desk.organisation_id, "ERP")
    for _ in range(times):
        await source.probe()
    assert erp.journal


async def test_an_integration_shows_its_calls_its_rate_and_its_login(desk: Desk) -> None:
    async with RpServer({"100001": PASSWORD}, clock=desk.clock.now) as erp:
        erp.add_store(CNPJ, size=10, discounted=5)
        await connect_erp(desk, erp.url)
        await call_erp(desk, erp)
        shown = await health(desk)

    assert shown[5:8] == [
        "🟢 ERP: 100% of the last calls good; 3 calls since the start, 0 failed",
        "   3 of 60 calls in the last minute",
        "   Login valid until 11/23/26, 9:10\u202fAM",
    ]
    assert shown[8].startswith(f"   5:10\u202fAM GET v3.2/produtounidade/listaprodutos/0/unidade/{CNPJ}: 200, ")
    assert len(shown) == 11
    assert PASSWORD not in "\n".join(shown)


async def test_what_nobody_called_is_neither_good_nor_bad(desk: Desk) -> None:
    await connect_erp(desk, "http://127.0.0.1:9")

    assert (await health(desk))[-1] == "⚪ ERP: not called since the start"


async def test_a_refused_login_is_said_with_its_cause(desk: Desk) -> None:
    await connect_erp(desk, "http://127.0.0.1:9")
    async with desk.database.writing() as session:
        row = await session.get_one(Integration, (await desk.rows(Integration))[0].id)
        row.needs_credentials_at = desk.clock.now()
        row.needs_credentials_text = T("The ERP refused user and password.").to_json()

    assert (await health(desk))[-2:] == [
        "🔑 ERP: needs credentials",
        "   Login refused: The ERP refused user and password.",
    ]


async def test_a_failing_integration_shows_that_its_calls_pause(desk: Desk) -> None:
    async with RpServer({"100001": PASSWORD}, clock=desk.clock.now) as erp:
        erp.add_store(CNPJ, size=10, discounted=5)
        await connect_erp(desk, erp.url)
        await call_erp(desk, erp)
        erp.faults.add(Fault("http_503_html", times=None))
        for _ in range(5):
            with pytest.raises(OutsideError):
                await call_erp(desk, erp)
        shown = await health(desk)

    assert any("⛔ ERP: calls pause for" in line for line in shown)


async def test_a_call_that_had_no_answer_is_said_in_words(desk: Desk) -> None:
    async with RpServer({"100001": PASSWORD}, clock=desk.clock.now) as erp:
        erp.add_store(CNPJ, size=10, discounted=5)
        await connect_erp(desk, erp.url)
        await call_erp(desk, erp)
        await desk.set_person(ANA, locale="pt_BR")
        erp.faults.add(Fault("cut_body", times=None))
        with pytest.raises(OutsideError):
            await call_erp(desk, erp)
        shown = await health(desk, "ERP:")

    assert any(": sem resposta adequada, " in line or ": sem conexão, " in line for line in shown)


async def test_parts_of_our_own_are_told_too(desk: Desk) -> None:
    async with desk.database.writing() as session:
        job = await session.get_one(Job, desk.job_id)
        job.schedule = "10 5 * * *"
        session.add(
            Message(
                organisation_id=desk.organisation_id,
                chat_id=1,
                thread_id=None,
                priority=0,
                body={"lines": [], "locale": "en"},
                dedupe_key="dead",
                created_at=desk.clock.now() - timedelta(days=1),
                state="dead",
            )
        )
    await desk.start_run()
    shown = await health(desk)

    assert shown[1].startswith("🗄 Database: SQLite, answered in ")
    assert shown[2] == "✉️ Telegram: reachable, no messages wait, 1 could not be delivered"
    assert shown[3] == "⚙️ Runs: 1 at work"
    assert shown[4].startswith("🗓 Schedule: next is Daily sync, 11/24/26")


async def add_integrations(desk: Desk, numbers: range, *, refused: bool) -> None:
    async with desk.database.writing() as session:
        for number in numbers:
            since = desk.clock.now() if refused else None
            row = Integration(organisation_id=desk.organisation_id, name=f"API {number}", module="rp")
            row.needs_credentials_at = since
            session.add(row)


async def test_of_thirty_integrations_those_in_trouble_come_first_and_most_others_are_counted(desk: Desk) -> None:
    await add_integrations(desk, range(10, 38), refused=False)
    await add_integrations(desk, range(50, 52), refused=True)
    shown = await health(desk)

    assert shown[5:9:2] == ["🔑 API 50: needs credentials", "🔑 API 51: needs credentials"]
    assert shown[9:13] == [f"⚪ API {number}: not called since the start" for number in range(10, 14)]
    assert shown[13:] == ["🔌 24 other integrations: no trouble with calls or logins. See /integrations"]


async def test_none_in_trouble_is_hidden_however_many_they_are(desk: Desk) -> None:
    await add_integrations(desk, range(10, 40), refused=True)
    await add_integrations(desk, range(50, 51), refused=False)
    shown = await health(desk)

    assert [line for line in shown if "needs credentials" in line] == [
        f"🔑 API {number}: needs credentials" for number in range(10, 40)
    ]
    assert shown[-1] == "🔌 1 other integration: no trouble with calls or login. See /integrations"


async def test_one_of_whose_last_calls_one_failed_is_told_of_before_those_that_were_not_called(desk: Desk) -> None:
    await add_integrations(desk, range(10, 40), refused=False)
    async with RpServer({"100001": PASSWORD}, clock=desk.clock.now) as erp:
        erp.add_store(CNPJ, size=10, discounted=5)
        await connect_erp(desk, erp.url)
        await call_erp(desk, erp, times=20)
        erp.faults.add(Fault("cut_body", times=1))
        await call_erp(desk, erp)
        shown = await health(desk)

    assert shown[5].startswith("🟢 ERP: 9"), "by its share of good calls it would be fine"


@pytest.mark.parametrize("person", ["vera", "rui"])
async def test_only_admins_see_it(desk: Desk, person: str) -> None:
    async with desk.chat():
        await getattr(desk, person).says("/health")
        await desk.telegram.wait_for({"vera": VERA, "rui": RUI}[person], "You may not do this")
