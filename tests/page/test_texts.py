"""The page's own words and files: in three languages, all of them used and none missing; all shipped."""

import json
import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from sandbox.page.server import STATIC
from tests.page.room import ANA, OPS, Room, Windows

ROOT = Path(__file__).parents[2]
SCRIPTS = "".join(path.read_text() for path in sorted((STATIC / "js").glob("*.js")))
WORDS = {path.stem: json.loads(path.read_text()) for path in (STATIC / "texts").glob("*.json")}
# Keys that are put together: roles, deeds of menus, groups of the panel.
MADE = re.compile(r"role_|do_|group_")
NAMELESS = """() => [...document.querySelectorAll("button, a, input, select, textarea, [role=button]")]
    .filter((one) => one.offsetParent && !(one.ariaLabel || one.labels?.length || one.innerText?.trim()))
    .map((one) => one.outerHTML)"""


def test_all_languages_say_the_same_things_with_the_same_places() -> None:
    places = {
        language: {key: set(re.findall(r"\{\w+\}", text)) for key, text in words.items()}
        for language, words in WORDS.items()
    }
    assert places["en"] == places["pt-br"] == places["es"]


async def test_every_word_used_exists_and_every_word_is_used(room: Room) -> None:
    switches = {one["name"] for one in room.page.troubles.state()}
    used = set(re.findall(r'"(\w+)"', SCRIPTS)) | switches | {f"{name}_is" for name in switches}
    called = set(re.findall(r'\bt\("(\w+)"', SCRIPTS)) | switches | {f"{name}_is" for name in switches}
    known = set(WORDS["en"])
    assert called <= known
    assert {key for key in known - used if not MADE.match(key)} == set()


def test_the_files_of_the_page_are_shipped_and_small() -> None:
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"][
        "sandbox.page"
    ]
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    shipped = [p for p in files if any(fnmatch(p.relative_to(STATIC.parent).as_posix(), one) for one in patterns)]
    assert shipped == files
    assert max(path.read_text().count("\n") for path in files if path.suffix != ".json") <= 150


@pytest.mark.parametrize("size", [(360, 740), (1280, 800)], ids=["phone", "desk"])
async def test_every_control_has_a_name(room: Room, windows: Windows, size: tuple[int, int]) -> None:
    await room.bot.send_message(ANA, "<b>hello</b>", parse_mode="HTML")
    window = await room.window(windows, ANA, OPS, width=size[0], height=size[1])
    for view in ("side", "talk", "panel"):
        await window.page.evaluate(f"document.body.dataset.view = '{view}'")
        if view == "panel":
            await window.page.evaluate("document.getElementById('open-clock').click()")
        assert await window.page.evaluate(NAMELESS) == []


async def test_a_chat_without_a_word_says_what_the_bot_is_and_how_to_start(room: Room, windows: Windows) -> None:
    await room.bot.set_my_description("Cuida dos descontos.", language_code="pt")
    room.telegram.person(1003, "Vera", language="pt-br")
    window = await room.window(windows, 1003)
    await window.sees("Cuida dos descontos.")
    await window.presses("Iniciar")
    await window.sees("/start")
    assert await window.page.locator("#greeting").count() == 0


async def test_the_list_of_commands_is_one_press_away(room: Room, windows: Windows) -> None:
    await room.bot.set_my_commands([{"command": "sync", "description": "Run the sync"}])  # type: ignore[list-item]
    window = await room.window(windows)
    await window.presses("Commands")
    await window.page.get_by_role("option", name="/sync").click()
    await window.sees("/sync")
