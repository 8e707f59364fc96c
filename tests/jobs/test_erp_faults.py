"""An ERP that misbehaves: what is not read to its end changes nothing, and hurts no other store."""

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from core.access import Actor
from core.connections.trying_again import TryAgain
from core.errors import Conflict, CredentialsRefused
from core.executions.model import LogLine
from core.history.recorder import Recorder
from core.i18n import Translator
from core.jobs.model import Job
from handlers.reports.run_log import log_row
from sandbox.rp import Fault
from tests.kit.chain import ERP, PASSWORD, PLATFORM, TOKEN, Chain, MakeChain, Run

SURVIVED = [
    pytest.param([Fault("empty_page", page=1, times=1)], id="first page empty once"),
    pytest.param([Fault("empty_page", page=1, times=2)], id="first page empty twice"),
    pytest.param([Fault("empty_page", page=2, times=1)], id="empty in the middle"),
    pytest.param([Fault("cut_body", page=2, times=1)], id="cut once"),
    pytest.param([Fault("html_200", page=2, times=2)], id="a web page twice"),
    pytest.param([Fault("http_500_html", page=2, times=2)], id="500 twice"),
    pytest.param([Fault("http_503_html", page=2, times=2)], id="503 twice"),
    pytest.param([Fault("http_429", page=2, times=2, parameter=1)], id="429 twice"),
    pytest.param([Fault("status_error_200", page=2, times=1)], id="status error with 200 once"),
    pytest.param([Fault("refuse", page=2, times=2)], id="connection dropped twice"),
    pytest.param([Fault("token_revoked", page=2, times=1)], id="the token dies in mid-scan"),
    pytest.param([Fault("duplicates", page=2, times=1, parameter=3)], id="products again on the next page"),
    pytest.param([Fault("unsorted", page=2, times=1)], id="a page back to front"),
]
FATAL = [
    pytest.param([Fault("empty_page", page=1, times=3)], "held", id="first page empty three times"),
    pytest.param([Fault("cut_body", page=2, times=None)], "failed", id="always cut"),
    pytest.param([Fault("html_200", page=2, times=None)], "failed", id="always a web page"),
    pytest.param([Fault("not_json", page=2, times=None)], "failed", id="never JSON"),
    pytest.param([Fault("empty_object", page=2, times=None)], "failed", id="an empty object"),
    pytest.param([Fault("null_body", page=2, times=None)], "failed", id="null"),
    pytest.param([Fault("null_list", page=2, times=None)], "failed", id="a null list"),
    pytest.param([Fault("missing_list", page=2, times=None)], "failed", id="no list"),
    pytest.param([Fault("null_list", page=1, times=None)], "failed", id="a null list at once"),
    pytest.param([Fault("status_error_200", page=2, times=None)], "failed", id="status error with 200"),
    pytest.param([Fault("http_500_html", page=2, times=None)], "failed", id="500"),
    pytest.param([Fault("http_503_html", page=2, times=None)], "failed", id="503"),
    pytest.param([Fault("http_429", page=2, times=None, parameter=1)], "failed", id="429"),
    pytest.param([Fault("stuck_cursor", page=2, times=None)], "failed", id="a stuck cursor"),
    pytest.param([Fault("refuse", page=2, times=None)], "failed", id="the connection dropped"),
]


def _for_store(faults: Sequence[Fault], cnpj: str) -> list[Fault]:
    return [Fault(f.kind, times=f.times, page=f.page, store=cnpj, parameter=f.parameter) for f in faults]


@pytest.fixture
async def synced(make_chain: MakeChain) -> Chain:
    """Two stores, synced, and an hour later new prices at both."""
    chain = await make_chain(stores=2, erp={"page_size": 8})
    await chain.sync()
    chain.clock.move(timedelta(hours=1))
    for store in chain.stores:
        code = min(chain.live(store))
        base, final, _ = chain.live(store)[code]
        chain.erp.change(store.cnpj, code, club_price=(base + final) / 2)
    return chain


@pytest.mark.parametrize("faults", SURVIVED)
async def test_a_passing_fault_changes_nothing_of_the_result(synced: Chain, faults: list[Fault]) -> None:
    hurt, _ = synced.stores
    synced.erp.faults.add(*_for_store(faults, hurt.cnpj))
    run = await synced.sync()
    assert (run.state, run.outcome) == ("success", "verified")
    assert all(document["left"] == 0 for document in synced.erp.faults.documents()), "the fault never struck"
    for store in synced.stores:
        assert synced.live(store) == synced.expected(store).lines == await synced.verified(store)
    assert synced.posts() == 4


@pytest.mark.parametrize(("faults", "outcome"), FATAL)
async def test_a_scan_without_a_proven_end_leaves_its_store_as_it_was(
    synced: Chain, faults: list[Fault], outcome: str
) -> None:
    hurt, sound = synced.stores
    before = await synced.snapshot(hurt), await synced.verified(hurt), synced.live(hurt)
    synced.erp.faults.add(*_for_store(faults, hurt.cnpj))
    run = await synced.sync()
    assert run.state == "partial"
    assert run.outcomes == {hurt.name: outcome, sound.name: "verified"}
    assert (await synced.snapshot(hurt), await synced.verified(hurt), synced.live(hurt)) == before
    assert synced.live(sound) == synced.expected(sound).lines
    assert synced.uploads(hurt) == 1
    assert synced.posts() == 3


async def test_a_silent_erp_is_given_up(make_chain: MakeChain) -> None:
    chain = await make_chain(stores=2, read_timeout=0.4)
    hurt, _ = chain.stores
    chain.erp.faults.add(Fault("hang", store=hurt.cnpj, times=None))
    run = await chain.sync()
    assert run.outcomes == {"Loja 1": "failed", "Loja 2": "verified"}
    assert await chain.snapshot(hurt) is None
    assert chain.posts() == 1


async def test_a_dead_erp_fails_every_store_and_sends_nothing(chain: Chain) -> None:
    await chain.erp.go_down()
    run = await chain.sync()
    assert (run.state, run.outcome) == ("failed", "failed")
    assert re.fullmatch(r"ERP \(127\.0\.0\.1:\d+\) cannot be reached: .*", run.reasons["Loja 1"])
    assert chain.posts() == 0
    await chain.erp.come_up()
    assert (await chain.retry(run)).outcome == "verified"


async def test_an_unknown_store_fails_alone(chain: Chain) -> None:
    await chain.change(chain.stores[1], unit="99888777000166")
    run = await chain.sync()
    assert run.outcomes == {"Loja 1": "verified", "Loja 2": "failed", "Loja 3": "verified"}
    assert "does not know this store" in run.reasons["Loja 2"]
    assert chain.posts() == 2


async def _assert_latched(chain: Chain, run: Run, integration: str) -> None:
    assert (run.state, run.outcome) == ("failed", "failed")
    assert (await chain.integration(integration)).needs_credentials_at == chain.clock.now()
    alarms = [text for text in await chain.messages() if "needs credentials" in text]
    assert len(alarms) == 2, "the channel of the rule, and the admin in private"
    assert all(integration in alarm for alarm in alarms)


async def test_the_log_of_the_run_holds_what_the_erp_said(lone: Chain) -> None:
    (store,) = lone.stores
    lone.erp.faults.add(Fault("status_error_200", page=1, times=None, store=store.cnpj))
    run = await lone.sync()
    async with lone.database.reading() as session:
        lines = list(await session.scalars(select(LogLine).where(LogLine.execution_id == run.id)))
    (failure,) = [line for line in lines if line.level == "error"]
    assert failure.detail
    assert failure.detail in log_row(failure, store.name, Translator("en", ZoneInfo("UTC")))
    assert "StackTrace" not in failure.detail


async def test_the_secrets_that_a_run_uses_are_taken_out_of_everything_written_down(lone: Chain) -> None:
    await lone.sync()
    said = lone.hub.redactor.text(f"It said {PASSWORD} and {TOKEN}.")
    assert PASSWORD not in said
    assert TOKEN not in said


async def test_a_refused_login_is_tried_once_and_latched(chain: Chain) -> None:
    chain.erp.faults.add(Fault("login_refused", times=None))
    run = await chain.sync()
    await _assert_latched(chain, run, ERP)
    assert chain.logins() == 1
    assert chain.pages() == chain.posts() == 0


async def test_a_latched_login_is_not_tried_again_by_any_run_or_process(chain: Chain) -> None:
    chain.erp.faults.add(Fault("login_refused", times=1))
    failed = await chain.sync()
    await chain.retry(failed)
    await chain.restart()
    assert (await chain.sync()).outcome == "failed"
    assert (await chain.compare()).outcome == "not_compared"
    assert chain.logins() == 1
    assert len(await chain.messages()) == 2


async def test_an_admin_who_says_try_again_ends_the_latch_and_a_second_refusal_is_told_again(chain: Chain) -> None:
    chain.erp.faults.add(Fault("login_refused", times=2))
    await chain.sync()
    try_again = TryAgain(chain.database, Recorder(chain.clock))
    owner = Actor.system(chain.organisation_id, "test")
    row = await chain.integration(ERP)
    await try_again(owner, row.id)
    with pytest.raises(Conflict):
        await try_again(owner, row.id)
    assert (await chain.sync()).outcome == "failed"
    assert len(await chain.messages()) == 4
    await try_again(owner, row.id)
    assert (await chain.sync()).outcome == "verified"


async def test_new_credentials_end_the_latch(chain: Chain) -> None:
    chain.erp.faults.add(Fault("login_refused", times=1))
    await chain.sync()
    row = await chain.integration(ERP)
    await chain.change(row, revision=row.revision + 1, needs_credentials_at=None, needs_credentials_text=None)
    run = await chain.sync()
    assert (run.state, run.outcome) == ("success", "verified")
    assert chain.logins() == 2
    assert chain.posts() == 3


async def test_a_probe_whose_login_is_refused_latches_too_and_is_not_repeated(lone: Chain) -> None:
    lone.erp.faults.add(Fault("login_refused", times=1))
    for _ in range(2):
        with pytest.raises(CredentialsRefused):
            await lone.hub.connections.probe(lone.organisation_id, ERP)
    assert lone.logins() == 1
    assert (await lone.integration(ERP)).needs_credentials_at is not None
    assert [text for text in await lone.messages() if "needs credentials" in text], "the admin is told"


async def test_a_refusal_of_older_credentials_says_nothing_about_the_new_ones(lone: Chain) -> None:
    lone.erp.faults.add(Fault("login_refused", times=1))
    connections, row = lone.hub.connections, await lone.integration(ERP)
    old = await connections.get(lone.organisation_id, ERP)
    await lone.change(row, revision=row.revision + 1)
    async with lone.database.reading() as session:
        (job,) = await session.scalars(select(Job).where(Job.type == "sync_products"))
    with pytest.raises(CredentialsRefused):
        async with connections.calling(old, job):
            await old.probe()
    assert (await lone.integration(ERP)).needs_credentials_at is None
    assert (await lone.sync()).outcome == "verified"


async def test_a_login_refused_in_mid_scan_sends_nothing_more(lone: Chain) -> None:
    (store,) = lone.stores
    await lone.sync()
    before = await lone.snapshot(store)
    lone.clock.move(timedelta(minutes=5))
    lone.erp.faults.add(Fault("token_revoked", page=2), Fault("login_refused", times=None))
    run = await lone.sync()
    await _assert_latched(lone, run, ERP)
    assert lone.logins() == 2
    assert await lone.snapshot(store) == before
    assert lone.posts() == 1


async def test_settings_changed_during_a_scan_do_not_break_it(lone: Chain) -> None:
    row = await lone.integration(ERP)
    other = lone.stores[0]

    async def change_settings() -> None:
        await lone.change(row, revision=row.revision + 1)
        await lone.hub.connections.source(lone.organisation_id, ERP)

    lone.erp.options.delay_ms = 50
    asked = asyncio.Event()
    lone.erp.before_answer = lambda _: asked.set()
    run_id = await lone.start()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(lone.run(run_id))
        await asked.wait()
        await change_settings()
    assert running.result().outcomes == {other.name: "verified"}


async def test_prices_of_an_erp_that_was_changed_before_they_left_are_fetched_again(lone: Chain) -> None:
    (store,) = lone.stores
    row = await lone.integration(ERP)
    lone.platform.faults.add(Fault("delay", method="GET", parameter=0.4))
    asked = asyncio.Event()
    lone.platform.before_answer = lambda _: asked.set()
    run_id = await lone.start()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(lone.run(run_id))
        await asked.wait()
        pages = lone.pages()
        await lone.change(row, revision=row.revision + 1)

    assert running.result().outcome == "verified"
    assert lone.pages() == 2 * pages
    assert lone.posts() == 1
    assert lone.live(store) == lone.expected(store).lines


@pytest.mark.parametrize("moment", ["reading", "reading the platform", "sending again"])
async def test_integrations_renamed_in_mid_run_stay_those_of_the_run(lone: Chain, moment: str) -> None:
    reached = asyncio.Event()
    server = lone.erp if moment == "reading" else lone.platform
    again = moment == "sending again"
    server.faults.add(Fault("http_503_html", method="POST") if again else Fault("delay", times=None, parameter=0.2))
    server.before_answer = lambda call: reached.set() if call.method == ("POST" if again else "GET") else None
    run_id = await lone.start()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(lone.run(run_id))
        await reached.wait()
        for name, new in ((ERP, "RP"), (PLATFORM, "CresceVendas")):
            row = await lone.integration(name)
            await lone.change(row, name=new, revision=row.revision + 1)
        await lone.set_job(source="RP", target="CresceVendas")
    assert running.result().outcome == "verified"
    assert lone.live(lone.stores[0]) == lone.expected(lone.stores[0]).lines
    assert (await lone.sync()).outcome == "already_live"
