"""Collect the texts of the code into the catalogues, and compile them.

Usage: python scripts/translations.py        (also `make translations`)
New texts appear untranslated; a test fails until they are translated.
"""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

sys.path.insert(0, str(Path(__file__).parent))
from form_texts import form_texts

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "locales"
LOCALES = ("pt_BR", "es")
ROOMS = ("core", "jobs", "integrations", "handlers", "api", "bot")
KEYWORDS = {"T": (1,), "TN": (1, 2)}
DOMAIN = "chimera"
# Our own header, for Babel's holds the moment of the run and would differ every time.
HEADER = r"""# Texts of Chimera. `make translations` keeps them in step with the code.
msgid ""
msgstr ""
"Project-Id-Version: Chimera\n"
"Last-Translator: Chimera\n"
"Language: {locale}\n"
"Language-Team: Chimera\n"
"Plural-Forms: {plural_forms}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""


def collect() -> Catalog:
    """Return every text of the code, with the files it is used in."""
    catalogue = Catalog(project="Chimera", charset="utf-8", fuzzy=False)
    for room in ROOMS:
        found = extract_from_dir(ROOT / room, [("**.py", "python")], keywords=KEYWORDS, comment_tags=("Translators:",))
        for name, _line, message, comments, context in found:
            catalogue.add(message, locations=[(f"{room}/{name}", 0)], auto_comments=comments, context=context)
    for source, text in form_texts():
        catalogue.add(text, locations=[(source, 0)])
    return catalogue


def catalogue_path(locale: str) -> Path:
    return FOLDER / locale / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(locale: str) -> Catalog:
    path = catalogue_path(locale)
    content = path.read_bytes() if path.exists() else b""
    return read_po(BytesIO(content), locale=locale, domain=DOMAIN)


def write(locale: str, catalogue: Catalog) -> None:
    """Write a catalogue for people (`.po`, the same texts always as the same bytes), and compiled (`.mo`)."""
    path = catalogue_path(locale)
    path.parent.mkdir(parents=True, exist_ok=True)
    header = HEADER.format(locale=locale, plural_forms=catalogue.plural_forms)
    with path.open("wb") as file:
        file.write(header.encode())
        write_po(file, catalogue, width=110, sort_output=True, omit_header=True, include_lineno=False)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)


def is_translated(message: Message) -> bool:
    """Tell whether a text has words for every form; new texts with a plural have two empty ones."""
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def update() -> None:
    """Bring every catalogue up to the code, keeping what is translated, and compile it."""
    template = collect()
    for locale in LOCALES:
        catalogue = read(locale)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        write(locale, catalogue)
        missing = [message for message in catalogue if message.id and not is_translated(message)]
        print(f"{locale}: {len(catalogue)} texts, {len(missing)} not translated")


if __name__ == "__main__":
    update()
