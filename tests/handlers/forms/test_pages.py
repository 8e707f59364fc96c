"""The page of an entity leads straight to its form's pages and fields, and stays a keyboard of eight rows."""

from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel, Field

from core.configuration.wanted import Section
from core.forms.describing import describe
from core.forms.entities import form_parts
from core.forms.form import Form, Part
from core.forms.loading import is_tapped
from core.i18n import LOCALES, Translator
from core.jobs.model import JobType
from core.jobs.settings import settings_model
from handlers.dialogs.page import ROWS
from handlers.dialogs.widths import packed
from handlers.forms.pages import further_pages, rows_of
from tests.kit.every_module import kit_registry

VERBS = {Section.INTEGRATIONS: 6, Section.CHANNELS: 6, Section.JOBS: 8}
"""Buttons of an entity's page beside those of its form, *Undo* among them."""
MODULES = [(Section.INTEGRATIONS, one) for one in ("rp", "crescevendas", "every")]
CHANNELS = [(Section.CHANNELS, one) for one in ("telegram", "email", "webhook")]
JOBS = [(Section.JOBS, one.value) for one in JobType]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("section", "kind"), [*MODULES, *CHANNELS, *JOBS])
def test_every_field_is_on_a_page_that_is_a_tap_away_and_the_keyboard_keeps_to_eight_rows(
    section: Section, kind: str, locale: str
) -> None:
    model = settings_model(JobType(kind)) if section is Section.JOBS else kit_registry().settings_model(kind)
    lines = Form(form_parts(section, model, new=False), {}).lines()
    say = Translator(locale, ZoneInfo("UTC"))
    pages = further_pages(lines, say)
    reached = {(False, 0), *((page.advanced, page.number) for page in pages)}
    for advanced in (False, True):
        rows = rows_of(lines, say, advanced=advanced)
        assert {(advanced, number // ROWS) for number in range(len(rows))} <= reached
    labels = [say(page.label) for page in pages]
    fields = [say(line.part.field.label) for line in lines if is_tapped(line.part.field)]
    if kind != "every":
        assert len(packed(labels, str)) + len(packed(fields, str)) + -(-VERBS[section] // 2) + 1 <= 8
    assert len(set(labels)) == len(labels)
    assert sum(page.advanced for page in pages) <= 1, "what is needed seldom has one page"


def test_of_several_pages_of_what_is_needed_seldom_each_is_called_by_what_is_on_it() -> None:
    class Seldom(BaseModel):
        attempts_before_it_gives_up: int = Field(1, json_schema_extra={"advanced": True})
        folder_for_what_was_refused: str = Field("", json_schema_extra={"advanced": True, "group": "Folders"})
        folder_for_what_was_taken_in: str = Field("", json_schema_extra={"advanced": True, "group": "Folders"})
        format_of_every_single_file: str = Field("", json_schema_extra={"advanced": True, "group": "Files"})
        ending_of_every_single_file: str = Field("", json_schema_extra={"advanced": True, "group": "Files"})
        letters_of_every_single_file: str = Field("", json_schema_extra={"advanced": True, "group": "Files"})
        pause_between_two_of_them_all: int = Field(1, json_schema_extra={"advanced": True, "group": "Pace"})

    lines = Form(tuple(Part((one.name,), one, Seldom) for one in describe(Seldom)), {}).lines()
    pages = further_pages(lines, say := Translator("en", ZoneInfo("UTC")))

    assert [say(page.label) for page in pages] == ["⚙️ Folders, Files", "⚙️ Pace"]
