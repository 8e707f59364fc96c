"""What people type, made comparable: without case, accents, and signs that do not show."""

import unicodedata

from core.configuration.signs import composed, is_unseen, shows
from core.errors import BadInput
from core.texts import T

LONGEST = 4000
_YES = frozenset({"yes", "y", "sim", "s", "si", "on", "true", "verdadeiro", "1", "ok", "x", "✅", "☑", "✔"})
_YES |= {"ligado", "ligada", "ativo", "ativa", "activo", "activa", "encendido"}
_NO = frozenset({"no", "n", "nao", "off", "false", "falso", "0", "❌", "☐"})
_NO |= {"desligado", "desligada", "inativo", "inativa", "inactivo", "inactiva", "apagado"}


def plain(text: str) -> str:
    """Return typed text fit to be kept. Raises BadInput for what no field takes.

    Signs that do not show and those that turn the direction of writing are refused, for a name
    with them looks like another name.
    """
    text = composed(text.replace("\r\n", "\n")).strip()
    if len(text) > LONGEST:
        raise BadInput(T("That is too long: at most {most} characters. Send a shorter text.", most=LONGEST))
    if any(is_unseen(sign) and sign != "\n" for sign in text):
        raise BadInput(T("That text holds signs that do not show. Type it anew instead of pasting it."))
    if not shows(text):
        raise BadInput(T("That is empty. Type something, or go back."))
    return text


def folded(text: str) -> str:
    """Return text for comparing: `Não` becomes `nao`."""
    return unaccented(text.strip()).casefold()


def unaccented(text: str) -> str:
    """Return text without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def yes_or_no(text: str) -> bool:
    """Read what people write for yes and no, or on and off, in our languages. Raises BadInput."""
    word = folded(text).strip(".!")
    if word in _YES | _NO:
        return word in _YES
    raise BadInput(T("“{text}” is neither yes nor no. Type yes or no.", text=text))
