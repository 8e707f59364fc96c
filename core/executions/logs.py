"""The log lines of all runs: the last ones, or those of a day (CH-16)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import select

from core.access import Actor, Permission, UseCase
from core.clock import Clock, local_date
from core.db.database import Database
from core.executions.model import Execution, LogLine
from core.organisations.model import Organisation
from core.stores.model import Store

MOST_OF_A_DAY = 200_000


class LogRow(NamedTuple):
    """A line with the store it is about; the store's name is empty for a whole run."""

    line: LogLine
    store: str


@dataclass(frozen=True, slots=True)
class DayLog:
    """Lines of one day of the organisation, oldest first."""

    day: date
    rows: Sequence[LogRow]


class ReadLogs(UseCase):
    """The newest `limit` lines of a day, of today when none is given."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, actor: Actor, day: date | None = None, *, limit: int = MOST_OF_A_DAY) -> DayLog:
        async with self._database.reading() as session:
            zone = (await session.get_one(Organisation, actor.organisation_id)).zone
            day = day or local_date(self._clock.now(), zone)
            found = await session.execute(
                select(LogLine, Store.name)
                .join(Execution, Execution.id == LogLine.execution_id)
                .outerjoin(Store, Store.id == LogLine.store_id)
                .where(
                    Execution.organisation_id == actor.organisation_id,
                    LogLine.at >= datetime.combine(day, time.min, zone),
                    LogLine.at < datetime.combine(day + timedelta(days=1), time.min, zone),
                )
                .order_by(LogLine.id.desc())
                .limit(limit)
            )
            rows = [LogRow(line, name or "") for line, name in found if _seen(actor, line)]
        return DayLog(day, rows[::-1])


def _seen(actor: Actor, line: LogLine) -> bool:
    return line.store_id is None or actor.sees(line.store_id)
