"""The command line beside a running bot, and alone."""

import asyncio
import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sandbox.faults import Fault
from tests.kit.town import CNPJS, NAMES, ZONE, MakeTown, Running, Town, early, until


async def test_a_document_with_mistakes_is_refused_with_every_line_number(town: Town) -> None:
    document = """version: 1
organisation: {name: Mercado Azul, colour: blue}
stores:
  - {name: "001 Centro", cnpj: "11222333000180"}
integrations:
  - {name: ERP, module: sap, settings: {}}
  - {name: Loyalty, module: crescevendas, settings: {base_url: "http://127.0.0.1:1", email: "a@example.test"}}
jobs:
  - {name: Daily sync, type: sync_products, schedule: "61 5 * * *", settings: {source: Nobody, target: Loyalty}}
"""
    found = await town.command("apply", town.write(document))
    assert found.code == 2
    for line in (2, 4, 6, 7, 9):
        assert f"line {line}" in found.err.lower(), found.err
    assert "Traceback" not in found.err
    assert town.rows("SELECT count(*) FROM stores") == [(0,)]
    assert town.rows("SELECT count(*) FROM integrations") == [(0,)]


async def test_apply_dry_run_then_apply_then_apply_again_then_export(town: Town) -> None:
    file = town.write(town.document(schedule="10 5 * * *"))
    dry = await town.command("apply", file, "--dry-run")
    assert dry.code == 0, dry
    assert town.rows("SELECT count(*) FROM stores") == [(0,)]
    assert (await town.command("apply", file)).code == 0
    assert town.rows("SELECT count(*) FROM stores") == [(3,)]
    before = town.rows("SELECT count(*) FROM audit")
    assert (await town.command("apply", file)).code == 0
    assert town.rows("SELECT count(*) FROM audit") == before
    exported, schema = await asyncio.gather(town.command("export"), town.command("schema", DATA_DIR="nowhere"))
    assert NAMES[0] in exported.out
    assert "invented" not in exported.out
    assert json.loads(schema.out)["type"] == "object"


async def test_doctor_says_of_each_part_how_it_is_and_a_sick_one_hides_no_other(furnished: Town) -> None:
    found = await furnished.command("doctor", BOT_TOKEN="42:another-token")

    assert found.code == 1, found
    said = [line.split(":")[0] for line in found.out.splitlines()]
    assert said == ["✅ Data folder", "✅ Database", "❌ Telegram", "✅ ERP", "✅ Loyalty"]
    assert "SQLite, up to date." in found.out
    assert "refused the bot token" in found.out


async def test_commands_alone_tell_success_a_partial_result_a_hold_and_wrong_usage_by_their_exit_code(
    furnished: Town,
) -> None:
    town = furnished
    good, second = await asyncio.gather(town.command("sync"), _after(0.3, town.command("sync")))
    assert (good.code, second.code) == (0, 0), (good, second)
    assert town.all_live()
    assert [town.uploads(cnpj) for cnpj in CNPJS] == [1, 1, 1]
    usage = await town.command("sync", "--store", "nobody")
    assert usage.code == 2, usage
    assert "nobody" in usage.err
    no_job = await town.command("sync", "--job", "none of ours")
    assert no_job.code == 2, no_job
    town.erp.change(CNPJS[0], next(int(code) for code in town.live(CNPJS[0])), club_price="0.01")
    different = await town.command("compare")
    assert different.code == 1, different
    town.erp.scale_prices(CNPJS[1], 100)
    held = await town.command("sync", "--store", NAMES[1])
    assert held.code == 1, held
    assert "held" in held.out
    released = await town.command("release", "--store", NAMES[1])
    assert released.code == 0, released
    assert town.live(CNPJS[1]) == town.expected(CNPJS[1])


async def _after(seconds: float, work: Any) -> Any:
    await asyncio.sleep(seconds)
    return await work


async def test_commands_beside_a_running_bot_hand_over_and_share_one_run(furnished: Town) -> None:
    town = furnished
    bot = await town.start()
    town.erp.options.delay_ms = 300
    await town.owner.says("/sync")
    first, second = await asyncio.gather(town.command("sync"), town.command("sync"))
    assert (first.code, second.code) == (0, 0), (first, second)
    assert "run 1" in first.out
    assert town.all_live()
    assert [town.first_pages(cnpj) for cnpj in CNPJS] == [1, 1, 1]
    assert town.states() == ["success"]
    assert len(bot.events("run ended")) == 1
    town.erp.options.delay_ms = 200
    await _the_bot_dies_and_the_command_goes_on(town, bot)


async def _the_bot_dies_and_the_command_goes_on(town: Town, bot: Running) -> None:
    code, (_, final, _) = next(iter(town.live(CNPJS[0]).items()))
    town.erp.change(CNPJS[0], code, club_price=final - Decimal("0.01"))
    command = asyncio.ensure_future(town.command("sync", "--store", NAMES[0]))
    await until(lambda: town.first_pages(CNPJS[0]) == 2, what="no second scan")
    await bot.kill()
    found = await command
    assert found.code == 0, found
    assert town.all_live()
    assert town.states() == ["success", "success"]


async def test_a_refused_login_is_latched_after_one_attempt_and_says_what_to_do(furnished: Town) -> None:
    town = furnished
    town.erp.faults.add(Fault("login_refused", times=None))
    first = await town.command("sync")
    assert first.code == 1, first
    assert town.logins() == 1
    again = await town.command("sync")
    assert again.code == 1
    assert town.logins() == 1
    assert "credentials" in again.out.lower(), again


async def test_a_schedule_applied_beside_the_bot_fires_once_on_time_and_is_caught_up_once(
    make_town: MakeTown, migrated_file: Path
) -> None:
    town = await make_town(early(5, 9, 49))
    await town.furnish(migrated_file)
    bot = await town.start()
    # The first full minute that is more than four seconds ahead.
    due = town.clock.now().astimezone(ZONE) + timedelta(seconds=64)
    job = {"name": "Daily sync", "schedule": f"{due.minute},{due.minute + 10} 5 * * *"}
    found = await town.command("apply", town.write({"version": 1, "jobs": [job]}))
    assert found.code == 0, found
    await until(lambda: town.states() == ["success"], seconds=70, what="nothing fired")
    ((due_at, created_at),) = town.rows("SELECT due_at, created_at FROM executions")
    late = datetime.fromisoformat(created_at) - datetime.fromisoformat(due_at)
    assert timedelta() <= late < timedelta(seconds=5)
    await bot.stop()
    town.clock.offset += timedelta(minutes=25)
    await town.start()
    await until(lambda: town.states() == ["success", "success"], what="it was not caught up")
    assert [town.uploads(cnpj) for cnpj in CNPJS] == [1, 1, 1]
    assert town.telegram.violations == []
