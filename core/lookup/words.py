"""What people type when they look for a product, and the form in which names are searched."""

import re
from dataclasses import dataclass

from core.forms.words import unaccented

_EAN_LENGTHS = (8, 12, 13, 14)
_LONGEST_CODE = 18
_MOST_WORDS = 6
_NO_WORD = re.compile(r"[\W_]+")
_GROUPED = re.compile(r"\d[\d .-]*\d|\d")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question understood: digits (a code, a barcode, or either), or words of a name.

    `code` has no leading zeros; `barcode` neither, and is only set for the length of one.
    """

    text: str
    code: str = ""
    barcode: str = ""
    words: tuple[str, ...] = ()

    @property
    def digits(self) -> str:
        """Return the number as it was typed, leading zeros included; nothing for words."""
        return self.words[0] if self.code else ""


def understand(text: str) -> Wanted:
    """Read a code, a barcode (blanks, dots and dashes inside do not matter), or words."""
    text = " ".join(text.split())
    digits = re.sub(r"[ .-]", "", text) if _GROUPED.fullmatch(text) else ""
    code = digits.lstrip("0")
    if code and digits.isascii() and len(digits) <= _LONGEST_CODE:
        return Wanted(text, code, code if len(digits) in _EAN_LENGTHS else "", (digits,))
    return Wanted(text, words=tuple(folded(text).split()[:_MOST_WORDS]))


def folded(text: str) -> str:
    """Return the words of a text in lower case, without accents and signs, one blank apart."""
    bare = text if text.isascii() else unaccented(text)
    return _NO_WORD.sub(" ", bare.casefold()).strip()


def searchable(name: str) -> str:
    """Return a name so that every word of it begins after a blank."""
    return f" {folded(name)}"
