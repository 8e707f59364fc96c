"""Own words for a channel, by chat: typed, previewed as they would be sent, saved, taken back."""

from collections.abc import AsyncIterator

import pytest

from core.channels.model import Channel
from core.executions.states import Outcome, State
from core.history.model import Version
from core.stores.model import Store
from handlers.forms.states import Form
from tests.handlers.kit import GROUP, Desk
from tests.handlers.menu_kit import Walk, opener

HELD = (Outcome.VERIFIED, Outcome.VERIFIED, Outcome.HELD)


async def ops(desk: Desk) -> Channel:
    found: Channel = next(row for row in await desk.rows(Channel) if row.name == "Ops")
    return found


@pytest.fixture
async def words(desk: Desk) -> AsyncIterator[Walk]:
    """Ana before the words of the group's channel."""
    given = {"section": "channels", "entity_id": (await ops(desk)).id}
    async with opener(desk, {"words": Form.page}, {"words": given}):
        walk = Walk(desk, desk.ana)
        await walk.says("/open words")
        await walk.taps("Own words")
        yield walk


async def test_it_takes_five_taps_from_home_to_write_them(desk: Desk, words: Walk) -> None:
    await words.says("/menu")
    await words.taps("Notifications", "Ops", "Change", "Own words", "Success")
    assert "Now: the standard text." in words.text
    assert "{verified}: how many of them are good" in words.text


async def test_what_is_typed_is_shown_as_it_would_be_sent_of_the_last_such_run(desk: Desk, words: Walk) -> None:
    await desk.set_row(Store, desk.store_ids[2], name="<b>{token}</b>")
    await desk.end_run(await desk.start_run(GROUP, outcomes=HELD), State.PARTIAL)
    await words.taps("Partial")
    text = await words.says("⚠️ {job}: {held} <i>held</i>\n\n{details}")
    preview = text.partition("Preview, made from the run of")[2]
    assert "⚠️ Daily sync: 1 <i>held</i>\n\n• <b>{token}</b>" in preview

    await words.taps("Save")
    row = await ops(desk)
    assert row.templates == {"partial": "⚠️ {job}: {held} <i>held</i>\n\n{details}"}
    assert [one for one in await desk.rows(Version) if one.entity == "channel" and one.entity_id == row.id]
    await words.taps("Undo")
    assert (await ops(desk)).templates == {}


async def test_an_unknown_placeholder_is_named_what_was_typed_stays_and_nothing_is_kept(
    desk: Desk, words: Walk
) -> None:
    await words.taps("Success")
    text = await words.says("All good, {token}!")
    assert "there is no placeholder {token} here. There are: {organisation}, {job}" in text
    assert "You typed:\nAll good, {token}!" in text
    assert "Preview" not in text
    assert "Save" not in " ".join(words.labels)
    assert "has no partner" in await words.says("All good, {job")
    assert "Now, in your words:\nAll good, {job}" in await words.says("All good, {job}")
    assert "⚠️" not in words.text


async def test_the_standard_text_comes_back_with_one_tap(desk: Desk, words: Walk) -> None:
    await words.taps("Held")
    await words.says("{held} wait")
    await words.taps("Save")
    await words.says("/open words")
    assert "✏️ Held" in " ".join(await _labels(words, "Own words"))
    await words.taps("Held", "Standard text", "Save")
    assert (await ops(desk)).templates == {}


async def test_every_event_has_a_preview_even_where_none_ever_happened(words: Walk) -> None:
    for label in [label for label in words.labels if label.startswith("▫️")]:
        await words.taps(label)
        assert "made-up numbers" in await words.says("{job}: {result}"), label
        assert "{" not in words.text.partition("made-up numbers")[2], label
        await words.taps("Other event")


async def test_words_without_end_do_not_break_the_window(words: Walk) -> None:
    await words.taps("Success")
    assert "too long" in await words.says("x" * 1001)
    assert "made-up numbers" in await words.says("{details}\n" * 90)


async def test_a_stored_text_from_before_an_upgrade_is_named_and_can_be_mended(desk: Desk, words: Walk) -> None:
    await desk.set_row(Channel, (await ops(desk)).id, templates={"success": "{gone}"})
    await words.says("/open words")
    assert "no placeholder {gone} here" in await words.taps("Own words", "Success")
    await words.says("{job}")
    await words.taps("Save")
    assert (await ops(desk)).templates == {"success": "{job}"}


async def test_a_stored_text_that_is_in_the_way_of_another_change_is_led_to(desk: Desk, words: Walk) -> None:
    await desk.set_row(Channel, (await ops(desk)).id, templates={"success": "{gone}"})
    await words.says("/open words")
    await words.taps("Language")
    assert "no placeholder {gone} here" in await words.taps("Español")
    await words.taps("Success")
    await words.says("{job}")
    await words.taps("Save")
    assert ((row := await ops(desk)).locale, row.templates) == ("es", {"success": "{job}"})


async def _labels(walk: Walk, tap: str) -> list[str]:
    await walk.taps(tap)
    return walk.labels
