"""The lists of commands that Telegram shows: each person's own, kept as roles and languages are."""

from sandbox.telegram.commands import commands_for
from sandbox.telegram.model import Chat, User
from tests.handlers.kit import ANA, GROUP, RUI, Desk, until
from tests.handlers.menu_kit import Walk

ADMINS, MANAGERS = {"users", "audit", "import"}, {"sync", "pause"}


def names(desk: Desk, user: User, chat: Chat) -> set[str]:
    return {str(one["command"]) for one in commands_for(desk.telegram.world, chat, user)}


def first(desk: Desk, user: User, chat: Chat) -> str:
    return str(next(iter(commands_for(desk.telegram.world, chat, user)), {}).get("description"))


async def test_everybody_sees_what_their_role_may_and_strangers_only_how_to_begin(desk: Desk) -> None:
    await desk.set_person(RUI, private_chat=True)
    eve = desk.telegram.person(6666, "Eve")
    async with desk.chat():
        await until(lambda: names(desk, desk.ana.user, desk.ana.chat) >= ADMINS)
        await until(lambda: names(desk, desk.rui.user, desk.rui.chat) >= MANAGERS)

    assert not ADMINS & names(desk, desk.rui.user, desk.rui.chat)
    assert names(desk, eve.user, eve.chat) == {"start"}
    group = names(desk, desk.ana.user, desk.group)
    assert {"menu", "status", "run", "history", "product", "link"} <= group
    assert not ADMINS & group


async def test_the_list_follows_role_language_and_block(desk: Desk) -> None:
    async with desk.chat():
        await until(lambda: names(desk, desk.ana.user, desk.ana.chat) >= ADMINS)
        await desk.set_person(ANA, role="manager", locale="pt_BR")
        await desk.ana.says("/help")
        await until(lambda: not ADMINS & names(desk, desk.ana.user, desk.ana.chat))
        assert first(desk, desk.ana.user, desk.ana.chat) == "tudo por botões"
        await desk.set_person(ANA, blocked=True)
        await desk.rui.says("/help", chat=desk.group)
        await until(lambda: names(desk, desk.ana.user, desk.ana.chat) == {"start"})
        await desk.set_person(ANA, blocked=False)
        await desk.rui.says("/help", chat=desk.group)
        await until(lambda: names(desk, desk.ana.user, desk.ana.chat) >= MANAGERS)

    assert not [scope for scope, _ in desk.telegram.world.commands if str(GROUP) in scope]


async def test_after_a_restart_nothing_is_set_that_telegram_has_already(desk: Desk) -> None:
    async with desk.chat():
        await until(lambda: names(desk, desk.ana.user, desk.ana.chat) >= ADMINS)
    desk.telegram.world.commands.clear()
    async with desk.chat():
        await Walk(desk, desk.ana).says("/menu")
        await desk.set_person(RUI, private_chat=True)
        await desk.ring()
        await until(lambda: names(desk, desk.rui.user, desk.rui.chat) >= MANAGERS)
    assert {place for place, _ in desk.telegram.world.commands} == {f"chat:{RUI}"}


async def test_a_chat_that_is_gone_does_not_hold_up_the_others(desk: Desk) -> None:
    desk.rui.chat.started = False
    await desk.set_person(RUI, private_chat=True)
    async with desk.chat():
        await until(lambda: names(desk, desk.ana.user, desk.ana.chat) >= ADMINS)
