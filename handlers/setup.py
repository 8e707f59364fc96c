"""The dispatcher: middlewares in their order, commands before dialogs, the catch-all last."""

from aiogram import Bot, Dispatcher
from aiogram.methods import SetMyCommands
from aiogram.types import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from dishka import AsyncContainer
from dishka.integrations.aiogram import ContainerMiddleware

from core.channels.linking import OfferLink
from core.chat.buttons import FindButton
from core.chat.updates import Updates
from core.clock import Clock
from core.i18n import LOCALES, SOURCE_LOCALE, Translator
from core.lookup.peeking import Peek
from core.nursery import Nursery
from core.outbox.closing import Chats
from core.outbox.wake import Wake
from core.people.claiming import ClaimOwner
from core.people.joining import GreetStranger
from core.people.knowing import Identify, NoteReachable
from handlers.buttons import Taps
from handlers.commands.brake import brake_router
from handlers.commands.catalogue import COMMANDS
from handlers.commands.health import health_router
from handlers.commands.help import help_router
from handlers.commands.logs import logs_router
from handlers.commands.menus import menus_router
from handlers.commands.outbox import outbox_router
from handlers.commands.runs import runs_router
from handlers.commands.settings import settings_router
from handlers.commands.stats import stats_router
from handlers.commands.unknown import last_router, unknown_router
from handlers.commands.why import why_router
from handlers.delivery.postman import Postman
from handlers.dialogs.doorman import door_router
from handlers.dialogs.setup import set_up_dialogs
from handlers.isolation import Isolation
from handlers.lookup.commands import numbers_router, product_router
from handlers.lookup.inline import InlineMode
from handlers.lookup.taps import product_taps
from handlers.menu.dialogs import all_dialogs
from handlers.middlewares.once import Once
from handlers.middlewares.places import Places
from handlers.middlewares.tracing import Tracing
from handlers.middlewares.who import Who
from handlers.storage import SqlStorage
from handlers.talk import UTC
from handlers.taps.access import access_taps
from handlers.taps.linking import linking_taps
from handlers.taps.looking import Looking
from handlers.taps.runs import runs_taps

_CALL_SECONDS = 10


async def build_dispatcher(container: AsyncContainer, postman: Postman) -> Dispatcher:
    """Return the dispatcher with everything it needs taken from the container; menus go by the postman.

    An update passes, in this order: a correlation id; the container's scope (on `update` only,
    else there would be two); inline questions, which end here; once only; what concerns the chat
    itself; who speaks; handlers.
    """
    get = container.get
    isolation, nursery = Isolation(), Nursery()
    dispatcher = Dispatcher(storage=await get(SqlStorage), events_isolation=isolation)
    chain = (
        Tracing(),
        ContainerMiddleware(container),
        InlineMode(await get(Identify), await get(Peek), await get(Clock)),
        Once(await get(Updates), await get(Wake)),
        Places(await get(Chats), await get(OfferLink)),
        Who(await get(Identify), await get(NoteReachable), await get(ClaimOwner), await get(GreetStranger)),
    )
    for middleware in chain:
        dispatcher.update.outer_middleware(middleware)
    dispatcher.callback_query.outer_middleware(Taps(await get(FindButton), nursery))
    dispatcher.include_routers(
        door_router(),
        settings_router(),
        help_router(),
        menus_router(),
        runs_router(),
        brake_router(),
        product_router(),
        health_router(),
        stats_router(),
        logs_router(),
        outbox_router(),
        why_router(),
        runs_taps(),
        product_taps(),
        Looking().router(),
        access_taps(),
        linking_taps(),
        unknown_router(),
    )
    set_up_dialogs(dispatcher, all_dialogs(), postman, isolation, nursery)
    # A number is a product only where no window asked for one.
    dispatcher.include_routers(numbers_router(), last_router())
    return dispatcher


async def register_commands(bot: Bot) -> None:
    """Tell Telegram the list of commands for private chats and groups, in every language."""
    for scope in (BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats()):
        for locale in LOCALES:
            translator = Translator(locale, UTC)
            commands = [BotCommand(command=info.name, description=translator(info.does)) for info in COMMANDS]
            # The source language is what everybody sees who has none of the others.
            language = None if locale == SOURCE_LOCALE else locale.split("_")[0]
            call = SetMyCommands(commands=commands, scope=scope, language_code=language)
            await bot(call, request_timeout=_CALL_SECONDS)
