"""One upload per store at a time, in all processes on one PostgreSQL (`rules.md` 3.6)."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator

import psycopg
from psycopg.conninfo import conninfo_to_dict

from core.executions.starting import Order, StartRun
from core.jobs.model import Job, JobType
from jobs.sending import _UPLOADS
from sandbox.faults import Call, Fault
from tests.kit.chain import Chain
from tests.kit.hub import Hub


async def second_run(chain: Chain) -> int:
    """Start a run of another job for the same store."""
    async with chain.database.writing() as session:
        first = await session.get_one(Job, chain.sync_job)
        session.add(
            Job(
                organisation_id=first.organisation_id,
                name="Other sync",
                type=first.type,
                due_after=first.due_after,
                settings=first.settings,
            )
        )
    order = Order("other", JobType.SYNC_PRODUCTS, "Other sync")
    return (await StartRun(chain.database, chain.hub.writer)(chain.admin, order)).execution_id


@contextlib.contextmanager
def restarting(url: str) -> Iterator[Callable[[], None]]:
    """Yield what a restart of the server is to its clients: all are sent away, and nobody is let in for a while."""
    name = conninfo_to_dict(url)["dbname"]
    with psycopg.connect(url, dbname="postgres", autocommit=True) as server:

        def allow(*, connections: bool) -> None:
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {connections}")

        def restart() -> None:
            allow(connections=False)
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            asyncio.get_running_loop().call_later(0.5, lambda: allow(connections=True))

        yield restart


async def test_two_processes_never_upload_for_one_store_at_once(shared: tuple[Chain, Hub, str]) -> None:
    chain, hub, _ = shared
    chain.platform.faults.add(Fault("delay", times=None, method="POST", parameter=0.4))
    first, second = await chain.start(), await second_run(chain)
    ids = await chain.hub.runner.begin(first)
    assert await hub.runner.begin(second) == ids

    outcomes = await asyncio.gather(chain.hub.runner.run_store(first, ids[0]), hub.runner.run_store(second, ids[0]))

    assert sorted(outcomes) == ["already_live", "verified"]
    assert chain.uploads() == 1


async def test_the_lock_of_a_process_that_died_is_free(shared: tuple[Chain, Hub, str]) -> None:
    chain, _, url = shared
    dying = await asyncio.to_thread(lambda: psycopg.connect(url, autocommit=True))
    dying.execute("SELECT pg_advisory_lock(%s, %s)", (_UPLOADS, chain.stores[0].id))
    running = asyncio.ensure_future(chain.sync())
    await asyncio.sleep(0.6)
    assert not running.done()
    assert chain.uploads() == 0

    dying.close()

    assert (await running).outcome == "verified"


async def test_a_server_that_restarts_in_mid_upload_costs_no_store_its_campaign(shared: tuple[Chain, Hub, str]) -> None:
    chain, _, url = shared
    (store,) = chain.stores
    with restarting(url) as restart:

        def send_all_away(call: Call) -> None:
            if call.method == "POST":
                restart()

        run_id = await chain.start()
        (store_id,) = await chain.hub.runner.begin(run_id)
        chain.platform.before_answer = send_all_away
        assert await chain.hub.runner.run_store(run_id, store_id) == "verified"

    assert chain.posts() == 1
    assert chain.live(store) == chain.expected(store).lines == await chain.verified(store)


async def test_a_server_that_restarts_as_a_run_begins_and_as_it_ends_costs_it_nothing(
    shared: tuple[Chain, Hub, str],
) -> None:
    chain, _, url = shared
    run_id = await chain.start()
    with restarting(url) as restart:
        restart()
        (store_id,) = await chain.hub.runner.begin(run_id)
        assert await chain.hub.runner.run_store(run_id, store_id) == "verified"
        restart()
        assert await chain.hub.runner.end(run_id) == "success"
