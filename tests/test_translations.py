"""Every text of the code is translated, and every translation says the same parameters."""

import re
import string
from importlib import util
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "translations.py"
spec = util.spec_from_file_location("translations", SCRIPT)
assert spec
assert spec.loader
translations: Any = util.module_from_spec(spec)
spec.loader.exec_module(translations)


def forms(message: Any) -> tuple[list[str], list[str]]:
    ids = message.id if isinstance(message.id, tuple | list) else [message.id]
    strings = message.string if isinstance(message.string, tuple | list) else [message.string]
    return list(ids), list(strings)


def parameters(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("locale", translations.LOCALES)
def test_every_text_of_the_code_is_translated(locale: str) -> None:
    catalogue = translations.read(locale)
    missing = []
    for message in translations.collect():
        known = catalogue.get(message.id, message.context) if message.id else None
        if message.id and (known is None or known.fuzzy or not all(forms(known)[1])):
            missing.append(message.id)

    assert not missing


@pytest.mark.parametrize("locale", translations.LOCALES)
def test_translations_use_exactly_the_parameters_of_the_text(locale: str) -> None:
    wrong = []
    for message in translations.read(locale):
        if message.id:
            ids, strings = forms(message)
            wanted = set().union(*map(parameters, ids))
            wrong += [text for text in strings if text and parameters(text) - wanted - {"n"}]
            wrong += [text for text in strings if text and len(ids) == 1 and parameters(text) != wanted]

    assert not wrong


@pytest.mark.parametrize("locale", translations.LOCALES)
def test_no_catalogue_keeps_texts_that_the_code_no_longer_has(locale: str) -> None:
    used = {message.id if isinstance(message.id, str) else tuple(message.id) for message in translations.collect()}
    kept = {message.id if isinstance(message.id, str) else tuple(message.id) for message in translations.read(locale)}

    assert kept <= used | {""}


def test_spanish_says_usted_throughout() -> None:
    said = [text for message in translations.read("es") if message.id for text in forms(message)[1]]

    assert said
    assert [text for text in said if re.search(r"\b(tu|tus|tú|ti|te|contigo)\b", text, re.IGNORECASE)] == []
