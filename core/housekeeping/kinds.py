"""What is old of each kind, and what of it stays because a run or the last success of a job needs it (CH-13)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from core.catalogue.model import Hold, HoldState, LineList, PreparedList, VerifiedList
from core.chat.model import Button
from core.db.base import Base
from core.executions.model import Execution, Finding, LogLine, Step
from core.executions.states import OPEN_STATES, State
from core.history.model import AuditEntry, Version
from core.housekeeping.retention import Retention
from core.outbox.model import Card, Message, OutboxFile
from core.outbox.queue import WAITING
from core.people.model import Invitation
from core.stores.model import Store

Conditions = list[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class PurgeScope:
    """Whose data, seen from which moment, and for how long it is kept."""

    organisation_id: int
    now: datetime
    keep: Retention

    @property
    def runs(self) -> Select[int]:
        return select(Execution.id).where(Execution.organisation_id == self.organisation_id)

    @property
    def open(self) -> Select[int]:
        return self.runs.where(Execution.state.in_(OPEN_STATES))

    @property
    def successes(self) -> Select[int]:
        """Return the last real success of each job."""
        good = [Execution.state == State.SUCCESS, Execution.dry_run.is_(False)]
        found = select(func.max(Execution.id)).where(Execution.organisation_id == self.organisation_id, *good)
        return found.group_by(Execution.job_id)

    @property
    def held(self) -> Select[int]:
        """Return the runs in which something waits for a person, or was released and is not used up."""
        mine = Hold.organisation_id == self.organisation_id
        return select(Hold.execution_id).where(mine, Hold.state != HoldState.CLOSED)

    @property
    def stores(self) -> Select[int]:
        return select(Store.id).where(Store.organisation_id == self.organisation_id)

    @property
    def oldest_day(self) -> date:
        """Return the first day whose lists stay."""
        return (self.now - self.keep.lists).date()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of rows. `parts` are the tables whose rows belong to such a row alone; `link` names it there."""

    name: str
    table: type[Base]
    old: Callable[[PurgeScope], Conditions]
    parts: tuple[type[Base], ...] = ()
    link: str = ""


def _logs(scope: PurgeScope) -> Conditions:
    old = LogLine.at < scope.now - scope.keep.logs
    return [old, LogLine.execution_id.in_(scope.runs), LogLine.execution_id.not_in(scope.open)]


def _messages(scope: PurgeScope) -> Conditions:
    old = Message.created_at < scope.now - scope.keep.messages
    mine = or_(Message.organisation_id == scope.organisation_id, Message.organisation_id.is_(None))
    return [old, mine, Message.state.not_in(WAITING)]


def _buttons(scope: PurgeScope) -> Conditions:
    return [Button.organisation_id == scope.organisation_id, Button.created_at < scope.now - scope.keep.runs]


def _invitations(scope: PurgeScope) -> Conditions:
    old = Invitation.expires_at < scope.now - scope.keep.messages
    return [old, Invitation.organisation_id == scope.organisation_id]


def _prepared(scope: PurgeScope) -> Conditions:
    newest = select(func.max(PreparedList.execution_id)).group_by(PreparedList.store_id)
    needed = (newest, scope.open, scope.successes, scope.held)
    kept = [PreparedList.execution_id.not_in(one) for one in needed]
    return [PreparedList.store_id.in_(scope.stores), PreparedList.day < scope.oldest_day, *kept]


def _verified(scope: PurgeScope) -> Conditions:
    """Of the old baselines the newest of a store stays: it is its baseline, however old."""
    newest = select(func.max(VerifiedList.id)).group_by(VerifiedList.store_id)
    mine = VerifiedList.store_id.in_(scope.stores)
    return [mine, VerifiedList.day < scope.oldest_day, VerifiedList.id.not_in(newest)]


def _staying(scope: PurgeScope) -> list[tuple[type[PreparedList] | type[VerifiedList], ColumnElement[bool]]]:
    """Return what tells the lists that stay: so much the same before the others went as afterwards."""
    return [(PreparedList, ~and_(*_prepared(scope))), (VerifiedList, ~and_(*_verified(scope)))]


def _lists(scope: PurgeScope) -> Conditions:
    """Name the lists that no list which stays refers to, nor any recent day or run at work."""
    used = [
        select(one.digest).where(one.store_id == LineList.store_id, one.digest == LineList.digest, stays).exists()
        for one, stays in _staying(scope)
    ]
    recent = or_(Step.day >= scope.oldest_day, Step.execution_id.in_(scope.open))
    sent = select(Step.store_id).where(Step.store_id == LineList.store_id, Step.sent_digest == LineList.digest, recent)
    return [LineList.store_id.in_(scope.stores), ~sent.exists(), *(~one for one in used)]


def _executions(scope: PurgeScope) -> Conditions:
    """Name old runs; the last success of each job stays, and what waits for a person or has lists."""
    listed = [select(one.execution_id).where(stays) for one, stays in _staying(scope)]
    needed = (scope.successes, scope.held, *listed)
    return [
        Execution.organisation_id == scope.organisation_id,
        Execution.finished_at < scope.now - scope.keep.runs,
        Execution.state.not_in(OPEN_STATES),
        *(Execution.id.not_in(one) for one in needed),
    ]


def _versions(scope: PurgeScope) -> Conditions:
    """Name old versions; the present one of everything stays."""
    present = select(func.max(Version.id)).group_by(Version.entity, Version.entity_id)
    mine = Version.organisation_id == scope.organisation_id
    return [mine, Version.created_at < scope.now - scope.keep.audit, Version.id.not_in(present)]


def _audit(scope: PurgeScope) -> Conditions:
    return [AuditEntry.organisation_id == scope.organisation_id, AuditEntry.at < scope.now - scope.keep.audit]


KINDS = (
    Kind("logs", LogLine, _logs),
    Kind("messages", Message, _messages, (OutboxFile,), "message_id"),
    Kind("buttons", Button, _buttons),
    Kind("invitations", Invitation, _invitations),
    Kind("prepared", PreparedList, _prepared),
    Kind("verified", VerifiedList, _verified),
    Kind("lists", LineList, _lists),
    Kind("executions", Execution, _executions, (Step, Finding, LogLine, Card, Hold), "execution_id"),
    Kind("versions", Version, _versions),
    Kind("audit", AuditEntry, _audit),
)
"""In an order in which what frees other rows comes first."""
