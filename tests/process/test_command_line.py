"""What the command line does that needs no process of its own: its language, and the way back without a PIN."""

import shutil
from pathlib import Path

import pytest

from bot.commands.people import forget_pin
from bot.environment import Environment, spoken_language
from core.clock import SystemClock
from core.db.database import Database
from core.errors import Conflict, NotFound
from core.organisations.model import Organisation
from core.people.model import Confirmation, Person
from tests.kit.inside import own_logging


@pytest.mark.parametrize(
    ("variables", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "pt_PT.UTF-8"}, "pt_BR"),
        ({"LANG": "pt_BR.UTF-8", "LC_ALL": "es_MX.UTF-8"}, "es"),
        ({"LANG": "pt_BR.UTF-8", "CHIMERA_LOCALE": "en"}, "en"),
    ],
)
def test_the_command_line_speaks_as_it_is_told_or_as_the_terminal_does(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], spoken: str
) -> None:
    for name in ("LANG", "LC_ALL", "LC_MESSAGES", "CHIMERA_LOCALE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert spoken_language() == spoken


async def test_forget_pin_voids_the_last_owners_pin_once_and_says_whom_it_does_not_find(
    tmp_path: Path, migrated_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(migrated_file, tmp_path / "chimera.db")
    environment = Environment(data_dir=tmp_path)
    database = Database(environment.url)
    ana = await _an_owner_with_a_pin(database)

    with own_logging():
        for nobody in ("Bea", "Eva"):
            with pytest.raises(NotFound, match="Give the Telegram id"):
                await forget_pin(environment, nobody)
        assert await forget_pin(environment, "Ana") == 0
        with pytest.raises(Conflict, match="neither a PIN"):
            await forget_pin(environment, "1001")

    assert "The PIN or app of Ana is void" in capsys.readouterr().out
    async with database.reading() as session:
        assert await session.get(Confirmation, ana) is None
    await database.close()


async def _an_owner_with_a_pin(database: Database) -> int:
    """Furnish an organisation with one owner, and two people of one name who share no PIN."""
    now = SystemClock().now()
    async with database.writing() as session:
        session.add(home := Organisation(name="Mercado Azul", timezone="America/Sao_Paulo", locale="en"))
        await session.flush()
        people = [
            Person(organisation_id=home.id, telegram_id=number, name=name, role=role, created_at=now)
            for number, name, role in ((1001, "Ana", "owner"), (1002, "Eva", "viewer"), (1003, "Eva", "viewer"))
        ]
        session.add_all(people)
        await session.flush()
        session.add(Confirmation(person_id=people[0].id, way="pin", secret="hash", set_at=now))
    return people[0].id
