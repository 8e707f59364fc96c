"""What somebody new is told: the owner the first steps, everybody else what their role may do."""

from sqlalchemy import delete

from core.access import Actor
from core.channels.model import Channel
from core.configuration.wanted import Section
from core.entities.saving import SaveEntity
from core.jobs.model import Job
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
        assert "First steps: 0 of 6" in walk.text
        assert "Next: the ERP" in walk.text
        await walk.taps("Connect the ERP", "Every")
        for words in ("ERP", "Weekly", "tok-1234"):
            await walk.says(words)
        await walk.taps("Save", "Back", "Back")
        assert "First steps: 1 of 6" in walk.text
        assert "✅ Connect the ERP" in walk.labels
        assert "Stores: 0" in await walk.taps("Add your stores")
        await walk.taps("Back", "Give yourself a PIN")
        await walk.says("829107")
        await walk.says("829107")
        assert "First steps: 2 of 6" in walk.text


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
