"""A window's text: notes above it, each with one sign."""

import re
from zoneinfo import ZoneInfo

import pytest

from core.i18n import Translator
from core.paging import Paging, cut
from core.texts import T, Text
from handlers.dialogs.page import Page, draw
from handlers.dialogs.searching import search_lines
from handlers.formatting import LIMIT, units

INFO = "\N{INFORMATION SOURCE}\N{VARIATION SELECTOR-16}"


def drawn(*notes: Text) -> list[str]:
    text = draw(Page(T("Stores")), notes, Translator("en", ZoneInfo("America/Sao_Paulo")))
    return text.replace("<i>", "").replace("</i>", "").split("\n\n")


@pytest.mark.parametrize("typed", ["x" * 4096, "😀" * 2048])
def test_a_window_fits_a_message_and_keeps_its_heading_whatever_its_notes_and_lines_repeat(typed: str) -> None:
    note = T("“{typed}” is none of the channels.", typed=typed)
    page = Page(T("Notices"), [T("{typed}", typed=typed)] * 9)

    text = draw(page, [note], Translator("en", ZoneInfo("America/Sao_Paulo")))

    assert "<b>Notices</b>" in text
    assert units(re.sub("<.>|</.>", "", text)) <= LIMIT


def test_a_note_gets_a_sign_where_it_has_none_of_its_own() -> None:
    notes = drawn(T("“{name}” is deleted.", name="001"), T("⏸ Sending is paused."), T("2 stores were changed."), T(""))

    signs = [note.partition(" ")[0] for note in notes[:-1]]
    assert signs == [INFO, "⏸", INFO, INFO]
    assert notes[1] == "⏸ Sending is paused."


def test_how_many_things_a_list_has_is_told_by_its_heading_alone() -> None:
    page = Page.of(T("Stores: {n}", n=18), [], [], cut(range(18), Paging(1)))

    text = draw(page, [], Translator("en", ZoneInfo("America/Sao_Paulo")))

    assert text == "<b>Stores: 18</b>\nPage 2 of 3"


def test_how_to_search_a_list_is_not_said_where_its_verbs_have_taken_its_place() -> None:
    found = cut(list(range(20)), Paging(0, 6))
    told = [T("Tap the stores."), *search_lines("", found)]

    assert [str(line) for line in told] == ["Tap the stores.", "Type part of a name to search."]
    assert list(Page(T("Stores"), told).unfold().lines) == [T("Tap the stores.")]
