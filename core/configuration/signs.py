"""Signs that do not show, or turn the direction of writing: a name with them looks like another name."""

import unicodedata

_UNSEEN = frozenset(
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062"
    "\u2063\u2064\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\u3164\ufeff\uffa0"
)
_TAGS = range(0xE0000, 0xE0080)
_CONTROLS = {"Cc", "Cs"}
_SHOWN = {"L", "N", "P", "S"}
_LINE_ENDS = {"Zl", "Zp"}


def composed(text: str) -> str:
    """Return the one way to write a text of which there are several, such as with an accent of its own."""
    return unicodedata.normalize("NFC", text)


def is_unseen(sign: str) -> bool:
    """Tell whether a sign does not show; joiners do not count, for families of emoji and some scripts need them."""
    return sign in _UNSEEN or ord(sign) in _TAGS or unicodedata.category(sign) in _CONTROLS


def is_one_line(text: str) -> bool:
    """Tell whether a text is a line of signs that show."""
    return not any(is_unseen(sign) or unicodedata.category(sign) in _LINE_ENDS for sign in text)


def shows(text: str) -> bool:
    """Tell whether there is anything to see: a letter, a number, a sign; blanks, joiners and loose accents are none."""
    return any(unicodedata.category(sign)[0] in _SHOWN for sign in text)
