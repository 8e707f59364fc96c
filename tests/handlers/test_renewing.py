"""A refused credential asks its admins for a new one: one field, in private, then the job again (CH-2)."""

from typing import Any

import pytest

from core.access import Actor
from core.configuration.applying import ApplyDocument
from core.configuration.wanted import Section
from core.connections.model import Integration
from core.entities.removing import DeleteEntity, RestoreEntity
from core.errors import CredentialsRefused
from core.executions.model import Execution
from core.forms.renewing import FindSecret
from core.jobs.model import Job
from core.outbox.model import Message
from core.texts import T
from jobs.connections import Connections
from tests.handlers.entities.test_entities import integration
from tests.handlers.kit import ANA, GROUP, RUI, Desk, until
from tests.handlers.menu_kit import Walk, settled
from tests.kit.every_module import WRONG_TOKEN


@pytest.fixture
async def refused(desk: Desk) -> int:
    """The login of an integration is refused while the daily job calls it."""
    number = await integration(desk, "every", {"title": "Weekly", "token": "tok-1234"})
    (job,) = await desk.rows(Job)
    await refuse(desk, job)
    return number


async def refuse(desk: Desk, job: Job) -> None:
    connections = await desk.container.get(Connections)
    erp = await connections.get(job.organisation_id, "ERP")
    with pytest.raises(CredentialsRefused):
        async with connections.calling(erp, job):
            raise CredentialsRefused(T("The token has expired."))


async def arrived(desk: Desk) -> None:
    async def noted() -> bool:
        return all(row.message_id for row in await desk.rows(Message))

    await until(noted)


async def latch(desk: Desk) -> Any:
    (row,) = await desk.rows(Integration)
    return row.needs_credentials_at


async def test_an_admin_renews_in_private_and_runs_the_job_again(desk: Desk, refused: int) -> None:
    assert await latch(desk) is not None
    async with desk.chat():
        card = await desk.telegram.wait_for(ANA, "needs credentials")
        await arrived(desk)
        await (await desk.ana.taps(card, "Renew"))
        await settled(desk)
        walk = Walk(desk, desk.ana)
        assert "· Token" in walk.text
        await walk.says("a-better-token-7777")
        assert "a-better-token" not in await walk.taps("💾 Save")
        assert await latch(desk) is None
        assert "Run again" in walk.labels[0]
        await walk.taps(walk.labels[0])

    (run,) = await desk.rows(Execution)
    assert (run.job_id, run.requested_by) == (desk.job_id, "Ana")
    assert not any("a-better-token" in message.text for message in desk.telegram.messages(ANA) if not message.deleted)


async def test_a_token_that_is_refused_again_is_not_saved(desk: Desk, refused: int) -> None:
    async with desk.chat():
        card = await desk.telegram.wait_for(ANA, "needs credentials")
        await arrived(desk)
        await (await desk.ana.taps(card, "Renew"))
        await settled(desk)
        walk = Walk(desk, desk.ana)
        await walk.says(WRONG_TOKEN)
        assert "Nothing was saved" in await walk.taps("💾 Save")

    assert await latch(desk) is not None


async def test_in_a_group_the_button_leads_to_the_private_chat_and_gives_a_manager_nothing(desk: Desk) -> None:
    async with desk.database.writing() as session:
        job = await session.get_one(Job, desk.job_id)
        job.notify = [{"channel": "Ops", "on": ["needs_credentials"]}]
    number = await integration(desk, "every", {"title": "Weekly", "token": "tok-1234"})
    (job,) = await desk.rows(Job)
    await refuse(desk, job)
    async with desk.chat():
        card = await desk.telegram.wait_for(GROUP, "needs credentials")
        await desk.telegram.wait_for(ANA, "needs credentials")
        await arrived(desk)
        await (await desk.rui.taps(card, "Renew"))
        way = await desk.telegram.wait_for(GROUP, "start=renew-")
        payload = way.text.partition("?start=")[2].split()[0]
        assert payload == f"renew-{number}-{desk.job_id}"
        await desk.rui.says(f"/start {payload}")
        await desk.telegram.wait_for(RUI, "You may not do this")
        walk = Walk(desk, desk.ana)
        assert "· Token" in await walk.says(f"/start {payload}")


@pytest.mark.parametrize(
    ("settings", "asked"),
    [
        ({"username": "1", "password": "p"}, "Password"),
        ({"fixed_token": "t"}, "Fixed token"),
        ({"username": "1", "password": "p", "fixed_token": "t"}, "Fixed token"),
    ],
)
async def test_renew_asks_for_the_secret_in_use_also_once_it_was_forgotten(
    desk: Desk, settings: dict[str, str], asked: str
) -> None:
    number = await integration(desk, "rp", {"base_url": "http://127.0.0.1:1"} | settings)
    owner = Actor.system(desk.organisation_id, "cli")
    find = await desk.container.get(FindSecret)
    name = asked.lower().replace(" ", "_")
    assert await find(owner, Section.INTEGRATIONS, number) == ("settings", name)
    await (await desk.container.get(DeleteEntity))(owner, Section.INTEGRATIONS, number)
    await (await desk.container.get(RestoreEntity))(owner, Section.INTEGRATIONS, number)
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/integrations")
        assert f"· {asked}" in await walk.taps("ERP", "Renew")


async def test_an_import_without_the_token_asks_for_the_token_and_not_for_a_password(desk: Desk) -> None:
    document = 'version: 1\nintegrations:\n  - {name: ERP, module: rp, settings: {base_url: "http://127.0.0.1:1"}}'
    owner = Actor.system(desk.organisation_id, "cli")
    await (await desk.container.get(ApplyDocument))(owner, document, unfinished=True)
    (row,) = await desk.rows(Integration)
    find = await desk.container.get(FindSecret)
    assert await find(owner, Section.INTEGRATIONS, row.id) == ("settings", "fixed_token")
