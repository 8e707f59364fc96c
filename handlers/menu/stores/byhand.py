"""What is done to a store by hand: offered to those who may, confirmed with its numbers (CH-21)."""

from core.access import Actor, Permission
from core.executions.byhand import Deed, DoDeed, Plan, PlanDeed
from core.texts import TN, T, Text
from handlers.confirming.asking import guarded
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Page
from handlers.dialogs.widgets import Act
from handlers.menu.stores.states import Stores

_YES: dict[Deed, Text] = {
    Deed.TAKE_OFF: T("✂ Yes, take it off"),
    Deed.RESEND: T("🔁 Yes, send it again"),
    Deed.CLEAR: T("🧹 Yes, clear the store"),
}


def offered(actor: Actor, *, live: bool) -> set[str]:
    """Return the verbs for a store that somebody may use."""
    verbs = {"resend"} if actor.may(Permission.RELEASE) else set()
    return verbs | {"clear"} if live and actor.may(Permission.CONFIGURE) else verbs


def ask(deed: Deed) -> Act:
    """Return the button that leads to the confirmation."""

    async def confirm(menu: Menu) -> None:
        menu.data["deed"] = deed.value
        await _plan(menu)
        await menu.go(Stores.deed)

    return confirm


async def undone(menu: Menu) -> None:
    await menu.go(Stores.product if menu.data["deed"] == Deed.TAKE_OFF else Stores.one)


async def deed_page(menu: Menu) -> Page:
    plan = await _plan(menu)
    lines = [_what(plan), _when(plan)]
    if plan.deed is not Deed.RESEND:
        lines.append(T("The next sync sends what the ERP says then: end it there too if it shall stay away."))
    title, labels = T("🏪 {store}: are you sure?", store=plan.store), {"yes": _YES[plan.deed]}
    return Page(title, lines, offers=frozenset({"yes"}), labels=labels)


async def _plan(menu: Menu) -> Plan:
    deed = Deed(menu.data["deed"])
    return await menu.use(PlanDeed)(menu.actor, deed, menu.data["store"], _code(menu, deed))


async def do(menu: Menu) -> Text | None:
    return await guarded(menu, Stores.confirm, carry_out)


async def carry_out(menu: Menu, actor: Actor) -> Text:
    deed, key = Deed(menu.data["deed"]), menu.talk.key
    do_deed = await menu.get(DoDeed)
    await do_deed(actor, deed, menu.data["store"], key, code=_code(menu, deed), chat=menu.talk.chat)
    await menu.go(Stores.one)
    return T("It is on its way. Its card is below.")


def _code(menu: Menu, deed: Deed) -> str:
    return str(menu.data["code"]) if deed is Deed.TAKE_OFF else ""


def _what(plan: Plan) -> Text:
    match plan.deed:
        case Deed.TAKE_OFF:
            return TN(
                "✂ Takes {product} off: 1 of {n} product.",
                "✂ Takes {product} off: 1 of {n} products.",
                plan.lines,
                product=plan.product,
            )
        case Deed.CLEAR:
            return TN(
                "🧹 Takes the only product off.",
                "🧹 Takes all {n} products off; none stays live.",
                plan.lines,
                T("🧹 Takes nothing off: the verified list is empty already."),
            )
        case _:
            return TN(
                "🔁 Sends the verified list of {day} again: {n} product.",
                "🔁 Sends the verified list of {day} again: {n} products.",
                plan.lines,
                T("🔁 Sends the verified list of {day} again: it is empty.", day=plan.day),
                day=plan.day,
            )


def _when(plan: Plan) -> Text:
    start = plan.start.time()
    if plan.live_until is None:
        return T("🕕 The new campaign starts at {time}.", time=start)
    if plan.running:
        return T("🕕 The new campaign starts at {time} and replaces the running one.", time=start)
    return T("🕕 The new campaign starts at {time} and replaces today's.", time=start)
