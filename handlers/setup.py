"""The dispatcher: middlewares in their order, what needs no window first, the catch-all last."""

from aiogram import Dispatcher, Router
from dishka import AsyncContainer
from dishka.integrations.aiogram import CONTAINER_NAME

from core.channels.linking import OfferLink
from core.chat.buttons import FindButton
from core.chat.memory import Memories
from core.chat.updates import Updates
from core.clock import Clock
from core.lookup.peeking import Peek
from core.nursery import Nursery
from core.outbox.closing import Chats
from core.outbox.wake import Wake
from core.people.accepting import AcceptInvitation
from core.people.claiming import ClaimOwner
from core.people.joining import GreetStranger
from core.people.knowing import Identify, NoteSeen
from core.secrets import SecretBox
from handlers.branches import Branch, is_button
from handlers.buttons import Taps
from handlers.commands.brake import add_brake
from handlers.commands.debug import add_debug, debug_taps
from handlers.commands.documents import add_export, sheets_router
from handlers.commands.health import add_health
from handlers.commands.help import add_help
from handlers.commands.logs import add_logs
from handlers.commands.outbox import add_outbox, outbox_taps
from handlers.commands.runs import add_runs
from handlers.commands.stats import add_stats, stats_taps
from handlers.commands.unknown import last_router
from handlers.commands.why import add_why
from handlers.delivery.copies import Copies
from handlers.delivery.postman import Postman
from handlers.dialogs.doorman import add_door
from handlers.dialogs.menu import MENUS
from handlers.dialogs.setup import set_up_dialogs
from handlers.isolation import Isolation
from handlers.lookup.commands import add_product, numbers_router
from handlers.lookup.inline import InlineMode
from handlers.lookup.taps import product_taps
from handlers.middlewares.chain import Chain
from handlers.middlewares.once import Once
from handlers.middlewares.onward import Onward
from handlers.middlewares.places import Places
from handlers.middlewares.spoken import Spoken
from handlers.middlewares.tracing import Tracing
from handlers.middlewares.turns import Turns
from handlers.middlewares.who import Who
from handlers.storage import SqlStorage
from handlers.taps.access import access_taps
from handlers.taps.linking import add_link, linking_taps
from handlers.taps.looking import Looking
from handlers.taps.runs import runs_taps
from handlers.windows import Windows

WINDOWS = "windows"
_PLAIN_COMMANDS = (
    add_help,
    add_runs,
    add_brake,
    add_product,
    add_health,
    add_stats,
    add_logs,
    add_debug,
    add_outbox,
    add_why,
    add_export,
    add_link,
)
"""They come before all dialogs, of which nothing is read for them."""


async def build_dispatcher(
    container: AsyncContainer, postman: Postman, nursery: Nursery, windows: Windows | None = None
) -> Dispatcher:
    """Return the dispatcher with everything it needs taken from the container; menus go by the postman.

    What outlives its update, the answers to taps above all, is in the nursery.

    An update passes, in this order: a correlation id; inline questions, which end here and wait
    for nothing that is said in a chat; its conversation's turn; once only; what concerns the chat
    itself; who speaks; which command or button it is; handlers without windows, then those with.
    All that is injected lives as long as the process, so no update opens a scope of its own.
    """
    get = container.get
    isolation = Isolation()
    storage = SqlStorage(await get(Memories), await get(Clock), await get(SecretBox))
    dispatcher = Dispatcher(storage=storage, events_isolation=isolation, disable_fsm=True)
    dispatcher[CONTAINER_NAME] = container
    chain = (
        Tracing(),
        InlineMode(await get(Identify), await get(Peek), await get(Clock)),
        Turns(storage, isolation, nursery),
        Once(await get(Updates), storage, await get(Wake)),
        Places(await get(Chats), await get(OfferLink)),
        Who(
            await get(Identify),
            await get(NoteSeen),
            await get(ClaimOwner),
            await get(AcceptInvitation),
            await get(GreetStranger),
        ),
        Spoken(),
        Onward(dispatcher),
    )
    dispatcher.update.outer_middleware(Chain(chain))
    copies = Copies(postman, nursery, await get(Clock))
    dispatcher.callback_query.outer_middleware(Taps(await get(FindButton), nursery, copies))
    for add in _PLAIN_COMMANDS:
        add(dispatcher)
    windows = windows or Windows()
    behind = _behind_door(windows)
    dispatcher.include_routers(_taps(), behind)
    dispatcher[MENUS] = set_up_dialogs(behind, windows.dialogs, postman, nursery)
    # A number is a product only where no window asked for one.
    behind.include_routers(numbers_router(), sheets_router(), last_router())
    return dispatcher


def _taps() -> Router:
    """Return the buttons that no window has to do with: nothing of the dialogs is read for them."""
    return Branch(
        "taps",
        is_button,
        stats_taps(),
        debug_taps(),
        outbox_taps(),
        runs_taps(),
        product_taps(),
        Looking().router(),
        access_taps(),
        linking_taps(),
    )


def _behind_door(windows: Windows) -> Router:
    """Return the router of what has to do with windows. Its buttons and commands come before the dialogs."""
    router = Router(name=WINDOWS)
    add_door(router)
    router.include_routers(windows.taps, windows.commands)
    return router
