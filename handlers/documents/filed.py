"""The document that was sent, as its dialog keeps it: packed, and sealed in the database.

Not by its file at Telegram: a message with secrets is deleted at once, and its file with it.
"""

import base64
import zlib

from core.errors import BadInput
from core.texts import T
from handlers.dialogs.menu import Menu

CONTENT, PLAN = "content", "plan"


def pack(content: bytes) -> str:
    return base64.b85encode(zlib.compress(content)).decode()


def keep(menu: Menu, content: bytes) -> None:
    menu.data[CONTENT] = pack(content)
    menu.data.pop(PLAN, None)
    menu.turn(0, PLAN)


def kept(menu: Menu) -> bytes:
    """Return the document. Raises BadInput when there is none any more."""
    packed = menu.data.get(CONTENT)
    if packed is None:
        raise BadInput(T("The file is not there any more. Send it again."))
    return zlib.decompress(base64.b85decode(packed))
