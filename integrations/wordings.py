"""What a module's texts are in other languages: gettext files that it brings along, `locales/pt_BR.po` and so on."""

import string
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path

from babel.support import Translations

from core.errors import BadInput
from core.i18n import LOCALES, SOURCE_LOCALE, Catalogues
from core.texts import T

_DOMAIN = "module"
PLACES = {f"locales/{locale}.po": locale for locale in LOCALES if locale != SOURCE_LOCALE}
"""Where in a module's folder the texts of a language stand."""


def read_folder(folder: Path) -> Catalogues:
    """Return what stands in a folder on the disk, as `read_files`."""
    return read_files({name: (folder / name).read_bytes() for name in PLACES if (folder / name).is_file()})


def read_files(files: Mapping[str, bytes]) -> Catalogues:
    """Return the catalogues among a module's files. Raises BadInput that names every text that cannot be shown."""
    return {locale: _read(name, files[name], locale) for name, locale in PLACES.items() if name in files}


def _read(name: str, content: bytes, locale: str) -> Translations:
    # Loaded with the first module that brings texts: most hubs have none.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import PoFileError, read_po  # noqa: PLC0415

    try:
        catalogue = read_po(BytesIO(content), locale=locale, domain=_DOMAIN, abort_invalid=True)
        wrong = [text for message in catalogue if message.id for text in _misfits(message.id, message.string or "")]
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        read = Translations(compiled, _DOMAIN)
    except (PoFileError, LookupError, ValueError, TypeError) as error:
        raise BadInput(T("{file} is no readable file of translations.", file=name), detail=str(error)) from error
    if wrong:
        problems = [T("{place}: {problem}", place=name, problem=text) for text in wrong]
        raise BadInput(
            T("{file} holds translations with other placeholders than their text.", file=name), problems=problems
        )
    return read


def _misfits(message: str | Sequence[str], translation: str | Sequence[str]) -> Iterator[str]:
    """Yield the translations that could not be filled in."""
    sources = [message] if isinstance(message, str) else message
    words = [translation] if isinstance(translation, str) else translation
    known = {"n"}.union(*map(_placeholders, sources)) if len(sources) > 1 else _placeholders(sources[0])
    return (text for text in words if text and not _fits(text, known))


def _fits(text: str, known: set[str]) -> bool:
    """Tell whether a translation can be filled in with what its text has, and asks for no more than that."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return False
    return all(name is None or (name in known and not spec and not how) for _, name, spec, how in parts)


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
