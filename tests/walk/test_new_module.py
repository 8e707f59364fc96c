"""The drill: a module from outside the repository is set up, tested and versioned by chat alone."""

import json
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from tests.kit.building import build_town
from tests.kit.guest import Guest
from tests.kit.inside import Inside

OUTSIDE = Path(__file__).parent / "outside"
TOKEN = "acme-Tok-9876"
PIN = "829107"
ANSWERS = {
    "Edition": "Large shop",
    "Strict": "",
    "Rest": "1h30",
    "Patience": "10 min",
    "Lowest price": "2.75",
    "Share": "0.25",
    "First day": "2026-12-24",
    "Reading time": "7h30",
    "Contact": "rui@example.com",
    "Families": "bread, milk",
    "Certificate": "/etc/acme.pem",
    "Alarm chat": "-1001",
    "Alarm topic": "7",
    "Warehouse": "Porto",
}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install the package as pip would: files beside others, with an entry point."""
    shutil.copytree(OUTSIDE, tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "acme_prices"]:
        del sys.modules[name]


@asynccontextmanager
async def service() -> AsyncIterator[str]:
    async def prices(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401)
        return web.json_response([{"code": "1", "name": "PAO", "price": "2.00", "club": "1.50"}])

    app = web.Application()
    app.router.add_get("/prices", prices)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.usefixtures("installed")
async def test_a_module_from_outside_is_set_up_tested_and_versioned_by_chat(
    tmp_path: Path, migrated_file: Path
) -> None:
    async with build_town(tmp_path) as town, Inside(town, migrated_file) as inside, service() as address:
        ana = Guest(inside, town.owner)
        await ana.says(f"/start {inside.code}")
        await ana.says("/menu")
        await ana.taps("Stores", "Manage", "Add")
        for answer in ("001 Centro", "11222333000181"):
            await ana.says(answer)
        await ana.taps("Save", "Home", "Integrations", "Add", "Acme prices")
        for answer in ("Acme", address, "wrong-token-1"):
            await ana.says(answer)
        assert "The login was refused" in await ana.taps("Test")
        await _fill(ana, "Access token", TOKEN)
        assert "1 prices" in await ana.taps("Test")
        await _fill_all(ana)
        assert "is saved, as version 1" in await ana.taps("Save")
        (kept,) = town.rows("SELECT settings FROM integrations")
        shown = "".join(message.text for message in ana.messages)

        await ana.taps("Back", "Acme", "Change")
        await ana.says("Share")
        await ana.says("0.75")
        await ana.taps("Save", "Back", "Versions", "Version 1", "Go back to it")
        (back,) = town.rows("SELECT settings FROM integrations")
        assert town.telegram.violations == []

    assert back == kept
    assert TOKEN not in kept[0] + shown
    assert json.loads(kept[0]) == {
        "base_url": f"{address}/",
        "edition": "large",
        "days": ["mon", "fri"],
        "strict": False,
        "pause": 90,
        "span": "PT10M",
        "floor": "2.75",
        "share": 0.25,
        "since": "2026-12-24",
        "at": "07:30:00",
        "contact": "rui@example.com",
        "families": ["bread", "milk"],
        "exclusions": [{"prefix": "99"}],
        "rounding": {"places": 3, "upwards": False},
        "report": {"way": "mail", "address": "rui@example.com"},
        "copies": [{"way": "folder", "days": 9}],
        "certificate": "/etc/acme.pem",
        "chat": -1001,
        "topic": 7,
        "stores": ["001 Centro"],
        "warehouse": "Porto",
    }


@pytest.mark.usefixtures("installed")
async def test_a_module_from_outside_speaks_the_language_of_whoever_reads_its_form(
    tmp_path: Path, migrated_file: Path
) -> None:
    async with build_town(tmp_path) as town, Inside(town, migrated_file) as inside, service() as address:
        bia = Guest(inside, town.telegram.person(1777, "Bia", language="pt-br"))
        await bia.says(f"/start {inside.code}")
        await bia.says("/menu")
        await bia.taps("Integrações", "Incluir", "Acme prices")
        assert "· Endereço do serviço" in await bia.says("Acme")
        assert "· Chave de acesso" in await bia.says(address)
        await bia.says(TOKEN)
        assert "1 preços" in await bia.taps("Testar")
        await bia.taps("Voltar")
        await bia.says("Edição")
        assert "Loja grande" in bia.labels
        assert "Edição: Loja grande" in await bia.taps("Loja grande")
        assert town.telegram.violations == []


async def test_a_module_folder_is_approved_used_and_kept_out_once_it_changed_all_by_chat(
    tmp_path: Path, migrated_file: Path
) -> None:
    folder = tmp_path / "modules" / "acme_prices"
    shutil.copytree(OUTSIDE / "acme_prices", folder)
    async with (
        build_town(tmp_path) as town,
        Inside(town, migrated_file, folder.parent) as inside,
        service() as address,
    ):
        ana = Guest(inside, town.owner)
        await ana.says(f"/start {inside.code}")
        await ana.says("/menu")
        await ana.taps("Integrations", "Add")
        assert "Acme prices" not in ana.labels
        await ana.taps("Home", "Settings", "Modules")
        assert "its code does not run" in await ana.taps("🆕 Acme prices 1.2.0")
        assert "you have neither yet" in await ana.taps("Approve")
        await ana.taps("PIN")
        for answer in (PIN, PIN):
            await ana.says(answer)
        await ana.taps("Approve")
        assert "is approved as it is now" in await ana.says(PIN)
        assert all(PIN not in message.text for message in ana.messages)
        await ana.taps("Home", "Integrations", "Add", "Acme prices")
        for answer in ("Acme", address, TOKEN):
            await ana.says(answer)
        assert "1 prices" in await ana.taps("Test")
        assert "is saved" in await ana.taps("Save")

        (folder / "settings.py").write_text("raise SystemExit('not what was approved')\n")
        await inside.stop()
        await inside.start()
        await ana.says("/menu")
        await ana.taps("Settings", "Modules")
        assert "needs approval again" in await ana.taps("✋ Acme prices 1.2.0")
        assert "“acme-prices” waits for an owner's approval" in await ana.taps("Home", "Integrations", "Acme")
        await ana.says("/audit")
        assert "found changed on the server" in ana.menu.text
        assert town.telegram.violations == []


async def _fill(ana: Guest, title: str, answer: str) -> None:
    """Find a field of the form by typing its name, and fill it in; a switch is turned by that alone."""
    await ana.taps("Back")
    await ana.says(title)
    if answer:
        await ana.says(answer)
    assert "⚠️" not in ana.menu.text, ana.menu.text


async def _fill_all(ana: Guest) -> None:
    for title, answer in ANSWERS.items():
        await _fill(ana, title, answer)
    await _fill(ana, "Delivery days", "")
    await ana.taps("mon", "fri", "Done")
    await _fill(ana, "Shops", "")
    await ana.taps("001 Centro", "Done")
    await _fill(ana, "Report", "")
    await ana.taps("By e-mail")
    await ana.says("rui@example.com")
    await _fill(ana, "Exclusions", "")
    await ana.taps("Add")
    await ana.says("99")
    await _fill(ana, "Decimal places", "3")
    await _fill(ana, "Copies", "")
    await ana.taps("🆕 Into a folder")
    await ana.says("9")
