"""Whatever is to be said fits into messages that Telegram takes."""

from zoneinfo import ZoneInfo

from aiogram.utils.formatting import Bold, Italic
from aiogram.utils.formatting import Text as Node
from hypothesis import given
from hypothesis import strategies as st

from core.i18n import Translator
from core.texts import T
from handlers.formatting import LIMIT, draw_body, keyboard, neutral, say, shorten, split, units

ENGLISH = Translator("en", ZoneInfo("UTC"))
ANY_TEXT = st.text(st.characters(codec="utf-16"), max_size=60)
WORDS = st.lists(
    st.one_of(ANY_TEXT, ANY_TEXT.map(Bold), ANY_TEXT.map(lambda text: Italic("🛒", Bold(text)))), max_size=30
)


@given(WORDS, st.integers(5, 80))
def test_parts_are_within_the_limit_and_lose_nothing_but_white_space(words: list[object], limit: int) -> None:
    node = Node(*words)
    whole, entities = node.render()

    parts = split(node, limit)

    assert all(0 < units(text) <= limit and text == text.strip() for text, _ in parts)
    assert "".join("".join(text.split()) for text, _ in parts) == "".join(whole.split())
    for text, kept in parts:
        assert all(one.offset >= 0 and one.offset + one.length <= units(text) and one.length > 0 for one in kept)
    assert bool(any(kept for _, kept in parts)) <= bool(entities)


@given(st.text(max_size=9000))
def test_every_message_of_the_outbox_is_at_most_4096_units(words: str) -> None:
    body = {
        "title": T("{words}", words=words).to_json(),
        "lines": [T("{words}", words=words).to_json()] * 2,
        "locale": "en",
    }

    parts, _ = draw_body(ENGLISH, body)

    assert all(0 < units(text) <= LIMIT for text, _ in parts)


def test_an_entity_goes_on_in_the_next_part() -> None:
    parts = split(Node("ab ", Bold("cd ef gh")), 6)

    assert [(text, [(one.offset, one.length) for one in kept]) for text, kept in parts] == [
        ("ab cd", [(3, 2)]),
        ("ef gh", [(0, 5)]),
    ]


def test_a_cut_never_halves_a_pair_of_surrogates() -> None:
    assert [text for text, _ in split(Node("🛒🛒🛒"), 3)] == ["🛒", "🛒", "🛒"]


@given(st.text(st.characters()))
def test_data_can_neither_break_a_line_nor_turn_the_text_around(data: str) -> None:
    shown = neutral(data)

    shown.encode("utf-16-le")
    assert not set(shown) & set("\n\r\x00\x1b\u202e\u2066\u200f\u2028")


def test_a_store_called_like_markup_is_shown_as_it_is_called() -> None:
    assert say(ENGLISH, T("{store}: held", store="<b>001</b>\n*x*")) == "<b>001</b>\\n*x*: held"


@given(st.text(st.characters(codec="utf-16")), st.integers(2, 30))
def test_a_shortened_text_keeps_to_its_limit(text: str, limit: int) -> None:
    assert units(shorten(text, limit)) <= limit


def test_buttons_carry_nothing_but_an_opaque_id_of_at_most_64_bytes() -> None:
    drawn = keyboard([[("Cancel " * 20, "x" * 22)], []])

    assert drawn is not None
    ((button,),) = drawn.inline_keyboard
    assert button.callback_data == "b:" + "x" * 22
    assert units(button.text) <= 60
