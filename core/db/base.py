"""The declarative base and the column types that every table uses."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import JSON, DateTime, MetaData, Numeric, String, Table, Update, bindparam, insert, inspect, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass, Session
from sqlalchemy.types import TypeDecorator, TypeEngine

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


_KEY = "of_"
Entity = TypeVar("Entity", bound="Base")


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """Base of all tables; rows are built by keyword."""

    metadata = MetaData(naming_convention=NAMING)


def table_of(entity: type[Base]) -> Table:
    """Return the table itself, for statements that need no entities."""
    return cast(Table, entity.__table__)


def entity_of(kind: type[Entity], values: Iterable[Any]) -> Entity:
    """Return an entity made of all columns of its row, for reading only: no session knows it.

    An ORM query takes ten times as long.
    """
    make, names = _making(kind)
    made = make()
    vars(made).update(zip(names, values, strict=True))
    return cast(Entity, made)


@cache
def _making(kind: type[Base]) -> tuple[Callable[[], Any], tuple[str, ...]]:
    """Look up once how a blank entity is made, and what its columns are called."""
    return inspect(kind).class_manager.new_instance, tuple(table_of(kind).columns.keys())


def change_row(session: Session, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Write these columns of the row under a key; return whether there is one."""
    change = _change(table, tuple(key), tuple(values))
    given = {f"{_KEY}{name}": value for name, value in key.items()}
    return bool(session.connection().execute(change, {**given, **values}).rowcount)


def put_row(session: Session, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Write these columns of the row under a key, which is made if there is none."""
    if not change_row(session, table, key, values):
        session.connection().execute(insert(table), {**key, **values})


@cache
def _change(table: Table, key: tuple[str, ...], names: tuple[str, ...]) -> Update:
    """Build the statement once: that costs more than running it."""
    change = update(table).where(*(table.c[name] == bindparam(f"{_KEY}{name}") for name in key))
    return change.values({name: bindparam(name) for name in names})


class Instant(TypeDecorator[datetime]):
    """An aware instant; kept in UTC, and read back as UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Money(TypeDecorator[Decimal]):
    """Decimal with two places: NUMERIC on PostgreSQL, text on SQLite (which would make it a float)."""

    impl = Numeric(12, 2)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(16))
        return dialect.type_descriptor(Numeric(12, 2))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        return str(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        del dialect
        return None if value is None else Decimal(value)


Document = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
