"""The key of an authenticator app as a picture: sent by itself, never kept in the outbox, and taken away after use."""

import asyncio
import io

import segno
from aiogram.enums import ParseMode
from aiogram.methods import SendPhoto
from aiogram.types import BufferedInputFile
from aiogram.utils.formatting import Code
from aiogram.utils.formatting import Text as Node

from core.errors import Conflict
from core.people.choosing import OfferApp
from core.texts import T
from handlers.dialogs.menu import Menu
from handlers.formatting import say

_PICTURE = "picture"
_DOT_PIXELS = 8


async def show_key(menu: Menu) -> None:
    """Send a new key as a QR code, with the key to copy below it."""
    await take_picture_away(menu)
    offer = await menu.use(OfferApp)(menu.actor)
    words = T("Key of your authenticator app for {name}. Show it to nobody:", name=offer.issuer)
    caption = Node(say(menu.talk.translator, words), "\n", Code(offer.key))
    call = SendPhoto(
        chat_id=menu.talk.chat.chat_id,
        message_thread_id=menu.talk.chat.thread_id,
        photo=BufferedInputFile(await asyncio.to_thread(drawn, offer.address), "key.png"),
        caption=caption.as_html(),
        parse_mode=ParseMode.HTML,
    )
    sent = await menu.messages.send(call)
    if sent is None:
        raise Conflict(T("The picture could not be sent. Try again."))
    menu.data.update({"key": offer.key, _PICTURE: sent})


async def take_picture_away(menu: Menu) -> None:
    """Delete the picture, if there is one; say so where Telegram does not let it go."""
    sent = menu.data.pop(_PICTURE, None)
    if sent is not None and not await menu.messages.take_away(menu.talk.chat.chat_id, sent):
        menu.note(T("I could not take the picture with the key away. Delete it yourself."))


def drawn(address: str) -> bytes:
    """Return an address as a QR code, a PNG."""
    made = io.BytesIO()
    segno.make_qr(address, error="m").save(made, kind="png", scale=_DOT_PIXELS)
    return made.getvalue()
