"""Taking a document in: looked at first, carried out only as it was shown."""

from aiogram.types import Message
from aiogram_dialog import DialogManager
from aiogram_dialog.widgets.input import MessageInput

from core.access import Actor, Permission
from core.configuration.applying import ApplyDocument
from core.configuration.plan import Kind, Plan
from core.configuration.source import MAX_BYTES
from core.configuration.spotting import SecretSpotter
from core.configuration.wanted import Section
from core.connections.waiting import waits
from core.entities.viewing import ListEntities
from core.errors import BadInput, Conflict
from core.outbox.content import Choice
from core.texts import TN, T, Text
from handlers.confirming.asking import guarded
from handlers.dialogs.menu import Menu
from handlers.dialogs.secrecy import take_away
from handlers.documents.filed import PLAN, keep, kept
from handlers.documents.getters import PRIVATE
from handlers.documents.states import Documents
from handlers.files import download
from jobs.connections import RENEW

_PRUNE = "prune"


async def take_document(message: Message, _input: MessageInput, manager: DialogManager) -> None:
    menu = Menu(manager)
    keep(menu, await taken(menu, message))
    await menu.go(Documents.plan)


async def taken(menu: Menu, message: Message) -> bytes:
    """Return a document that was sent; one that holds secrets is taken away from the chat."""
    menu.actor.require(Permission.CONFIGURE_ACCESS)
    document = message.document
    if document is None or (document.file_size or 0) > MAX_BYTES:
        raise BadInput(T("The file is larger than 1 MB. A configuration is text, and smaller than that."))
    content = await download(menu.bot, document.file_id)
    if (await menu.get(SecretSpotter))(content):
        await take_away(menu, message)
        menu.note(T("The file holds secrets, so I do not leave it in the chat."))
    if not menu.talk.private:
        raise BadInput(PRIVATE)
    return content


async def apply(menu: Menu) -> Text | None:
    menu.data[_PRUNE] = False
    return await guarded(menu, Documents.confirm, carry_out)


async def prune(menu: Menu) -> None:
    menu.turn(0, PLAN)
    await menu.go(Documents.removal)


async def apply_and_remove(menu: Menu) -> Text | None:
    menu.data[_PRUNE] = True
    return await guarded(menu, Documents.confirm, carry_out)


async def carry_out(menu: Menu, actor: Actor) -> None:
    """Apply what was agreed to."""
    prune = bool(menu.data.get(_PRUNE))
    try:
        plan: Plan = await menu.use(ApplyDocument)(
            actor, kept(menu), prune=prune, expected=menu.data.get(PLAN, ""), unfinished=True
        )
    except Conflict:
        await menu.go(Documents.removal if prune else Documents.plan)
        raise
    sums = [
        T("created: {n}", n=plan.count(Kind.CREATE)),
        T("changed: {n}", n=plan.count(Kind.CHANGE) + plan.count(Kind.RENAME)),
        T("removed: {n}", n=plan.count(Kind.REMOVE)),
    ]
    menu.note(T("✅ Applied ({sums}).", sums=[one for one in sums if one.params["n"]]))
    await _ask_for_secrets(menu)
    await menu.back()


async def _ask_for_secrets(menu: Menu) -> None:
    """Bring a button for every integration and channel whose secret the file left out."""
    listed = await menu.get(ListEntities)
    for section, key in ((Section.INTEGRATIONS, "integration_id"), (Section.CHANNELS, "channel_id")):
        found = (await listed(menu.actor, section)).rows
        waiting = [one for one in found if waits(one.trouble)]
        if waiting:
            choices = [
                [Choice(T("🔑 Renew: {name}", name=one.name), RENEW, {key: one.id, "job_id": None})] for one in waiting
            ]
            menu.talk.say(_left_out(section, len(waiting)), choices=choices)


def _left_out(section: Section, number: int) -> Text:
    if section is Section.INTEGRATIONS:
        return TN(
            "{n} integration is switched off: the file left its secret out. Tap to give it.",
            "{n} integrations are switched off: the file left their secrets out. Tap to give them.",
            number,
        )
    return TN(
        "{n} channel is switched off: the file left its secret out. Tap to give it.",
        "{n} channels are switched off: the file left their secrets out. Tap to give them.",
        number,
    )
