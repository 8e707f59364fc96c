"""Buttons about access: a stranger asks, an admin grants a role or refuses (X-3)."""

from aiogram import Router
from aiogram.types import CallbackQuery
from dishka.integrations.aiogram import FromDishka, inject

from core.access import Role
from core.chat.model import Button
from core.people.joining import ASK_ACCESS, ROLES, AskForAccess, GrantAccess, RefuseAccess
from core.texts import T, Text
from handlers.buttons import Tap
from handlers.talk import Talk, Visitor

_GRANTS = tuple(f"grant_{role.key}" for role in (Role.VIEWER, Role.MANAGER, Role.ADMIN))


def access_taps() -> Router:
    """Return the router of the buttons about access."""
    router = Router(name="access_taps")
    router.callback_query(Tap(ASK_ACCESS))(ask)
    router.callback_query(Tap(*_GRANTS))(grant)
    router.callback_query(Tap("refuse"))(refuse)
    return router


@inject
async def ask(_query: CallbackQuery, ask_for_access: FromDishka[AskForAccess], visitor: Visitor | None = None) -> Text:
    if visitor is None:
        return T("You are in already. /help shows what you can do here.")
    if await ask_for_access(visitor.telegram_id, visitor.name, visitor.locale):
        return T("Your request is on its way. You hear from me once it is decided.")
    return T("Your request is with the admins already.")


@inject
async def grant(_query: CallbackQuery, talk: Talk, button: Button, grant_access: FromDishka[GrantAccess]) -> Text:
    about = button.arguments
    role = Role.named(about["role"])
    name = await grant_access(talk.actor, about["telegram_id"], role, locale=about["locale"])
    talk.say(T("✅ {name} is in now, as {role}.", name=name, role=ROLES[role]))
    return T("{name} is in now, as {role}.", name=name, role=ROLES[role])


@inject
async def refuse(_query: CallbackQuery, talk: Talk, button: Button, refuse_access: FromDishka[RefuseAccess]) -> Text:
    about = button.arguments
    name = await refuse_access(talk.actor, about["telegram_id"], locale=about["locale"])
    talk.say(T("🚫 The request of {name} was refused.", name=name))
    return T("The request of {name} was refused.", name=name)
