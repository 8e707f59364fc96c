"""/export and /import: the configuration as a file, out and in; and files that are sent without a word."""

from aiogram import F, Router
from aiogram.types import Message
from aiogram_dialog import DialogManager
from dishka.integrations.aiogram import FromDishka, inject

from core.clock import Clock
from core.configuration.exporting import ExportDocument
from core.configuration.wanted import Section
from handlers.commands.settings import open_menu
from handlers.dialogs.menu import Menu
from handlers.documents.actions import taken
from handlers.documents.exporting import exported
from handlers.documents.filed import pack
from handlers.documents.states import Documents
from handlers.entities.files import sheet
from handlers.entities.states import Entities
from handlers.middlewares.spoken import Named
from handlers.talk import Talk

_CONFIGURATION = (".yaml", ".yml")
_SHEETS = (".csv", ".xlsx")


def add_export(router: Router) -> None:
    """Add /export."""
    router.message(Named("export"))(export)


def documents_router() -> Router:
    """Return the router of /import, and of YAML files whatever is open: nothing else takes them."""
    router = Router(name="documents")
    router.message(Named("import"))(import_document)
    router.message(F.chat.type == "private", F.document.file_name.lower().endswith(_CONFIGURATION))(take_yaml)
    return router


def sheets_router() -> Router:
    """Return the router of spreadsheets that no open window took: they hold stores."""
    router = Router(name="sheets")
    router.message(F.chat.type == "private", F.document.file_name.lower().endswith(_SHEETS))(take_sheet)
    return router


@inject
async def export(_message: Message, talk: Talk, document: FromDishka[ExportDocument], clock: FromDishka[Clock]) -> None:
    talk.send(await exported(talk, document, clock))


async def import_document(_message: Message, dialog_manager: DialogManager) -> None:
    await open_menu(dialog_manager, Documents.take)


async def take_yaml(message: Message, dialog_manager: DialogManager) -> None:
    """Show what a configuration file would do, or why it is not taken."""
    content = await taken(Menu(dialog_manager), message)
    await open_menu(dialog_manager, Documents.plan, content=pack(content))


async def take_sheet(message: Message, dialog_manager: DialogManager) -> None:
    """Show what a spreadsheet of stores would do."""
    file = sheet(message)
    await open_menu(dialog_manager, Entities.file, section=Section.STORES.value, file=file)
