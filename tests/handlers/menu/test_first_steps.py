"""What somebody new is told: the owner the first steps, everybody else what their role may do."""

from sqlalchemy import delete

from core.access import Actor
from core.channels.model import Channel
from core.configuration.wanted import Section
from core.entities.saving import SaveEntity
from core.executions.model import Execution
from core.executions.states import State
from core.jobs.model import Job
from core.organisations.first_steps import ShowFirstSteps, Step
from core.organisations.model import Organisation
from core.organisations.repository import DEFAULT_NAME
from core.outbox.model import Message
from core.people.claiming import IssueClaimCode
from core.people.model import Confirmation, Person, Way
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


async def all_done(desk: Desk) -> None:
    """Give the chain all that the first steps lead to."""
    save, system = await desk.container.get(SaveEntity), Actor.system(desk.organisation_id, "cli")
    settings = {"base_url": "http://127.0.0.1:1", "email": "integration@example.test", "token": "tok-1234"}
    for fields in (EVERY, {"name": "Loyalty", "module": "crescevendas", "settings": settings}):
        await save(system, Section.INTEGRATIONS, None, fields)
    await desk.set_row(Job, desk.job_id, schedule="10 5 * * *", notify=[{"channel": "Ops", "on": ["failure"]}])
    (ana,) = [one for one in await desk.rows(Person) if one.telegram_id == ANA]
    async with desk.database.writing() as session:
        session.add(Confirmation(person_id=ana.id, way=Way.PIN, secret="-", set_at=desk.clock.now()))
    await desk.end_run(await desk.start_run())


async def opened(walk: Walk, command: str) -> list[str]:
    await walk.says(command)
    return walk.labels


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
        assert "First steps: 0 of 8" in walk.text
        assert "Next: what the chain is called" in walk.text
        assert "Name of the chain" in await walk.taps("Name the chain")
        await walk.says("Mercado Azul")
        await walk.taps("Save", "Back")
        assert "First steps: 1 of 8" in walk.text
        assert "Next: the ERP" in walk.text
        await walk.taps("Connect the ERP", "Every")
        for words in ("ERP", "Weekly", "tok-1234"):
            await walk.says(words)
        await walk.taps("Save", "Back", "Back")
        assert "First steps: 2 of 8" in walk.text
        assert "✅ Connect the ERP" in walk.text
        assert (await walk.taps("Add your stores")).startswith("🏪 Stores\n")
        await walk.taps("Back", "Give yourself a PIN", "🔢 PIN")
        await walk.says("829107")
        await walk.says("829107")
        assert "First steps: 3 of 8" in walk.text


async def test_a_step_asks_which_kind_only_where_several_can_do_it_and_offers_nothing_else(desk: Desk) -> None:
    await desk.set_row(Job, desk.job_id, deleted_at=desk.clock.now())
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        await walk.taps("First steps", "Connect the ERP")
        assert {"Every", "RP (ERP)"} <= set(walk.labels)
        assert "CresceVendas (loyalty)" not in walk.labels
        assert "New integration: CresceVendas (loyalty) · Name" in await walk.taps(
            "Back", "Connect the loyalty platform"
        )
        await walk.says("Loyalty")
        await walk.says("http://127.0.0.1:1")
        await walk.says("integration@example.test")
        await walk.says("tok-1234")
        await walk.taps("Keep it off", "Back")
        assert "💤 Connect the loyalty platform: still off" in walk.text
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


async def test_home_offers_the_first_steps_to_admins_until_all_of_them_are_done(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        assert "🚀 First steps" in await opened(walk, "/menu"), "there is a job, but no platform and no PIN"
        rui = Walk(desk, desk.rui)
        assert "🚀 First steps" not in await opened(rui, "/menu")
        await all_done(desk)
        assert "🚀 First steps" not in await opened(walk, "/menu")
        await desk.set_row(Job, desk.job_id, schedule=None)
        assert "🚀 First steps" in await opened(walk, "/menu")
        await walk.taps("First steps")
        assert "Next: a job with a schedule" in walk.text
        assert "🗓 Jobs: 1" in await walk.taps("Make the daily sync"), "it leads to the one that is there"


async def test_who_puts_the_first_steps_away_finds_them_in_the_settings_until_all_are_done(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        assert "off your home menu" in await walk.taps("First steps", "Take off the home menu")
        assert "🚀 First steps" not in walk.labels
        await desk.set_person(RUI, role="admin")
        other = Walk(desk, desk.rui)
        assert "🚀 First steps" in await opened(other, "/menu"), "each admin has a home menu of their own"
        assert "🚀 First steps" in await opened(walk, "/settings")
        await walk.taps("First steps", "Show on the home menu")
        assert "🚀 First steps" in await opened(walk, "/menu")
        await walk.taps("First steps", "Take off the home menu")
        await all_done(desk)
        assert "🚀 First steps" not in await opened(walk, "/settings")


async def test_a_channel_that_no_job_tells_anything_leads_to_the_job(desk: Desk) -> None:
    await all_done(desk)
    await desk.set_row(Job, desk.job_id, notify=[])
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        await walk.taps("First steps")
        assert "▫️ Say where results are told" in walk.text
        assert "Next: 🔔 Who is told" in walk.text
        await walk.taps("Say where results are told")
        assert "“Ops” is told of nothing" in walk.text


async def test_a_chain_that_is_called_chimera_is_named_once_somebody_saved_that_name(desk: Desk) -> None:
    await desk.set_row(Organisation, desk.organisation_id, name=DEFAULT_NAME)
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/settings")
        await walk.taps("Change", "Time zone")
        await walk.says("America/Recife")
        await walk.taps("Save")
        await walk.says("/menu")
        await walk.taps("First steps")
        assert "▫️ Name the chain" in walk.text, "what else is saved says nothing of the name"
        await walk.taps("Name the chain")
        assert "Save it if that is what the chain is called." in await walk.says(DEFAULT_NAME)
        assert "“Chimera” is saved, as version 3" in await walk.taps("Save")
        assert "↩️ Undo" not in walk.labels
        assert "✅ Name the chain" in await walk.taps("Back")


async def test_a_name_that_was_taken_back_is_no_step_done(desk: Desk) -> None:
    await desk.set_row(Organisation, desk.organisation_id, name=DEFAULT_NAME)
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        await walk.taps("First steps", "Name the chain")
        await walk.says("Mercado Azul")
        await walk.taps("Save", "Undo")
        assert "▫️ Name the chain" in walk.text


async def test_only_a_good_run_that_sent_is_the_first_run(desk: Desk) -> None:
    show, actor = await desk.container.get(ShowFirstSteps), Actor.system(desk.organisation_id, "cli")
    for state, dry, done in ((State.FAILED, False, False), (State.SUCCESS, True, False), (State.PARTIAL, False, True)):
        run = await desk.start_run()
        await desk.set_row(Execution, run, dry_run=dry)
        await desk.end_run(run, state)
        assert (await show(actor)).done[Step.RUN] is done


async def test_an_integration_without_its_secret_is_no_step_done(desk: Desk) -> None:
    save, system = await desk.container.get(SaveEntity), Actor.system(desk.organisation_id, "cli")
    await save(system, Section.INTEGRATIONS, None, EVERY | {"enabled": False})
    await desk.set_row(Job, desk.job_id, deleted_at=desk.clock.now())
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        await walk.taps("First steps")
        assert "💤 Connect the ERP: still off" in walk.text
        assert "Next: the ERP is saved, but switched off." in walk.text
        assert "🔌 ERP" in await walk.taps("Connect the ERP")
        assert "▶️ Switch on" in walk.labels


async def test_the_words_about_a_channel_name_the_group_and_what_the_button_leads_to(desk: Desk) -> None:
    await all_done(desk)
    await desk.set_row(Channel, desk.channel_id, deleted_at=desk.clock.now())
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        told = await walk.taps("First steps")
        assert "add me to a group" in told
        assert "The button below is for what you can name yourself: a chat, an e-mail address, a webhook." in told
        await walk.taps("Say where results are told")
        assert {"Telegram chat", "E-mail", "Signed webhook"} <= set(walk.labels)


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
