"""What the windows of the home menu show."""

from core.chat.status import ShowStatus
from core.texts import T
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Page
from handlers.menu.home.words import HOME, brake, jobs, running, troubles


async def main_page(menu: Menu) -> Page:
    found = await (await menu.get(ShowStatus))(menu.actor)
    lines = [*brake(found), *running(found)]
    if menu.talk.private:
        lines += troubles(found)
    return Page(HOME, lines)


async def status_page(menu: Menu) -> Page:
    found = await (await menu.get(ShowStatus))(menu.actor)
    return Page(T("How things stand"), [*brake(found), *running(found), *jobs(found), *troubles(found)])
