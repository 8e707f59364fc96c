"""A disk that is full in the middle of a run: the step says so, the process lives, and goes on once there is room."""

import resource

from tests.kit.town import CNPJS, Running, Town, until

_UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def fill(town: Town, bot: Running) -> None:
    """Let no file of the process grow beyond what its databases have now, as a full disk does."""
    size = min(path.stat().st_size for path in town.data.glob("*.db-wal"))
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


async def test_a_full_disk_fails_the_step_with_its_cause_and_the_process_recovers(furnished: Town) -> None:
    town = furnished
    bot = await town.start()
    town.erp.options.delay_ms = 300
    await town.owner.says("/sync")
    await until(lambda: all(town.first_pages(cnpj) for cnpj in CNPJS), what="no scan")
    fill(town, bot)
    await until(lambda: bot.events("outcome not written"), what="nobody noticed the full disk")
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, _UNLIMITED)
    town.erp.options.delay_ms = 0

    await until(lambda: town.states()[0] in ("partial", "failed"), what="the run did not end")
    reasons = [reason or "" for (reason,) in town.rows("SELECT reason FROM steps WHERE outcome = 'failed'")]
    assert any("The database refused to work" in reason for reason in reasons), reasons
    assert all(town.live(cnpj) in ({}, town.expected(cnpj)) for cnpj in CNPJS)
    assert bot.process.returncode is None
    await town.owner.says("/sync")
    await town.success(town.owner.id)
    assert town.all_live()
    await bot.stop()
