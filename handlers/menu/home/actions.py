"""What the buttons of the home menu do."""

from handlers.dialogs.menu import Menu
from handlers.dialogs.places import Home


async def show_status(menu: Menu) -> None:
    await menu.go(Home.status)
