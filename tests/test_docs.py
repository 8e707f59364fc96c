"""What the guides say is what the code does."""

import inspect
import json
import re
from pathlib import Path

import pytest

from bot.cli import app
from bot.environment import Environment
from core.configuration.reading import read_document
from core.forms import describing
from core.schedules.cron import parse_cron
from handlers.commands.catalogue import COMMANDS
from integrations.manifest import Manifest

ROOT = Path(__file__).parent.parent
USING = (ROOT / "docs" / "using.md").read_text()
MODULES = (ROOT / "docs" / "modules.md").read_text()


def names_of_commands() -> set[str]:
    return {
        (command.name or command.callback.__name__).replace("_", "-")
        for command in app.registered_commands
        if command.callback
    }


def test_every_command_of_the_command_line_is_explained_and_no_other() -> None:
    assert set(re.findall(r"`chimera ([a-z-]+)", USING)) == names_of_commands()


def test_every_variable_of_the_environment_is_explained_and_no_other() -> None:
    known = {f"CHIMERA_{name.upper()}" for name in Environment.model_fields}

    assert set(re.findall(r"CHIMERA_[A-Z_]+", USING)) == known


def test_every_command_of_the_chat_is_explained() -> None:
    table = USING[USING.index("## The chat") : USING.index("## The command line")]

    assert {info.name for info in COMMANDS} <= set(re.findall(r"`/([a-z]+)", table)) | {"menu"}


def test_the_example_document_has_the_document_s_form() -> None:
    block = re.search(r"```yaml\n(.*?)```", USING, re.DOTALL)
    assert block

    document = block[1].replace("…", "invented@example.test")
    read_document(document, parse_cron)


def test_every_key_that_a_field_may_carry_is_explained_and_no_other() -> None:
    understood = set(re.findall(r'"(\w+)" in extra|extra\.get\("(\w+)"', inspect.getsource(describing)))
    table = MODULES[MODULES.index("| key |") :].split("\n\n")[0]

    assert set(re.findall(r"^\| `(\w+)` ", table, re.MULTILINE)) == {one or other for one, other in understood}


def test_the_example_of_a_manifest_is_a_valid_one() -> None:
    block = re.search(r"```json\n(.*?)```", MODULES, re.DOTALL)
    assert block

    manifest = Manifest.parse(block[1].encode(), "the guide")
    required = {name for name, field in Manifest.model_fields.items() if field.is_required()}
    assert manifest.unknown == []
    assert set(json.loads(block[1])) == required | {"translations"}


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text())

    assert [link for link in links if not link.startswith("http") and not (path.parent / link).exists()] == []


def test_the_places_that_contributors_are_sent_to_exist() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text()

    missing = [
        p
        for p in re.findall(r"`((?:core|jobs|handlers|integrations|bot|tests)/[\w/.]+\.py)`", table)
        if not (ROOT / p).exists()
    ]
    assert missing == []


def test_the_readme_stays_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 60


def test_the_example_environment_names_real_variables_only() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    names = {line.split("=")[0].strip("# ") for line in lines if "=" in line}

    assert names <= {"CHIMERA_BOT_TOKEN", "CHIMERA_OWNER_ID", "CHIMERA_DATABASE_URL"}
