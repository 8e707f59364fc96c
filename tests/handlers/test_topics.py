"""Two channels may be two topics of one forum: each hears everything that it is to hear (CH-14)."""

from typing import Any

from core.channels.model import Channel
from core.executions.model import Execution
from core.executions.states import Event, Outcome, State
from core.jobs.model import Job
from core.notices.channels import Notices
from core.outbox.model import Card
from core.texts import T
from sandbox.telegram import Chat, Message
from tests.handlers.kit import Desk, until, until_sent

NEWS, ALERTS = "News", "Alerts"


async def forum_of(desk: Desk) -> tuple[Chat, dict[str, int]]:
    """Make two topics of one forum the only channels that the job tells."""
    forum = desk.telegram.group(-1000000004002, "Forum", members=[desk.ana], forum=True)
    topics = {name: desk.telegram.topic(forum, name) for name in (NEWS, ALERTS)}
    async with desk.database.writing() as session:
        for name, topic in topics.items():
            settings = {"chat_id": forum.id, "thread_id": topic}
            own: dict[str, Any] = {"organisation_id": desk.organisation_id, "name": name}
            session.add(Channel(**own, module="telegram", settings=settings))
        job = await session.get_one(Job, desk.job_id)
        job.notify = [{"channel": name, "on": ["start", "partial", "held"]} for name in topics]
    return forum, topics


async def happens(desk: Desk, execution_id: int, event: Event) -> None:
    async with desk.database.writing() as session:
        execution = await session.get_one(Execution, execution_id)
        job = await session.get_one(Job, desk.job_id)
        await Notices(desk.clock).on_event(session, execution, job, event)
    await desk.ring()


def shown(desk: Desk, forum: Chat) -> dict[int | None, list[Message]]:
    found: dict[int | None, list[Message]] = {}
    for message in desk.telegram.messages(forum.id):
        if message.is_from_bot:
            found.setdefault(message.thread_id, []).append(message)
    return found


async def test_each_topic_of_a_forum_has_a_card_of_its_own_that_follows_the_run_to_its_end(desk: Desk) -> None:
    forum, topics = await forum_of(desk)
    async with desk.chat():
        run = await desk.start_run()
        for _ in range(2):
            await happens(desk, run, Event.START)
        await until(lambda: len(shown(desk, forum)) == len(topics))
        await desk.set_store(run, 0, Outcome.HELD)
        await desk.end_run(run, State.PARTIAL)
        await until(lambda: all("Partial" in one[-1].text for one in shown(desk, forum).values()))

    assert {thread: len(cards) for thread, cards in shown(desk, forum).items()} == dict.fromkeys(topics.values(), 1)


async def test_a_card_in_the_general_topic_takes_nothing_from_the_others(desk: Desk) -> None:
    forum, topics = await forum_of(desk)
    async with desk.database.writing() as session:
        general = Channel(
            organisation_id=desk.organisation_id, name="All", module="telegram", settings={"chat_id": forum.id}
        )
        session.add(general)
        job = await session.get_one(Job, desk.job_id)
        job.notify = [{"channel": "All", "on": ["start"]}, *job.notify]
    run = await desk.start_run()
    for _ in range(2):
        await happens(desk, run, Event.START)

    assert {card.thread_id for card in await desk.rows(Card)} == {None, *topics.values()}
    assert len(await desk.rows(Card)) == 1 + len(topics)


async def test_an_alarm_is_told_in_each_topic_and_once_in_each(desk: Desk) -> None:
    forum, topics = await forum_of(desk)
    async with desk.chat():
        for _ in range(2):
            async with desk.database.writing() as session:
                job = await session.get_one(Job, desk.job_id)
                await Notices(desk.clock).tell(session, job, Event.HELD, [T("Somebody must decide.")], key="alarm:1")
        await desk.ring()
        await until_sent(desk)

    assert {thread: len(told) for thread, told in shown(desk, forum).items()} == dict.fromkeys(topics.values(), 1)
