"""What the buttons around modules do: each lets code in or out, and asks for the PIN first."""

from core.access import Actor
from core.texts import T, Text
from handlers.confirming.asking import guarded
from handlers.dialogs.menu import Menu
from handlers.menu.modules.states import Modules
from jobs.modules import ApproveModule, WithdrawModule


async def pick(menu: Menu, slug: str) -> None:
    menu.data["module"] = slug
    await menu.go(Modules.one)


async def approve(menu: Menu) -> Text | None:
    menu.data["wish"] = "approve"
    return await guarded(menu, Modules.confirm, carry_out)


async def withdraw(menu: Menu) -> Text | None:
    menu.data["wish"] = "withdraw"
    return await guarded(menu, Modules.confirm, carry_out)


async def carry_out(menu: Menu, actor: Actor) -> Text:
    """Let the code in as the window showed it, or out."""
    slug = str(menu.data["module"])
    if menu.data["wish"] == "approve":
        await menu.use(ApproveModule)(actor, slug, str(menu.data["digest"]))
        note = T("“{name}” is approved as it is now.", name=slug)
    else:
        await menu.use(WithdrawModule)(actor, slug)
        note = T("“{name}” is withdrawn: its code runs no longer.", name=slug)
    await menu.go(Modules.one)
    return note
