"""The helper process: what it does, and that nothing it does wrong reaches further than one errand."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from core.helper.process import Helper, HelperFailed
from tests.kit.errands import NAME
from tests.kit.process import ROOT

Make = Callable[..., Helper]
_PATIENCE = 60.0
_HUB = """
import asyncio
from core.helper.process import Helper
async def main():
    helper = Helper()
    print((await helper.work("tests.kit.errands:pid", b"", b"")).decode(), flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    async with AsyncExitStack() as stack:

        def made(**options: float) -> Helper:
            helper = Helper(**{"patience": _PATIENCE, "rest": 0.0, **options})
            stack.push_async_callback(helper.close)
            return helper

        yield made


async def work(helper: Helper, task: str, order: bytes = b"", body: bytes = b"") -> bytes:
    return await helper.work(NAME + task, order, body)


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that waits to be buried does not."""
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


async def until(test: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not test():  # noqa: ASYNC110 - another process, no event
            await asyncio.sleep(0.02)


async def test_errands_of_many_come_back_to_those_who_sent_them_however_large(make: Make) -> None:
    helper = make()
    bodies = [b"%d-" % number + b"x" * number * 100_000 for number in range(12)]

    done = await asyncio.gather(*(work(helper, "shout", b"!", body) for body in bodies))

    assert done == [b"!" + body.upper() for body in bodies]


async def test_what_a_task_raises_or_prints_harms_no_other_errand(make: Make) -> None:
    helper = make()
    before = await work(helper, "pid")
    for task in ("refuse", "absent", "devour"):
        with pytest.raises(HelperFailed):
            await work(helper, task)

    assert await work(helper, "chatter", b"said") == b"said"
    assert await work(helper, "pid") == before


async def test_a_helper_killed_in_the_middle_is_told_of_and_the_next_errand_gets_a_new_one(
    make: Make, tmp_path: Path
) -> None:
    helper = make()
    first = int(await work(helper, "pid"))
    begun = tmp_path / "begun"
    errand = asyncio.ensure_future(work(helper, "hang", str(begun).encode()))
    behind = asyncio.ensure_future(work(helper, "shout", b"a", b"b"))
    await until(begun.exists)
    os.kill(first, signal.SIGKILL)

    for lost in (errand, behind):
        with pytest.raises(HelperFailed):
            await lost
    assert int(await work(helper, "pid")) != first


async def test_a_helper_that_dies_again_and_again_is_left_alone_for_a_while(make: Make) -> None:
    helper = make(rest=3600.0)
    with pytest.raises(HelperFailed, match="lost"):
        await work(helper, "die")
    with pytest.raises(HelperFailed, match="none"):
        await work(helper, "shout")


async def test_one_that_hangs_is_ended_after_a_time_and_replaced(make: Make, tmp_path: Path) -> None:
    helper = make(patience=3.0)
    first = int(await work(helper, "pid"))
    with pytest.raises(HelperFailed):
        await work(helper, "hang", str(tmp_path / "begun").encode())

    assert not alive(first)
    assert await work(helper, "shout", b"a", b"b") == b"aB"


async def test_one_that_answers_with_nonsense_is_ended_and_never_believed(make: Make) -> None:
    helper = make()
    first = int(await work(helper, "pid"))
    with pytest.raises(HelperFailed):
        await work(helper, "nonsense", b"honest")

    assert not alive(first)
    assert await work(helper, "shout", b"a", b"b") == b"aB"


async def test_who_no_longer_waits_does_not_get_anothers_reply(make: Make) -> None:
    helper = make()
    await work(helper, "pid")
    hasty = asyncio.ensure_future(work(helper, "shout", b"", b"hasty" * 100_000))
    patient = asyncio.ensure_future(work(helper, "shout", b"", b"patient"))
    await asyncio.sleep(0)
    hasty.cancel()

    assert await patient == b"PATIENT"


async def test_a_body_beyond_all_measure_is_not_even_handed_over(make: Make) -> None:
    with pytest.raises(HelperFailed, match="too large"):
        await work(make(), "shout", b"", bytes(17 * 1024 * 1024))


async def test_signals_to_the_whole_group_do_not_end_it_but_the_hubs_stop_does(make: Make) -> None:
    helper = make()
    pid = int(await work(helper, "pid"))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(pid, number)
    assert int(await work(helper, "pid")) == pid

    await helper.close()
    assert not alive(pid)
    with pytest.raises(HelperFailed):
        await work(helper, "pid")


async def test_it_knows_no_secrets_and_loads_nothing_of_the_chat(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIMERA_BOT_TOKEN", "invented-token")
    helper = make()

    assert b"invented-token" not in await work(helper, "knows")
    loaded = set((await work(helper, "loaded")).split())
    assert not loaded & {b"aiogram", b"aiohttp", b"sqlalchemy", b"pydantic"}


def test_it_does_not_outlive_a_hub_that_was_killed() -> None:
    hub = subprocess.Popen([sys.executable, "-c", _HUB], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert hub.stdout is not None
        helper = int(hub.stdout.readline())
        assert alive(helper)
    finally:
        hub.kill()
        hub.communicate()
    deadline = time.monotonic() + _PATIENCE
    while alive(helper):
        assert time.monotonic() < deadline
        time.sleep(0.02)
