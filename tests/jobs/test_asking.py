"""Asking the ERP for one product: by the rules of all calls, and without changing anything."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core.access import Actor, Role
from core.errors import Conflict, CredentialsRefused, NotFound, TemporarilyUnavailable
from core.jobs.model import Job
from core.lookup.quote import Quoted
from core.stores.model import Store
from jobs.asking import AskErp
from sandbox.faults import Fault
from tests.kit.chain import ERP, Chain


class Asker:
    """A viewer of the chain with a question."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.use_case = AskErp(chain.database, chain.clock, chain.hub.connections)
        self.actor = Actor(chain.organisation_id, Role.VIEWER, "Vera", "chat")

    async def ask(self, store: Store, code: str, actor: Actor | None = None) -> Quoted:
        return await self.use_case(actor or self.actor, store.id, code=code, ean="")

    def code(self, store: Store) -> str:
        return str(self.chain.erp.catalogue(store.cnpj)[0]["Codigo"])


async def test_an_answer_tells_the_price_and_leaves_snapshot_and_platform_alone(lone: Chain) -> None:
    (store,) = lone.stores
    await lone.sync()
    before, uploads = await lone.snapshot(store), lone.uploads()
    asker = Asker(lone)
    lone.erp.scale_prices(store.cnpj, Decimal(2))

    quoted = await asker.ask(store, asker.code(store))

    assert quoted.quote is not None
    assert (quoted.store, quoted.at) == (store.name, lone.clock.now())
    assert (await lone.snapshot(store), lone.uploads()) == (before, uploads)


async def test_the_same_question_within_seconds_costs_one_request(lone: Chain) -> None:
    (store,) = lone.stores
    asker = Asker(lone)
    for _ in range(3):
        await asker.ask(store, asker.code(store))
    assert lone.pages() == 1

    lone.clock.move(timedelta(seconds=16))
    await asker.ask(store, asker.code(store))
    assert lone.pages() == 2


async def test_a_refused_login_latches_the_integration_and_nothing_is_asked_again(lone: Chain) -> None:
    (store,) = lone.stores
    asker = Asker(lone)
    lone.erp.faults.add(Fault("login_refused"))
    for _ in range(3):
        with pytest.raises(CredentialsRefused):
            await asker.ask(store, "1")

    assert lone.logins() == 1
    assert (await lone.integration(ERP)).needs_credentials_at is not None


async def test_stores_beyond_ones_scope_cannot_be_asked_about(chain: Chain) -> None:
    first, second, _ = chain.stores
    asker = Asker(chain)
    somebody = replace(asker.actor, store_ids=frozenset({first.id}))
    stranger = replace(asker.actor, organisation_id=chain.organisation_id + 1)

    for actor, store in ((somebody, second), (stranger, first)):
        with pytest.raises(NotFound):
            await asker.ask(store, "1", actor)
    assert chain.pages() == 0


async def test_a_store_that_no_job_reads_has_nobody_to_ask(lone: Chain) -> None:
    (store,) = lone.stores
    async with lone.database.writing() as session:
        for number in (lone.sync_job, lone.compare_job):
            (await session.get_one(Job, number)).enabled = False

    with pytest.raises(Conflict, match="nobody to ask"):
        await Asker(lone).ask(store, "1")


async def test_a_slow_erp_is_given_up_for_the_person_who_waits(lone: Chain) -> None:
    (store,) = lone.stores
    lone.erp.patch_options({"delay_ms": 3000})
    asker = Asker(lone)
    asker.use_case.answer_seconds = 0.1

    with pytest.raises(TemporarilyUnavailable, match="did not answer in time"):
        await asker.ask(store, "1")
