"""The running process: second ones, the command line beside it, stops and crashes."""

import asyncio
import signal

import pytest

from tests.kit.process import CNPJS, OPS, OWNER, SECONDS, Street


async def answers(street: Street) -> None:
    """Wait until the bot answers its owner."""
    await street.owner.says("/help")
    await street.telegram.wait_for(OWNER, "/status", timeout=SECONDS)


async def test_a_second_process_on_the_same_folder_leaves_and_the_first_goes_on(street: Street) -> None:
    await street.configure()
    await street.start("run")
    await answers(street)

    code, _, errors = await street.chimera("run")

    assert code == 2
    assert "in use by another Chimera" in errors
    await street.owner.says("/history")
    await street.telegram.wait_for(OWNER, "Nothing has run yet", timeout=SECONDS)


async def test_the_command_line_hands_a_sync_to_the_running_bot(street: Street) -> None:
    await street.configure()
    await street.start("run")
    await answers(street)

    code, out, errors = await street.chimera("sync")

    assert (code, errors) == (0, "")
    assert out.count("verified") == len(CNPJS)
    street.assert_live()
    assert len(street.platform.uploads) == len(CNPJS)


async def test_headless_commands_tell_their_result_by_their_exit_code(street: Street) -> None:
    await street.configure()
    assert (await street.chimera("sync"))[0] == 0
    assert (await street.chimera("compare"))[0] == 0
    street.erp.scale_prices(CNPJS[0], 100)

    code, out, _ = await street.chimera("sync", "--store", "001")
    assert code == 1
    assert "held" in out
    code, out, _ = await street.chimera("release", "--store", "001")
    assert code == 0, out
    street.assert_live()
    assert (await street.chimera("sync", "--store", "nowhere"))[0] == 2


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_a_run_goes_on_after_the_process_died_in_its_middle(street: Street, how: signal.Signals) -> None:
    await street.configure()
    first = await street.start("run")
    await answers(street)
    street.erp.options.delay_ms = 150
    await street.owner.says("/sync")
    await street.uploads(1)
    first.send_signal(how)
    await asyncio.wait_for(first.communicate(), SECONDS)
    street.erp.options.delay_ms = 0

    await street.start("run")
    card = await street.telegram.wait_for(OWNER, "Success", timeout=SECONDS)

    street.assert_live()
    assert len(street.platform.uploads) == len(CNPJS)
    assert [m.id for m in street.telegram.messages(OWNER) if "Daily sync" in m.text] == [card.id]
    await street.telegram.wait_for(OPS, "Success", timeout=SECONDS)
    assert street.telegram.violations == []


async def test_without_telegram_the_schedule_fires_and_messages_come_later(street: Street) -> None:
    await street.configure()
    await street.telegram.go_down()
    await street.start("run", CLOCK="2026-11-23T08:09:55+00:00")
    await street.uploads(len(CNPJS))

    await street.telegram.come_up()

    await street.telegram.wait_for(OPS, "Success", timeout=SECONDS)
    street.assert_live()


@pytest.mark.slow
@pytest.mark.parametrize("moment", [0.1 * n for n in range(1, 16)])
async def test_killed_at_any_moment_nothing_is_lost(street: Street, moment: float) -> None:
    await street.configure()
    street.erp.options.delay_ms = 40
    process = await street.start("run")
    await answers(street)
    await street.owner.says("/sync")
    for _ in range(2):
        await asyncio.sleep(moment)
        process.kill()
        await process.communicate()
        process = await street.start("run")
    await street.telegram.wait_for(OWNER, "Success", timeout=60)

    street.assert_live()
    assert len(street.platform.uploads) <= len(CNPJS) + 2
    assert sum("Daily sync" in m.text for m in street.telegram.messages(OWNER)) == 1
    assert street.telegram.violations == []
