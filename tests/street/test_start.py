"""What is wrong at the start is said in one sentence, with exit code 2, before anything is written."""

import sqlite3
from pathlib import Path

import pytest

from core.secrets import SecretBox
from tests.kit.process import Street


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("", "CHIMERA_BOT_TOKEN is not set"),
        ("no token", "is no bot token"),
        ("43:wrong_token", "refused the bot token"),
    ],
)
async def test_without_a_good_token_nothing_is_written(street: Street, token: str, said: str) -> None:
    code, _, errors = await street.chimera("run", BOT_TOKEN=token)

    assert (code, errors.count("\n")) == (2, 1)
    assert said in errors
    assert not street.data.exists()


async def test_a_data_folder_that_cannot_be_one_is_refused(street: Street) -> None:
    street.data.write_text("a file")

    code, _, errors = await street.chimera("run")

    assert (code, errors.count("\n")) == (2, 1)
    assert "cannot be used" in errors


async def test_another_key_is_refused(street: Street) -> None:
    await street.configure()

    code, _, errors = await street.chimera("run", SECRET_KEY=SecretBox.new_key())

    assert (code, errors.count("\n")) == (2, 1)
    assert "do not open with this key" in errors


async def test_a_lost_key_file_is_not_silently_made_anew(street: Street) -> None:
    await street.configure()
    (street.data / "secret.key").unlink()

    code, _, errors = await street.chimera("run")

    assert (code, errors.count("\n")) == (2, 1)
    assert "is gone" in errors
    assert not (street.data / "secret.key").exists()


async def test_a_database_of_a_newer_version_is_refused(street: Street) -> None:
    await street.configure()
    with sqlite3.connect(street.data / "chimera.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    code, _, errors = await street.chimera("run")

    assert (code, errors.count("\n")) == (2, 1)
    assert "newer Chimera" in errors


async def test_every_problem_of_a_document_is_listed_with_its_line_and_nothing_is_applied(street: Street) -> None:
    wrong = street.folder / "wrong.yaml"
    wrong.write_text(
        "version: 1\n"
        "stors: []\n"
        "stores:\n"
        "  - {name: A, cnpj: '11222333000182'}\n"
        "integrations:\n"
        "  - {name: ERP, module: rb, settings: {}}\n"
        "  - {name: Loyalty, module: crescevendas, settings: {base_url: 'http://127.0.0.1:1', email: a@example.test}}\n"
    )

    code, _, errors = await street.chimera("apply", str(wrong))

    assert code == 2
    for line in ("2", "4", "6", "7"):
        assert f"ine {line}" in errors
    _, document, _ = await street.chimera("export")
    assert "ERP" not in document


async def test_a_clock_is_refused_with_the_real_telegram(street: Street) -> None:
    code, _, errors = await street.chimera("run", TELEGRAM_API="https://api.telegram.org")

    assert code == 2
    assert "CHIMERA_CLOCK" in errors


def test_the_example_environment_names_real_variables_only() -> None:
    names = {line.split("=")[0].strip("# ") for line in Path(".env.example").read_text().splitlines() if "=" in line}

    assert names <= {"CHIMERA_BOT_TOKEN", "CHIMERA_OWNER_ID", "CHIMERA_DATABASE_URL"}
