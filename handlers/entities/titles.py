"""What modules call themselves, in the person's language."""

from handlers.dialogs.menu import Menu
from jobs.modules import NameModules


async def module_titles(menu: Menu) -> dict[str, str]:
    """Return the titles of modules by their names."""
    titles: dict[str, str] = await menu.use(NameModules)(menu.actor)
    return titles
