"""What became of what people released: the run that held it tells so, and the page of the store."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from core.catalogue.model import Hold
from core.db.prepared import Prepared
from core.executions.model import Execution, Step
from core.executions.starting import RELEASE
from core.executions.states import Outcome

_let_go = (
    select(Hold.store_id, Hold.decided_by, func.max(Hold.decided_at).label("at"))
    .where(Hold.execution_id == bindparam("held_in"), Hold.decided_at.is_not(None))
    .group_by(Hold.store_id, Hold.decided_by)
    .subquery()
)
_sent = (
    select(Step.store_id, Step.outcome, Execution.id.label("run"), Execution.created_at)
    .join(Execution, Execution.id == Step.execution_id)
    .where(Execution.trigger == RELEASE)
    .subquery()
)
_RELEASES = Prepared(
    select(_let_go.c.store_id, _let_go.c.decided_by, _let_go.c.at, _sent.c.run, _sent.c.outcome)
    .join_from(_let_go, _sent, and_(_sent.c.store_id == _let_go.c.store_id, _sent.c.created_at >= _let_go.c.at))
    .order_by(_let_go.c.at.desc(), _sent.c.run)
)


@dataclass(frozen=True, slots=True)
class Release:
    """Who let go what was held at a store, and when; `run` sends it, its `outcome` there is None as long as it does."""

    by: str
    at: datetime
    run: int
    outcome: Outcome | None = None


def load_releases(session: Session, execution_id: int) -> dict[int, Release]:
    """Return the newest release of what a run held, by store."""
    found: dict[int, Release] = {}
    for store_id, name, at, run, outcome in _RELEASES.rows(session.connection(), held_in=execution_id):
        found.setdefault(store_id, Release(name, at, run, Outcome(outcome) if outcome else None))
    return found
