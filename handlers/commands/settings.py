"""/integrations, /jobs, /channels, /users, /settings, /pin, /audit, links to a form, and /cancel while one is open."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import CommandObject, CommandStart, Filter
from aiogram.fsm.state import State
from aiogram.types import Message
from aiogram_dialog import DialogManager

from core.configuration.wanted import Section
from core.errors import ChimeraError
from core.forms.renewing import FindSecret
from core.texts import T
from handlers.audit.states import Audit
from handlers.confirming.states import Confirming
from handlers.dialogs.menu import Menu
from handlers.documents.states import Documents
from handlers.entities.states import Entities
from handlers.forms.states import Form
from handlers.joining.states import Joining
from handlers.menu.modules.states import Modules
from handlers.menu.stores.states import Stores
from handlers.middlewares.spoken import Named
from handlers.talk import Talk

_LISTS = {
    "integrations": Section.INTEGRATIONS,
    "jobs": Section.JOBS,
    "channels": Section.CHANNELS,
    "users": Section.USERS,
}
_BEGUN = frozenset(
    {
        *(state for state in Form.__states__ if state != Form.done),
        *Confirming.__states__,
        *Documents.__states__,
        *(Joining.role, Joining.stores, Joining.lifetime, Joining.word),
        *(Entities.kinds, Entities.tag, Entities.file, Entities.confirm),
        *(Stores.confirm, Modules.confirm),
    }
)
"""Where something is being filled in that is not saved yet."""
_FORM_LINK = re.compile(rf"form-(?P<section>{'|'.join(Section)})-(?:(?P<id>\d{{1,9}})|(?P<kind>[a-z_]{{1,32}}))")
_RENEWAL_LINK = re.compile(r"renew-(?P<id>\d{1,9})-(?P<job>\d{1,9})")


def settings_router() -> Router:
    """Return the router of the commands that lead to settings."""
    router = Router(name="settings")
    router.message(CommandStart(deep_link=True), _Link(_FORM_LINK))(open_link)
    router.message(CommandStart(deep_link=True), _Link(_RENEWAL_LINK))(open_renewal)
    for name, section in _LISTS.items():
        router.message(Named(name))(_opening(section))
    router.message(Named("settings"))(settings)
    router.message(Named("pin"))(pin)
    router.message(Named("audit"))(audit)
    router.message(Named("cancel"))(leave_form)
    return router


async def settings(_message: Message, talk: Talk, dialog_manager: DialogManager) -> None:
    home = talk.actor.organisation_id
    await open_menu(dialog_manager, Entities.one, section=Section.ORGANISATION.value, entity_id=home)


async def pin(_message: Message, dialog_manager: DialogManager) -> None:
    await open_menu(dialog_manager, Confirming.ways)


async def audit(_message: Message, dialog_manager: DialogManager) -> None:
    await open_menu(dialog_manager, Audit.entries)


async def leave_form(_message: Message, dialog_manager: DialogManager) -> None:
    """Leave what is being filled in; else the command means runs, which others know of."""
    if not dialog_manager.has_context() or dialog_manager.current_context().state not in _BEGUN:
        raise SkipHandler
    menu = Menu(dialog_manager)
    menu.note(T("All right, I put the form away. Nothing was saved."))
    await menu.home()


async def open_link(_message: Message, link: re.Match[str], dialog_manager: DialogManager) -> None:
    """Open the form that a link from a group leads to; what may be seen there is checked as always."""
    if link["id"]:
        await open_menu(dialog_manager, Form.page, section=link["section"], entity_id=int(link["id"]))
    else:
        await open_menu(dialog_manager, Form.page, section=link["section"], kind=link["kind"])


async def open_renewal(_message: Message, link: re.Match[str], dialog_manager: DialogManager) -> None:
    """Open the secret that a link from a group leads to."""
    await open_secret(dialog_manager, Section.INTEGRATIONS, int(link["id"]), int(link["job"]))


async def open_secret(manager: DialogManager, section: Section, entity_id: int, job_id: int | None) -> None:
    """Open the form of an integration or channel at its secret; once that is saved, a job can be run again.

    Without a job it was switched off for want of the secret, and goes on with it.
    """
    menu = Menu(manager)
    try:
        field = await menu.use(FindSecret)(menu.actor, section, entity_id)
    except ChimeraError as error:
        menu.note(error.text)
        await menu.home()
        return
    about: dict[str, Any] = {"section": section.value, "entity_id": entity_id, "field": list(field)}
    about |= {"preset": {"enabled": True}} if job_id is None else {"job_id": job_id}
    await open_menu(manager, Form.page, **about)


class _Link(Filter):
    """Lets a handler have what a link into the private chat says."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern

    async def __call__(self, _message: Message, command: CommandObject, talk: Talk) -> bool | dict[str, Any]:
        link = self._pattern.fullmatch(command.args or "")
        return {"link": link} if talk.private and link is not None else False


async def open_menu(manager: DialogManager, state: State, **data: Any) -> None:
    """Open a dialog; who may not see it finds home instead, and why."""
    menu = Menu(manager)
    try:
        await menu.anew(state, **data)
    except ChimeraError as error:
        menu.note(error.text)
        await menu.home()


def _opening(section: Section) -> Callable[..., Awaitable[None]]:
    async def open_list(_message: Message, dialog_manager: DialogManager) -> None:
        await open_menu(dialog_manager, Entities.all, section=section.value)

    return open_list
