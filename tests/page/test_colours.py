"""The page's colours, by the contrast that WCAG 2.2 asks for: 4.5 for words, 3 for the edge of a field."""

import re

import pytest

from sandbox.page.server import STATIC

CSS = (STATIC / "css" / "base.css").read_text()
THEMES = {name: dict(re.findall(r"--([\w-]+): (#\w+);", CSS.split(start)[1].split("}")[0]))
          for name, start in (("light", ":root {"), ("dark", '[data-theme="dark"] {'))}  # fmt: skip
READ_ON = {
    "ink": ("paper", "back", "in", "out", "chip", "code", "warm"),
    "soft": ("paper", "back", "in", "out", "chip"),
    "accent": ("paper", "in", "out"),
    "danger": ("paper",),
    "good": ("paper",),
    "on-accent": ("accent",),
}
PAIRS = [(words, behind) for words, places in READ_ON.items() for behind in places]
LINEAR_BELOW = 0.04045


def brightness(colour: str) -> float:
    """Return the relative luminance of `#rgb` or `#rrggbb`."""
    digits = colour[1:] if len(colour) > 4 else "".join(2 * one for one in colour[1:])
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= LINEAR_BELOW else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((brightness(one), brightness(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_words_stand_out_from_whatever_is_behind_them(theme: str) -> None:
    colours = THEMES[theme]

    faint = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in PAIRS}

    assert {pair: found for pair, found in faint.items() if found < 4.5} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_where_one_may_write_is_seen(theme: str) -> None:
    assert contrast(THEMES[theme]["edge"], THEMES[theme]["paper"]) >= 3
