"""Deleting (what can come back), bringing back, and what a deletion would mean."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.channels.model import Channel
from core.clock import Clock
from core.configuration.editing import Edited, find_row, live_rows, removed_rows
from core.configuration.stored import Stored, load_stored
from core.configuration.wanted import Row, Section
from core.configuration.writing import ENTITIES
from core.connections.model import Integration
from core.db.database import Database
from core.entities.changing import Changing, refuse_in_use, users_of
from core.entities.reaching import reach, require_change, seen
from core.executions.model import Execution
from core.history.recorder import latest_number
from core.jobs.model import Job, JobType
from core.people.model import Person
from core.schedules.cron import parse_cron
from core.stores.model import Store
from core.stores.repository import stores_of_job
from core.stores.viewing import LiveList, live_lists
from core.texts import TN, T, Text


class DeleteEntity(UseCase):
    """Hide an entity from everything but history. Raises Conflict while jobs need it."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, changing: Changing) -> None:
        self._database = database
        self._changing = changing

    async def __call__(self, actor: Actor, section: Section, entity_id: int) -> Edited:
        require_change(actor, section)
        async with self._database.writing() as session:
            stored, row = await reach(session, actor, section, entity_id, lock=True)
            await self._changing.remove(session, actor, stored, section, row)
            version = await latest_number(session, ENTITIES[section], row.id)
            return Edited(section, row.id, row.name, version, [])


class RestoreEntity(UseCase):
    """Bring a deleted entity back. One that had secrets comes back switched off, and asks for them."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, changing: Changing) -> None:
        self._database = database
        self._changing = changing

    async def __call__(self, actor: Actor, section: Section, entity_id: int) -> Edited:
        require_change(actor, section)
        async with self._database.writing() as session:
            stored = await load_stored(session, actor.organisation_id, lock=True)
            row = find_row(removed_rows(stored, section), entity_id)
            return await self._changing.restore(session, actor, stored, section, row)


class ForetellDeletion(UseCase):
    """Say in numbers what deleting an entity would mean, for the question before it.

    Raises Conflict where there is nothing to ask, for jobs need it.
    """

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, actor: Actor, section: Section, entity_id: int) -> list[Text]:
        require_change(actor, section)
        async with self._database.reading() as session:
            stored, row = await reach(session, actor, section, entity_id)
            return await self._lines(session, stored, row)

    async def _lines(self, session: AsyncSession, stored: Stored, row: Row) -> list[Text]:
        lines = []
        match row:
            case Integration() | Channel():
                refuse_in_use(row, stored)
            case Store():
                if jobs := users_of(row, stored):
                    lines.append(TN("{n} job names it: {jobs}.", "{n} jobs name it: {jobs}.", len(jobs), jobs=jobs))
                live = await session.run_sync(live_lists, [row.id], self._clock.now())
                lines.append(say_live(live.values()))
            case Job():
                lines += await self._job(session, stored, row)
            case Person():
                lines.append(T("The person can no longer use this bot."))
        return lines

    async def _job(self, session: AsyncSession, stored: Stored, job: Job) -> list[Text]:
        """Tell what no longer comes, for how many stores, and what stays."""
        lines = []
        if job.enabled and job.schedule:
            coming = parse_cron(job.schedule).next_after(self._clock.now(), stored.organisation.zone)
            if coming is not None:
                lines.append(T("It no longer runs by itself; the next time would be {at}.", at=coming))
        if JobType(job.type).about_stores:
            stores = await stores_of_job(session, job)
            none = T("It runs for no store now.")
            lines.append(TN("It runs for {n} store now.", "It runs for {n} stores now.", len(stores), none))
        if job.notify:
            lines.append(TN("{n} channel is told of it.", "{n} channels are told of it.", len(job.notify)))
        if runs := await session.scalar(select(func.count(Execution.id)).where(Execution.job_id == job.id)):
            lines.append(TN("{n} run of it stays in the history.", "{n} runs of it stay in the history.", runs))
        return lines


class ForetellSwitchOff(UseCase):
    """Say in numbers what switching stores off would mean, for the question before it."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, actor: Actor, store_ids: Sequence[int]) -> list[Text]:
        require_change(actor, Section.STORES)
        async with self._database.reading() as session:
            stores = live_rows(await load_stored(session, actor.organisation_id), Section.STORES)
            for store_id in store_ids:
                seen(actor, find_row(stores, store_id))
            live = await session.run_sync(live_lists, store_ids, self._clock.now())
        return [say_live(live.values()), T("Runs leave out what is switched off: it gets no new campaign.")]


def say_live(lists: Iterable[LiveList]) -> Text:
    """Tell what becomes of what the platform shows, or will today, beside empty lists: it stays until its own end."""
    found = [one for one in lists if one.lines]
    if not found:
        return T("Nothing is live on the platform.")
    products, end = sum(one.lines for one in found), max(one.end for one in found)
    if len(found) > 1:
        return TN(
            "{n} product of {stores} stores stays on the platform until {end}.",
            "{n} products of {stores} stores stay on the platform until {end}.",
            products,
            stores=len(found),
            end=end,
        )
    return TN(
        "{n} product stays on the platform until {end}.",
        "{n} products stay on the platform until {end}.",
        products,
        end=end,
    )
