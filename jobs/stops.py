"""What is asked of the database before a list leaves: whether somebody, or something, stopped it."""

from sqlalchemy import bindparam, case, func, select

from core.db.prepared import Prepared
from core.executions.model import Execution
from core.organisations.model import Organisation
from core.stores.model import Store

STOPS = Prepared(
    select(
        Execution.cancel_requested_by,
        func.coalesce(Organisation.paused_at, Store.paused_at).label("paused_at"),
        case((Organisation.paused_at.is_not(None), Organisation.paused_by), else_=Store.paused_by).label("paused_by"),
        (Store.active & Store.deleted_at.is_(None)).label("served"),
        Store.cut_over,
        Store.cnpj,
        Store.unit,
        Store.platform_registration,
    )
    .join(Organisation, Organisation.id == Execution.organisation_id)
    .join(Store, Store.organisation_id == Organisation.id)
    .where(Execution.id == bindparam("execution"), Store.id == bindparam("store"))
)
"""What may stop a list at the last moment."""
CUT_OVER = Prepared(select(Store.cut_over).where(Store.id == bindparam("store")))
CANCELLED_BY = Prepared(select(Execution.cancel_requested_by).where(Execution.id == bindparam("execution")))
