"""So much of everything that no list of it fits on one page."""

from datetime import timedelta
from typing import Any

from core.channels.model import Channel
from core.connections.model import Integration
from core.executions.model import Execution, Step
from core.executions.states import Outcome, State
from core.jobs.model import Job, JobType
from core.people.model import Invitation, Person
from core.stores.model import Store
from tests.handlers.kit import Desk

MANY = 30


async def crowd(desk: Desk) -> None:
    """Add many of each kind, every second store deleted, and many runs; the first run had many stores."""
    home: dict[str, Any] = {"organisation_id": desk.organisation_id}
    now = desk.clock.now()
    ends, (ana, *_) = now + timedelta(hours=1), await desk.rows(Person)
    async with desk.database.writing() as session:
        for number in range(100, 100 + MANY):
            gone: dict[str, Any] = {"deleted_at": now if number % 2 else None}
            store = Store(**home, name=f"{number} Loja", cnpj=f"{number:014}", **gone)
            session.add_all(
                [
                    store,
                    Channel(**home, name=f"Group {number}", module="telegram", settings={"chat_id": -number}),
                    Integration(**home, name=f"ERP {number}", module="rp"),
                    Person(**home, telegram_id=number, name=f"Person {number}", role="viewer", created_at=now),
                    Job(**home, name=f"Job {number}", type=JobType.CLEANUP, due_after=now),
                    Invitation(
                        **home, hash=str(number), role="viewer", invited_by=ana.id, created_at=now, expires_at=ends
                    ),
                ]
            )
            await session.flush()
            session.add(Step(execution_id=1, store_id=store.id, position=number, outcome=Outcome.VERIFIED))
            session.add(
                Execution(
                    **home,
                    job_id=desk.job_id,
                    type=JobType.SYNC_PRODUCTS,
                    state=State.SUCCESS,
                    trigger="schedule",
                    requested_by="",
                    requested_by_id=None,
                    dedupe_key=f"crowd:{number}",
                    correlation_id="c",
                    created_at=now - timedelta(minutes=number),
                    store_ids=list(desk.store_ids),
                )
            )
