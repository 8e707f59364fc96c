"""What people type, made comparable: without case, accents, and signs that do not show."""

import unicodedata

from core.errors import BadInput
from core.texts import T

LONGEST = 4000
_MARKS = frozenset("\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
_CONTROLS = {"Cc", "Cs"}


def plain(text: str) -> str:
    """Return typed text fit to be kept. Raises BadInput for what no field takes.

    Signs that do not show and those that turn the direction of writing are refused, for a name
    with them looks like another name.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    if len(text) > LONGEST:
        raise BadInput(T("That is too long: at most {most} characters. Send a shorter text.", most=LONGEST))
    if any(sign in _MARKS or (unicodedata.category(sign) in _CONTROLS and sign != "\n") for sign in text):
        raise BadInput(T("That text holds signs that do not show. Type it anew instead of pasting it."))
    if not text:
        raise BadInput(T("That is empty. Type something, or go back."))
    return text


def folded(text: str) -> str:
    """Return text for comparing: `Não` becomes `nao`."""
    apart = unicodedata.normalize("NFKD", text.strip())
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).casefold()
