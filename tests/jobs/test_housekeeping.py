"""What is old goes; what a run, a person or the next sync needs stays (CH-13, `rules.md` 7.5)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from core.catalogue.model import Hold, LineList, PreparedList, VerifiedList
from core.clock import ManualClock
from core.executions.model import Execution, LogLine, Step
from core.housekeeping.kinds import PurgeScope
from core.housekeeping.purging import Purge
from core.housekeeping.retention import Retention
from core.outbox.model import Message
from tests.kit.chain import Chain


async def count(chain: Chain, table: type[Any]) -> int:
    async with chain.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def purge(chain: Chain) -> dict[str, int]:
    """Remove what is old by the usual retentions; returns the rows by kind, which were foretold."""
    purge = Purge(chain.database)
    scope = PurgeScope(chain.organisation_id, chain.clock.now(), Retention())
    foretold = await purge.count(scope)
    gone = await purge(scope)
    assert foretold == gone
    return {name: freed.rows for name, freed in gone.items()}


async def test_nothing_of_today_goes(either_chain: Chain) -> None:
    await either_chain.sync()
    assert await purge(either_chain) == {}


async def test_after_a_month_log_lines_and_sent_messages_go_but_those_at_work_stay(
    either_chain: Chain, clock: ManualClock
) -> None:
    chain = either_chain
    await chain.sync()
    running = await chain.start()
    async with chain.database.writing() as session:
        text = {"message": "at work"}
        session.add(LogLine(execution_id=running, at=clock.now(), level="info", text=text))
        for state in ("sent", "dead", "dropped", "pending"):
            common: dict[str, Any] = {
                "organisation_id": chain.organisation_id,
                "chat_id": 1,
                "thread_id": None,
                "priority": 20,
            }
            session.add(Message(**common, body={}, dedupe_key=state, created_at=clock.now(), state=state))
    clock.move(timedelta(days=31))
    gone = await purge(chain)
    assert gone == {"logs": 3, "messages": 3}
    assert (await count(chain, LogLine), await count(chain, Message)) == (1, 1)
    assert await purge(chain) == {}


async def test_after_half_a_year_runs_go_but_the_last_success_the_baseline_and_what_waits_stay(
    either_chain: Chain, clock: ManualClock
) -> None:
    chain, store = either_chain, either_chain.stores[0]
    code, (_, final, _) = next(iter(chain.expected(store).lines.items()))
    for cents in range(3):
        chain.erp.change(store.cnpj, code, club_price=final - Decimal(cents) / 100)
        last = await chain.sync()
        clock.move(timedelta(days=1))
    chain.erp.scale_prices(store.cnpj, 100)
    held = await chain.sync(store)
    live = await chain.verified(store)
    lists = await count(chain, LineList)

    clock.move(timedelta(days=200))
    gone = await purge(chain)

    async with chain.database.reading() as session:
        left = list(await session.scalars(select(Execution.id).order_by(Execution.id)))
    assert left == [last.id, held.id]
    assert gone["executions"] == 2
    assert await count(chain, Step) == len(chain.stores) + 1
    assert await count(chain, VerifiedList) == len(chain.stores)
    assert await chain.verified(store) == live
    assert await count(chain, LineList) == lists - gone["lists"]
    assert gone["lists"] >= 1
    assert await count(chain, PreparedList) >= 1
    assert await count(chain, Hold) > 0
    assert (await chain.release(held)).outcomes[store.name] in ("verified", "held")
