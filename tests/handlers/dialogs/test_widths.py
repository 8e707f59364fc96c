"""Words on buttons: two in a row only where a phone shows both whole."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.i18n import LOCALES, Translator
from core.texts import T
from handlers.dialogs.widths import beside, breadth, clipped, clipped_apart, in_rows, parted


def rows(*labels: str) -> list[list[str]]:
    return in_rows(labels, str)


def test_short_words_share_a_row_and_long_ones_have_their_own() -> None:
    long = "Wait before the end is confirmed"

    assert rows("Name", "Address", long, "User", "Password") == [["Name", "Address"], [long], ["User", "Password"]]
    assert rows("Name", long, "User") == [["Name"], [long], ["User"]]


def test_narrow_letters_take_less_room_than_wide_ones_and_pictures_more_than_both() -> None:
    assert breadth("illi") < breadth("aeou") < breadth("MWMW") < breadth("🏪🏪🏪🏪")


@given(st.lists(st.text(max_size=40), max_size=30))
def test_nothing_is_lost_or_moved(labels: list[str]) -> None:
    found = in_rows(labels, str)

    assert [label for row in found for label in row] == labels
    assert all(1 <= len(row) <= 2 for row in found)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("abreast", "letters", "labels"),
    [
        (2, 14.5, ["🔑 Renew", "🔁 Try again", "▶️ Resume job", "⏸ Pause the job", "🔁 Run again", "📍 Use this chat"]),
        (2, 14.5, ["↩️ Undo", "☑️ All", "📥 From a file"]),
        (2, 14.5, ["➕ Time", "⏩ Next", "❌ Remove", "✋ By hand", "✔️ Done", "💾 Save"]),  # noqa: RUF001 - a sign on a button
        (3, 9.5, ["⋯ More", "🔽 Filter", "➡️ Go on", "🛠 Manage", "🆕 Add", "🆕 Create", "✖ See all", "☑️ Tick all"]),
        (3, 9.5, ["🏢 All", "💾 Review"]),
        (4, 7, ["−1 h", "−5 min", "+5 min", "+1 h"]),  # noqa: RUF001 - minus signs
    ],
)
def test_what_is_always_abreast_fits_in_every_language(
    locale: str, abreast: int, letters: float, labels: list[str]
) -> None:
    say = Translator(locale, ZoneInfo("UTC"))

    too_long = [said for said in (say(T(label)) for label in labels) if breadth(said) > letters]
    assert too_long == [], f"{abreast} in a row"


def test_counts_stand_beside_each_other_until_a_phone_would_break_one_in_two() -> None:
    assert beside(["✅ 1 verified", "✋ 1 held", "❌ 1 failed"]) == "✅ 1 verified · ✋ 1 held · ❌ 1 failed"
    assert beside(["✅ 1 conferida", "✋ 1 retida", "❌ 1 com falha"]) == "✅ 1 conferida · ✋ 1 retida\n❌ 1 com falha"
    assert beside(["longer than any line of a small phone"]) == "longer than any line of a small phone"
    assert beside(["🌙 1 fora do horário", "🚫 1 cancelada"]) == "🌙 1 fora do horário\n🚫 1 cancelada"
    assert beside([]) == ""


def test_what_something_becomes_stands_below_what_it_was_where_a_line_has_no_room_for_both() -> None:
    assert parted("Switched on: on → off") == "Switched on: on → off"
    assert parted("Stores: all stores → stores with tag south") == "Stores: all stores\n→ stores with tag south"
    assert (
        parted("    Lojas: todas as lojas → 1 loja: 002 Norte") == "    Lojas: todas as lojas\n    → 1 loja: 002 Norte"
    )
    assert parted("Sends the discounts of today to the platform") == "Sends the discounts of today to the platform"


def test_what_is_too_long_for_a_row_keeps_its_beginning_with_a_sign_that_there_is_more() -> None:
    assert clipped("Daily sync", 10) == "Daily sync"
    assert clipped("Daily sync of the northern stores", 14) == "Daily sync of…"
    assert clipped("Daily sync", 0) == "…"


def test_what_would_look_like_another_once_it_is_cut_shows_where_it_differs() -> None:
    north, south = "Daily sync of the northern stores", "Daily sync of the southern stores"
    names = [north, south, "Compare", "Daily sync"]
    assert clipped_apart(north, names, 16) == "…northern stores"
    assert clipped_apart(south, names, 16) == "…southern stores"
    assert clipped_apart("Compare", names, 16) == "Compare"
    assert clipped_apart(north, [north, "Compare"], 16) == "Daily sync of th…"
    assert clipped_apart(f"{north}, all", [north, f"{north}, all"], 16) == "…stores, all"
    numbers = ["SINCRONIZACAODIARIADASLOJAS1", "SINCRONIZACAODIARIADASLOJAS2"]
    assert [clipped_apart(one, numbers, 16) for one in numbers] == ["…1", "…2"]
