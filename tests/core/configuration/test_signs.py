"""Names that cannot be told apart by eye, or not be seen at all, are refused in a document as they are in a chat."""

import pytest
from pydantic import Field, SecretStr, TypeAdapter, ValidationError

from core.configuration.fields import Code, Name, Tag
from core.errors import BadInput
from core.forms.words import plain
from integrations.contract import SettingsModel

UNSEEN = ["a\u200bb", "a\u00adb", "a\u202eb", "a\ufeffb", "\u3164", "a\U000e0041b", "a\0b", "a\x85b", "a\ud83db"]
BLANK = ["", "   ", "\u00a0\u2003", "\u3000", "\u200d\u200d", "\u0301\u0301"]
FINE = ["001 Centro", "<b>&", "مرحبا بالعالم", "👩‍👩‍👧‍👦", "🏳️‍🌈", "São João", "=1+1", "{name}", "Z\u0301", "-", "0"]


@pytest.mark.parametrize("kind", [Name, Tag, Code])
@pytest.mark.parametrize("text", [*UNSEEN, *BLANK])
def test_a_name_nobody_could_see_or_tell_apart_is_refused(kind: object, text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(text)


@pytest.mark.parametrize("text", [*UNSEEN, *BLANK])
def test_the_chat_refuses_the_same(text: str) -> None:
    with pytest.raises(BadInput):
        plain(text)


@pytest.mark.parametrize("text", FINE)
def test_what_shows_is_taken_as_it_is_in_both_ways(text: str) -> None:
    assert TypeAdapter(Name).validate_python(f" {text}\u00a0") == plain(text)


def test_two_ways_to_write_a_letter_are_one_name() -> None:
    assert TypeAdapter(Name).validate_python("Sa\u0303o") == "S\u00e3o" == plain("Sa\u0303o")


def test_settings_of_modules_take_lines_but_nothing_unseen_and_leave_secrets_as_they_are() -> None:
    class Settings(SettingsModel):
        note: str = ""
        words: list[str] = Field([])
        token: SecretStr = SecretStr("")

    assert Settings(note="a\nb", words=["é"], token=SecretStr("a\u200bb")).note == "a\nb"
    for wrong in ({"note": "a\u202eb"}, {"words": ["fine", "a\0b"]}):
        with pytest.raises(ValidationError, match="plain text"):
            Settings.model_validate(wrong)
