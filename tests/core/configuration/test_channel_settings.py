"""How channels speak, in a document: language, quiet hours and own words (CH-14, X-8)."""

import pytest

from tests.kit.configuration import Configuration

CHANNEL = "version: 1\nchannels:\n  - name: Ops\n    module: chat\n    settings: {{chat_id: -1001}}\n    {}\n"
WORDS = """\
version: 1
channels:
  - name: Ops
    module: chat
    settings: {chat_id: -1001}
    locale: es
    quiet_hours: 21h-7h
    templates:
      success: "{verified} of {stores}"
      failure: |
        {job} failed.
        {details}
"""


async def test_they_are_applied_exported_and_applied_again_without_a_change(quick: Configuration) -> None:
    await quick.apply(WORDS)
    exported = await quick.export()
    assert "    locale: es\n    quiet_hours: 21:00-07:00\n    templates:\n" in exported
    assert "      failure: |-\n        {job} failed.\n        {details}\n" in exported
    assert (await quick.apply(exported)).empty


async def test_words_left_out_are_kept_and_empty_ones_taken_back(quick: Configuration) -> None:
    await quick.apply(WORDS)
    plan = await quick.apply(CHANNEL.format('templates: {success: "  ", held: "{held} wait"}'))
    said = quick.words(list(plan.lines()))
    assert "    templates.success: {verified} of {stores} → none" in said
    assert "    templates.held: none → {held} wait" in said
    exported = await quick.export()
    assert "failure: |-" in exported
    assert "success" not in exported


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('templates: {success: "{job} {token}"}', "there is no placeholder {token} here. There are: {organisation}, "),
        ('templates: {start: "{details}"}', "there is no placeholder {details} here."),
        ('templates: {held: "{held"}', "the brace in “{held” has no partner."),
        ('templates: {sucess: "x"}', "is unknown here. Did you mean “success”?"),
        ("templates: {success: 7}", "must be text."),
        ("locale: pt", "“pt” is not a language of Chimera."),
        ("quiet_hours: all night", "“all night” are no hours."),
    ],
)
async def test_what_is_wrong_is_told_with_its_line_and_nothing_is_saved(
    quick: Configuration, line: str, said: str
) -> None:
    (problem,) = await quick.refused(CHANNEL.format(line))
    assert problem.startswith("Line 6")
    assert said in problem
    assert "Ops" not in await quick.export()
