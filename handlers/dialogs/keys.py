"""The buttons of one window."""

from dataclasses import dataclass

from aiogram.enums import ButtonStyle
from aiogram.types import InlineKeyboardButton
from aiogram_dialog.utils import CB_SEP

from core.i18n import Translator
from core.texts import Text
from handlers.formatting import say, shorten

_LABEL = 60
"""A button never says more; a phone cuts it long before."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Makes buttons in their reader's language, whose taps only the dialog has that is open now.

    Each is made whole at once: the library would write that dialog's id into it afterwards, and judge it anew.
    """

    translator: Translator
    dialog_id: str

    def key(self, words: Text | str, data: str, style: ButtonStyle | None = None) -> InlineKeyboardButton:
        return InlineKeyboardButton(text=self.said(words), callback_data=f"{self.dialog_id}{CB_SEP}{data}", style=style)

    def link(self, words: Text, url: str) -> InlineKeyboardButton:
        return InlineKeyboardButton(text=self.said(words), url=url)

    def said(self, words: Text | str) -> str:
        return shorten(say(self.translator, words) if isinstance(words, Text) else words, _LABEL)
