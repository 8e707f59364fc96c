"""What somebody new is told: the owner the first steps, everybody else what their role may do."""

from sqlalchemy import delete

from core.access import Actor
from core.channels.model import Channel
from core.configuration.wanted import Section
from core.entities.saving import SaveEntity
from core.jobs.model import Job
from core.organisations.model import Organisation
from core.organisations.repository import DEFAULT_NAME
from core.outbox.model import Message
from core.people.claiming import IssueClaimCode
from core.people.model import Person
from core.stores.model import Store
from tests.handlers.kit import ANA, RUI, Desk, until
from tests.handlers.menu_kit import Walk, settled

EVERY = {"name": "ERP", "module": "every", "settings": {"title": "Weekly", "token": "tok-1234"}}


async def emptied(desk: Desk) -> None:
    """Leave what a chain has on its first day: nobody, and nothing."""
    async with desk.database.writing() as session:
        for table in (Job, Channel, Store, Person):
            await session.execute(delete(table))
    await desk.set_row(Organisation, desk.organisation_id, name=DEFAULT_NAME)


async def arrived(desk: Desk) -> None:
    async def noted() -> bool:
        return all(row.message_id for row in await desk.rows(Message))

    await until(noted)


async def test_whoever_claims_the_bot_is_led_from_step_to_step(desk: Desk) -> None:
    await emptied(desk)
    code = await (await desk.container.get(IssueClaimCode))()
    async with desk.chat():
        await desk.ana.says(f"/start {code}")
        hello = await desk.telegram.wait_for(ANA, "yours now")
        await arrived(desk)
        await (await desk.ana.taps(hello, "First steps"))
        await settled(desk)
        walk = Walk(desk, desk.ana)
        assert "First steps: 0 of 7" in walk.text
        assert "Next: what the chain is called" in walk.text
        assert "Name of the chain" in await walk.taps("Name the chain")
        await walk.says("Mercado Azul")
        await walk.taps("Save", "Back")
        assert "First steps: 1 of 7" in walk.text
        assert "Next: the ERP" in walk.text
        await walk.taps("Connect the ERP", "Every")
        for words in ("ERP", "Weekly", "tok-1234"):
            await walk.says(words)
        await walk.taps("Save", "Back", "Back")
        assert "First steps: 2 of 7" in walk.text
        assert "✅ Connect the ERP" in walk.labels
        assert "Stores: 0" in await walk.taps("Add your stores")
        await walk.taps("Back", "Give yourself a PIN")
        await walk.says("829107")
        await walk.says("829107")
        assert "First steps: 3 of 7" in walk.text


async def test_a_step_asks_which_kind_only_where_several_can_do_it_and_offers_nothing_else(desk: Desk) -> None:
    await desk.set_row(Job, desk.job_id, deleted_at=desk.clock.now())
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        await walk.taps("First steps", "Connect the ERP")
        assert {"Every", "RP (ERP)"} <= set(walk.labels)
        assert "CresceVendas (loyalty)" not in walk.labels
        assert "New integration · Name" in await walk.taps("Back", "Connect the loyalty platform")
        await walk.says("Loyalty")
        await walk.says("http://127.0.0.1:1")
        await walk.says("integration@example.test")
        await walk.says("tok-1234")
        await walk.taps("Keep it off", "Back")
        assert "▫️ Connect the loyalty platform" in walk.labels
        assert "🔌 Loyalty" in await walk.taps("Connect the loyalty platform"), "it leads to the one to be mended"


async def test_a_job_that_finds_no_erp_leads_to_one_and_goes_on_where_it_was(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/jobs")
        await walk.taps("Add", "Send today's discounts")
        await walk.says("Noon sync")
        await walk.says("12:00")
        assert "No ERP is connected yet" in walk.text
        await walk.taps("Connect it", "Every")
        for words in ("ERP", "Weekly", "tok-1234"):
            await walk.says(words)
        await walk.taps("Save", "Back", "Back")
        assert "Noon sync · Source" in walk.text
        assert "No ERP" not in walk.text
        assert "No loyalty platform is connected yet" in await walk.taps("ERP")


async def test_home_offers_the_first_steps_until_there_is_a_job(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        assert "🚀 First steps" not in walk.labels
        await desk.set_row(Job, desk.job_id, deleted_at=desk.clock.now())
        await walk.says("/menu")
        assert "🚀 First steps" in walk.labels
        rui = Walk(desk, desk.rui)
        await rui.says("/menu")
        assert "🚀 First steps" not in rui.labels


async def test_an_integration_without_its_secret_is_no_step_done(desk: Desk) -> None:
    save, system = await desk.container.get(SaveEntity), Actor.system(desk.organisation_id, "cli")
    await save(system, Section.INTEGRATIONS, None, EVERY | {"enabled": False})
    await desk.set_row(Job, desk.job_id, deleted_at=desk.clock.now())
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        await walk.taps("First steps")
        assert "▫️ Connect the ERP" in walk.labels


async def test_a_manager_who_lost_the_role_finds_home_behind_an_old_button(desk: Desk) -> None:
    await emptied(desk)
    code = await (await desk.container.get(IssueClaimCode))()
    async with desk.chat():
        await desk.rui.says(f"/start {code}")
        hello = await desk.telegram.wait_for(RUI, "yours now")
        await arrived(desk)
        await desk.set_person(RUI, role="viewer")
        await (await desk.rui.taps(hello, "First steps"))
        await settled(desk)
        walk = Walk(desk, desk.rui)
        assert "You may not do this" in walk.text
        assert "Home" in walk.text
