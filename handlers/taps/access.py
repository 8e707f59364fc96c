"""Buttons about access: a stranger asks, an admin grants a role or refuses (X-3)."""

from aiogram import Router
from aiogram.types import CallbackQuery
from aiogram_dialog import DialogManager
from dishka.integrations.aiogram import FromDishka, inject

from core.access import Permission, Role
from core.chat.model import Button
from core.configuration.wanted import Section
from core.entities.viewing import ListEntities
from core.paging import Paging
from core.people.joining import ASK_ACCESS, REFUSE, REFUSE_WITH_WORD, AskForAccess, GrantAccess, RefuseAccess, granting
from core.people.words import ROLES
from core.texts import T, Text
from handlers.buttons import Tap
from handlers.dialogs.menu import Menu
from handlers.joining.states import Joining
from handlers.talk import Talk, Visitor


def access_taps() -> Router:
    """Return the router of the buttons about access that are done with at once."""
    router = Router(name="access_taps")
    router.callback_query(Tap(ASK_ACCESS))(ask)
    router.callback_query(Tap(granting(Role.ADMIN)))(grant)
    router.callback_query(Tap(REFUSE))(refuse)
    return router


def admitting_taps() -> Router:
    """Return the router of those that open a window: for whom stores are to be chosen, or words typed."""
    router = Router(name="admitting_taps")
    router.callback_query(Tap(granting(Role.VIEWER), granting(Role.MANAGER)))(grant_some)
    router.callback_query(Tap(REFUSE_WITH_WORD))(refuse_with_word)
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
    return T("{name} is in now, as {role}.", name=name, role=ROLES[role])


@inject
async def grant_some(
    query: CallbackQuery,
    talk: Talk,
    button: Button,
    dialog_manager: DialogManager,
    entities: FromDishka[ListEntities],
    grant_access: FromDishka[GrantAccess],
) -> Text:
    """Ask for which stores, where there are several; else let the person in at once."""
    _check(talk)
    if (await entities(talk.actor, Section.STORES, paging=Paging(size=1))).total <= 1:
        return await grant(query, talk, button, grant_access)
    await Menu(dialog_manager).anew(Joining.stores, **button.arguments)
    return T("For which stores? Choose below.")


async def refuse_with_word(_query: CallbackQuery, talk: Talk, button: Button, dialog_manager: DialogManager) -> Text:
    _check(talk)
    await Menu(dialog_manager).anew(Joining.word, **button.arguments)
    return T("Type it below.")


@inject
async def refuse(_query: CallbackQuery, talk: Talk, button: Button, refuse_access: FromDishka[RefuseAccess]) -> Text:
    about = button.arguments
    name = await refuse_access(talk.actor, about["telegram_id"], locale=about["locale"])
    return T("The request of {name} was refused.", name=name)


def _check(talk: Talk) -> None:
    """Open no window whose end would be refused."""
    talk.actor.require(Permission.CONFIGURE_ACCESS)
