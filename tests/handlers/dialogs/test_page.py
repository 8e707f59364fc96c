"""A window's text: notes above it, each with one sign."""

from zoneinfo import ZoneInfo

from core.i18n import Translator
from core.texts import T, Text
from handlers.dialogs.page import Page, draw

INFO = "\N{INFORMATION SOURCE}\N{VARIATION SELECTOR-16}"


def drawn(*notes: Text) -> list[str]:
    text = draw(Page(T("Stores")), notes, Translator("en", ZoneInfo("America/Sao_Paulo")))
    return text.replace("<i>", "").replace("</i>", "").split("\n\n")


def test_a_note_gets_a_sign_where_it_has_none_of_its_own() -> None:
    notes = drawn(T("“{name}” is deleted.", name="001"), T("⏸ Sending is paused."), T("2 stores were changed."), T(""))

    signs = [note.partition(" ")[0] for note in notes[:-1]]
    assert signs == [INFO, "⏸", INFO, INFO]
    assert notes[1] == "⏸ Sending is paused."
