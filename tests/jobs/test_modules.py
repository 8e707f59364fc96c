"""Who lets modules from folders in, and what a change does (`rules.md` 7.8)."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.access import Actor, Role
from core.channels.model import Channel
from core.chat.status import ShowHome, ShowStatus
from core.connections.model import Integration
from core.courtesy import Courtesy
from core.errors import BadInput, Conflict, Forbidden, NotFound, Unreachable
from core.history.model import AuditEntry
from core.jobs.model import Job
from core.people.confirming import ConfirmationMissing
from core.redact import Redactor
from integrations.registry import Registry
from jobs.connections import Connections
from jobs.health import ShowHealth
from jobs.modules import ApproveModule, ListModules, ModuleRow, ModuleState, WithdrawModule, admit_approved
from tests.jobs.test_channels_told import mail_channel, posts, sender
from tests.kit.chain import Chain
from tests.kit.hub import BOX
from tests.kit.outside import put_module

SLUG = "foreign-prices"
SOURCE = """
from integrations.contract import Capability, SettingsModel

class Source:
    closed = False
    async def close(self):
        self.closed = True
        raise OSError("gone already")

class Module:
    name = "foreign-prices"
    capabilities = frozenset({Capability("discount_source")})
    Settings = SettingsModel
    def connect(self, settings, context):
        return Source()

def register():
    return Module()
"""
WATCHED = """
from integrations.http import HttpPolicy

class Watched(Source):
    def __init__(self, context):
        self.client = context.http("http://127.0.0.1:1", HttpPolicy())
    @property
    def health(self):
        return self.client.health
    async def probe(self):
        await self.client.post("/", content=b"")
    async def close(self):
        await self.client.close()
"""


class House:
    """A hub with one module folder; `restart` is what a new process does."""

    def __init__(self, chain: Chain, folder: Path) -> None:
        self.chain, self.folder = chain, folder
        self.registry = Registry.builtin(folder.parent)
        self.connections = chain.hub.connections
        self.owner = Actor(chain.organisation_id, Role.OWNER, "Ana", "chat", confirmed=True)

    def own_connections(self) -> Connections:
        hub = self.chain.hub
        tools = (BOX, hub.clock, hub.notices, hub.recorder, Redactor(), Courtesy(), hub.helper)
        return Connections(hub.database, self.registry, *tools)

    async def use(self, source: str) -> None:
        """Have an integration of the module whose code this is, approved, and connections of its own."""
        (self.folder / "__init__.py").write_text(source)
        self.connections = self.own_connections()
        await self.approve()
        async with self.chain.database.writing() as session:
            session.add(Integration(organisation_id=self.chain.organisation_id, name="Foreign", module=SLUG))

    async def restart(self) -> None:
        self.registry.close()
        self.registry = Registry.builtin(self.folder.parent)
        await admit_approved(self.chain.database, self.chain.hub.recorder, self.registry)

    async def row(self, actor: Actor | None = None) -> ModuleRow:
        rows = await ListModules(self.chain.database, self.registry)(actor or self.owner)
        return next(row for row in rows if row.slug == SLUG)

    async def approve(self, actor: Actor | None = None, digest: str | None = None) -> None:
        hub = self.chain.hub
        use_case = ApproveModule(hub.database, hub.clock, hub.recorder, self.registry, self.connections)
        await use_case(actor or self.owner, SLUG, digest or (await self.row()).digest or "")

    async def withdraw(self, actor: Actor | None = None) -> None:
        hub = self.chain.hub
        await WithdrawModule(hub.database, hub.recorder, self.registry, self.connections)(actor or self.owner, SLUG)

    async def audited(self) -> list[str]:
        async with self.chain.database.reading() as session:
            found = await session.scalars(
                select(AuditEntry.action).where(AuditEntry.entity == "module").order_by(AuditEntry.id)
            )
            return list(found)


@pytest.fixture
def house(lone: Chain, tmp_path: Path) -> Iterator[House]:
    made = House(lone, put_module(tmp_path / "modules"))
    yield made
    made.registry.close()


async def test_an_approved_module_is_there_at_once_and_after_a_restart(house: House) -> None:
    await house.restart()
    assert (await house.row()).state is ModuleState.NEW
    await house.approve()
    row = await house.row()
    assert (row.state, row.approved_by, row.version, row.files) == (ModuleState.READY, "Ana", "1.0.0", 3)
    await house.restart()
    assert (await house.row()).state is ModuleState.READY
    assert house.registry.module(SLUG).name == SLUG


async def test_another_chain_learns_that_a_module_is_approved_and_not_by_whom(house: House) -> None:
    await house.restart()
    await house.approve()
    other = replace(house.owner, organisation_id=house.chain.organisation_id + 1)
    row = await house.row(other)
    assert (row.state, row.approved_by) == (ModuleState.READY, None)
    assert row.approved_at is not None


async def test_only_an_owner_with_a_pin_approves_or_withdraws(house: House) -> None:
    await house.restart()
    for actor, refusal in (
        (replace(house.owner, role=Role.ADMIN), Forbidden),
        (replace(house.owner, confirmed=False), ConfirmationMissing),
    ):
        with pytest.raises(refusal):
            await house.approve(actor)
        assert (await house.row()).state is ModuleState.NEW
    await house.approve()
    with pytest.raises(ConfirmationMissing):
        await house.withdraw(replace(house.owner, confirmed=False))
    assert (await house.row()).state is ModuleState.READY


async def test_what_changed_between_the_look_and_the_approval_is_not_approved(house: House) -> None:
    seen = (await house.row()).digest
    (house.folder / "words.py").write_text("WORD = 'worse'\n")
    with pytest.raises(Conflict, match="has changed since you looked"):
        await house.approve(digest=seen)
    assert house.registry.admitted(SLUG) is None


async def test_a_changed_file_keeps_the_module_out_after_a_restart_and_is_audited_once(house: House) -> None:
    await house.approve()
    (house.folder / "words.py").write_text("WORD = 'second'\n")
    assert (await house.row()).state is ModuleState.CHANGED
    assert vars(type(house.registry.module(SLUG)))["word"] == "first"
    for _ in range(2):
        await house.restart()
        assert (await house.row()).state is ModuleState.CHANGED
        with pytest.raises(BadInput):
            house.registry.module(SLUG)
    await house.approve()
    assert vars(type(house.registry.module(SLUG)))["word"] == "second"
    assert await house.audited() == ["approved", "changed_outside", "approved"]


async def test_a_withdrawn_module_is_gone_at_once_and_stays_away(house: House) -> None:
    await house.approve()
    await house.withdraw()
    for _ in range(2):
        assert (await house.row()).state is ModuleState.NEW
        with pytest.raises(BadInput):
            house.registry.module(SLUG)
        await house.restart()
    with pytest.raises(NotFound, match="is not approved"):
        await house.withdraw()
    assert await house.audited() == ["approved", "withdrawn"]


async def test_a_module_that_raises_on_import_is_shown_as_broken_and_the_start_goes_on(house: House) -> None:
    (house.folder / "words.py").write_text("raise SystemExit(1)\n")
    await house.approve()
    await house.restart()
    row = await house.row()
    assert row.state is ModuleState.BROKEN
    assert "cannot be loaded" in str(row.problem)


async def test_a_module_is_called_as_its_manifest_says_in_the_reader_s_language(house: House) -> None:
    assert (await house.row()).title == "Foreign prices"
    assert (await house.row(replace(house.owner, locale="pt_BR"))).title == "Preços alheios"


async def test_a_withdrawn_module_ends_its_running_calls_begins_none_and_is_closed_then(house: House) -> None:
    await house.use(SOURCE)
    home = house.chain.organisation_id
    job = await house.chain.row(Job, house.chain.sync_job)
    source: Any = await house.connections.get(home, "Foreign")
    calling = house.connections.calling
    async with calling(source, job), calling(source, job):
        await house.withdraw()
        assert not source.closed
        with pytest.raises(BadInput, match="waits for an owner"):
            await house.connections.get(home, "Foreign")
    assert source.closed
    await house.approve()
    fresh: Any = await house.connections.get(home, "Foreign")
    await house.withdraw()
    assert fresh.closed


async def test_a_module_shows_its_calls_by_their_health_alone(house: House) -> None:
    watched = SOURCE.replace("return Source()", "return Watched(context)") + WATCHED
    await house.use(watched)
    hub = house.chain.hub
    with suppress(Unreachable):
        await (await house.connections.get(house.chain.organisation_id, "Foreign")).probe()

    status = ShowStatus(hub.database, hub.clock, house.registry)
    shown = await ShowHealth(hub.database, house.connections, status)(house.owner)
    foreign = next(one for one in shown.integrations if one.name == "Foreign")
    assert (foreign.called, foreign.failed, foreign.login_until) == (True, 1, None)
    assert (await ShowHome(hub.database, house.registry)(house.owner)).standing.broken == []
    await house.withdraw()
    ((name, why),) = (await ShowHome(hub.database, house.registry)(house.owner)).standing.broken
    assert (name, "owner" in str(why)) == ("Foreign", True)


async def test_what_another_process_withdraws_or_approves_holds_here_at_the_next_call(
    either_chain: Chain, tmp_path: Path
) -> None:
    folder = put_module(tmp_path / "modules")
    (folder / "__init__.py").write_text(SOURCE)
    here, there = House(either_chain, folder), House(either_chain, folder)
    here.connections, there.connections = here.own_connections(), there.own_connections()
    home = either_chain.organisation_id
    try:
        await there.approve()
        async with either_chain.database.writing() as session:
            session.add(Integration(organisation_id=home, name="Foreign", module=SLUG))
        source: Any = await here.connections.get(home, "Foreign")
        assert await here.connections.get(home, "Foreign") is source

        await there.withdraw()
        with pytest.raises(BadInput, match="waits for an owner"):
            await here.connections.get(home, "Foreign")
        assert vars(source)["closed"]
        assert here.registry.admitted(SLUG) is None

        (folder / "words.py").write_text("WORD = 'second'\n")
        await there.approve()
        assert await here.connections.get(home, "Foreign") is not source
        assert here.registry.admitted(SLUG) == there.registry.admitted(SLUG)
    finally:
        here.registry.close()
        there.registry.close()


POSTING = """
from integrations.contract import Capability, SettingsModel

class Post:
    async def probe(self):
        pass

    async def close(self):
        pass

    async def notify(self, notice):
        pass

class Module:
    name = "foreign-prices"
    capabilities = frozenset({Capability.CHANNEL})
    Settings = SettingsModel

    def connect(self, settings, context):
        return Post()

def register():
    return Module()
"""


async def test_a_channel_is_not_told_by_a_module_that_another_process_withdrew(
    either_chain: Chain, tmp_path: Path
) -> None:
    chain, folder = either_chain, put_module(tmp_path / "modules")
    (folder / "__init__.py").write_text(POSTING)
    here, there = House(chain, folder), House(chain, folder)
    here.connections, there.connections = here.own_connections(), there.own_connections()
    number = await mail_channel(chain, 1, "success")
    await chain.change(await chain.row(Channel, number), module=SLUG, settings={})
    telling = asyncio.create_task(sender(chain, here.registry, here.connections).run())
    try:
        for state in ("sent", "dead", "sent"):
            await (there.withdraw if state == "dead" else there.approve)()
            assert (await chain.sync()).state == "success"
            assert await last_told(chain) == state
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        here.registry.close()
        there.registry.close()


async def last_told(chain: Chain) -> str:
    """Wait until the last message to the channel has its end, and return that."""
    async with asyncio.timeout(60):
        while True:
            if (state := (await posts(chain))[-1].state) in ("sent", "dead"):
                return state
            await asyncio.sleep(0.02)
