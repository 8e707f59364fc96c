"""The database climbs up and down, and looks as the models say."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.db.base import Document
from core.db.database import async_url, sync_url
from core.db.migrate import config, downgrade, upgrade
from core.db.tables import METADATA
from core.errors import StartError
from tests.kit.postgres import PostgresServer

REVISIONS = [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()][::-1]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> sa.URL:
    if request.param == "sqlite":
        return async_url(f"sqlite:///{tmp_path / 'climb.db'}")
    server: PostgresServer = request.getfixturevalue("postgres")
    return async_url(server.empty())


def test_every_migration_goes_up_and_down_and_up_again(url: sa.URL) -> None:
    for step, revision in enumerate(REVISIONS):
        upgrade(url, revision)
        downgrade(url, REVISIONS[step - 1] if step else "base")
        upgrade(url, revision)


def test_the_models_match_the_migrations(url: sa.URL) -> None:
    upgrade(url)
    engine = sa.create_engine(sync_url(url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, METADATA)
    engine.dispose()

    assert differences == []


def test_opening_times_survive_the_way_up_and_down(url: sa.URL) -> None:
    upgrade(url, "0006")
    engine = sa.create_engine(sync_url(url))
    with engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO organisations (name, timezone, locale) VALUES ('A', 'America/Sao_Paulo', 'en')")
        )
        connection.execute(
            sa.text(
                "INSERT INTO stores (organisation_id, name, cnpj, tags, opening, active, foreign_lines_allowed) "
                "SELECT id, '001', '11222333000181', '[]', '07:15', true, false FROM organisations"
            )
        )
    engine.dispose()

    def openings(query: sa.Executable) -> list[object]:
        with engine.connect() as connection:
            return list(connection.execute(query).scalars())

    upgrade(url, "0007")
    column: sa.ColumnClause[object] = sa.column("opening", Document)
    assert openings(sa.select(column).select_from(sa.table("stores"))) == ["07:15"]
    downgrade(url, "0006")
    assert openings(sa.text("SELECT opening FROM stores")) == ["07:15"]
    engine.dispose()


def test_pins_survive_the_way_up_and_down(url: sa.URL) -> None:
    upgrade(url, "0024")
    engine = sa.create_engine(sync_url(url))
    with engine.begin() as connection:
        for table, columns, values in (
            ("organisations", "name, timezone, locale", "'A', 'America/Sao_Paulo', 'en'"),
            (
                "people",
                "organisation_id, telegram_id, name, role, created_at, private_chat, may_release, active",
                "1, 1001, 'Ana', 'admin', '2026-11-30 05:00:00', true, true, true",
            ),
            ("pins", "person_id, hash, set_at, failures", "1, 'salt$hash', '2026-11-30 05:00:00', 3"),
        ):
            connection.execute(sa.text(f"INSERT INTO {table} ({columns}) VALUES ({values})"))

    def rows(query: str) -> list[tuple[object, ...]]:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query))]

    upgrade(url, "0025")
    assert rows("SELECT way, secret, failures, last_step FROM confirmations") == [("pin", "salt$hash", 3, None)]
    downgrade(url, "0024")
    assert rows("SELECT hash, failures FROM pins") == [("salt$hash", 3)]
    engine.dispose()


def test_a_database_of_a_newer_version_is_refused_and_left_alone(url: sa.URL) -> None:
    upgrade(url)
    engine = sa.create_engine(sync_url(url))
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StartError, match=r"newer Chimera \(revision 9999\)"):
        upgrade(url)

    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == "9999"
    engine.dispose()


def test_a_database_that_cannot_be_opened_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be opened"):
        upgrade(async_url(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder' / 'x.db'}"))
