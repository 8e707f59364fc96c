"""Where a list is live: at which platform, in whose account, under which registration, with which unit's prices.

What was seen at one place is known of no other; a store that comes back finds what was seen there before.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, String, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from core.connections.model import Integration
from core.stores.model import Store

ACCOUNT_SETTINGS = ("base_url", "email", "username", "account")
"""The settings of a platform's module that tell one account from every other."""
_LENGTH = 40
_settings = select(Integration.module, Integration.settings).where(Integration.id == bindparam("id"))


@dataclass(frozen=True, slots=True)
class Place:
    """One store's place at a platform; `unit` None asks for a list with whichever unit's prices."""

    account: str
    registration: str
    unit: str | None

    @property
    def of_any_unit(self) -> "Place":
        return replace(self, unit=None)


def account_at(session: Session, integration_id: int | None) -> str:
    """Return a short text that differs for every account at every platform; empty without an integration."""
    row = None if integration_id is None else session.execute(_settings, {"id": integration_id}).one_or_none()
    if row is None:
        return ""
    named = [str(row.settings.get(name, "")).strip().rstrip("/").lower() for name in ACCOUNT_SETTINGS]
    return hashlib.sha256("\n".join([row.module, *named]).encode()).hexdigest()[:_LENGTH]


def is_of_store(registration: Any, unit: Any) -> ColumnElement[bool]:
    """Tell of a list's columns whether they are what its store has now, as far as they were kept."""
    return and_(
        _same(registration, func.coalesce(func.nullif(Store.platform_registration, ""), Store.cnpj)),
        _same(unit, func.coalesce(func.nullif(Store.unit, ""), Store.cnpj)),
    )


def is_at(column: Any, name: str) -> ColumnElement[bool]:
    """Tell whether a column is what a parameter says, as far as it was kept and is asked for."""
    asked: Any = bindparam(name, type_=String)
    return or_(asked.is_(None), _same(column, asked))


def _same(column: Any, value: Any) -> ColumnElement[bool]:
    return or_(column.is_(None), column == value)
