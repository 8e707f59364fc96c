"""Removes what is old, and nothing that a run or the last success of a job needs (CH-13, `rules.md` 7.5)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.orm import Session

from core.catalogue.model import Hold, LineList, PreparedList, VerifiedList
from core.chat.model import Button, DialogState, HandledUpdate
from core.clock import Clock
from core.db.base import Base, table_of
from core.db.database import Database
from core.executions.model import Execution, Finding, LogLine, Step
from core.executions.states import OPEN_STATES, State
from core.outbox.model import Card, Message, OutboxFile
from core.people.model import Invitation

LOGS = timedelta(days=30)
LISTS = timedelta(days=90)
EXECUTIONS = timedelta(days=180)
_MESSAGES = timedelta(days=30)
"""Sent messages, half-filled forms and handled updates: nothing refers to them any more."""

_AT_ONCE = 2000
"""Rows a transaction removes at most, so that nobody waits long for the database."""


class Purge:
    """Removes old rows, kind by kind, in small transactions."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self) -> dict[str, int]:
        """Return how many rows went, by table; tables that lost none are left out."""
        now = self._clock.now()
        counts: dict[str, int] = {}
        for step in _STEPS:
            if removed := await self._all(step, now):
                counts[step.__name__.strip("_")] = removed
        return counts

    async def _all(self, step: "_Step", now: datetime) -> int:
        total = 0
        while removed := await self._database.write(lambda session: step(session, now)):
            total += removed
        return total


def _logs(session: Session, now: datetime) -> int:
    return _remove(session, LogLine, LogLine.at < now - LOGS, LogLine.execution_id.not_in(_open()))


def _messages(session: Session, now: datetime) -> int:
    old = [Message.state.in_(("sent", "dead")), Message.created_at < now - _MESSAGES]
    ids = list(session.scalars(select(Message.id).where(*old).order_by(Message.id).limit(_AT_ONCE)))
    session.execute(delete(OutboxFile).where(OutboxFile.message_id.in_(ids)))
    return _remove(session, Message, Message.id.in_(ids))


def _dialogs(session: Session, now: datetime) -> int:
    return _remove(session, DialogState, DialogState.updated_at < now - _MESSAGES)


def _updates(session: Session, now: datetime) -> int:
    return _remove(session, HandledUpdate, HandledUpdate.handled_at < now - _MESSAGES)


def _invitations(session: Session, now: datetime) -> int:
    return _remove(session, Invitation, Invitation.expires_at < now - _MESSAGES)


def _buttons(session: Session, now: datetime) -> int:
    return _remove(session, Button, Button.created_at < now - EXECUTIONS)


def _prepared(session: Session, now: datetime) -> int:
    newest = select(func.max(PreparedList.execution_id)).group_by(PreparedList.store_id)
    old = PreparedList.day < (now - LISTS).date()
    kept = [PreparedList.execution_id.not_in(newest), PreparedList.execution_id.not_in(_open())]
    return _remove(session, PreparedList, old, *kept)


def _verified(session: Session, now: datetime) -> int:
    """Remove old baselines; the newest of a store is its baseline, however old."""
    newest = select(func.max(VerifiedList.id)).group_by(VerifiedList.store_id)
    return _remove(session, VerifiedList, VerifiedList.day < (now - LISTS).date(), VerifiedList.id.not_in(newest))


def _lists(session: Session, now: datetime) -> int:
    """Remove lists that no day refers to any more."""
    recent = [Step.store_id == LineList.store_id, Step.day >= (now - LISTS).date()]
    used = [
        select(one.digest).where(one.store_id == LineList.store_id, one.digest == LineList.digest).exists()
        for one in (PreparedList, VerifiedList)
    ]
    sent = select(Step.store_id).where(*recent, Step.sent_digest == LineList.digest).exists()
    return _remove(session, LineList, ~sent, *(~one for one in used))


def _executions(session: Session, now: datetime) -> int:
    """Remove runs with all that belongs to them alone; the last success of each job stays."""
    success = select(func.max(Execution.id)).where(Execution.state == State.SUCCESS).group_by(Execution.job_id)
    waiting = select(Hold.execution_id).where(Hold.state != "closed")
    ids = list(
        session.scalars(
            select(Execution.id)
            .where(
                Execution.finished_at < now - EXECUTIONS,
                Execution.state.not_in(OPEN_STATES),
                Execution.id.not_in(success),
                Execution.id.not_in(waiting),
                Execution.id.not_in(select(VerifiedList.execution_id)),
                Execution.id.not_in(select(PreparedList.execution_id)),
            )
            .order_by(Execution.id)
            .limit(_AT_ONCE)
        )
    )
    for child in (Step, Finding, LogLine, Card, Hold):
        session.execute(delete(child).where(child.execution_id.in_(ids)))
    return _remove(session, Execution, Execution.id.in_(ids))


def _open() -> Select[int]:
    return select(Execution.id).where(Execution.state.in_(OPEN_STATES))


def _remove(session: Session, table: type[Base], *wanted: ColumnElement[bool]) -> int:
    """Remove some rows of a table; returns how many, 0 when none is left."""
    keys = list(table_of(table).primary_key.columns)
    found = [tuple(row) for row in session.execute(select(*keys).where(*wanted).limit(_AT_ONCE))]
    if len(keys) == 1:
        session.execute(delete(table).where(keys[0].in_([key for (key,) in found])))
    else:
        for row in found:
            session.execute(delete(table).where(*(key == value for key, value in zip(keys, row, strict=True))))
    return len(found)


_Step = Callable[[Session, datetime], int]
_STEPS: tuple[_Step, ...] = (
    _logs,
    _messages,
    _dialogs,
    _updates,
    _buttons,
    _invitations,
    _prepared,
    _verified,
    _lists,
    _executions,
)
