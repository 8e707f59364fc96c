"""Every kind of field, filled in by typing: read leniently, judged strictly, said back normalised."""

from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.configuration.document import NotifyRule
from core.errors import BadInput
from core.forms.describing import describe
from core.forms.fields import Choice, FormField, Kind
from core.forms.form import Form, Part
from core.forms.parsing import Reader, parse
from core.forms.showing import show, show_secret
from core.i18n import Translator
from integrations.email.settings import EmailSettings
from tests.kit.every_kind import EveryKind

READER = Reader("pt_BR", date(2026, 11, 23))
FIELDS = {field.name: field for field in describe(EveryKind)}
HOSTILE = ["<b>bold</b>", "{0} %s {name}", "🙂" * 30, "a\u202eb", "a\0b", "x" * 4096, "\u200b", "-- ; DROP TABLE", "  "]


def form(values: dict[str, Any] | None = None) -> Form:
    return Form(tuple(Part((name,), field, EveryKind) for name, field in FIELDS.items()), values or {})


def typed(name: str, text: str, into: Form | None = None) -> tuple[Any, str]:
    """Type a text into a field; return the kept value, and how it is said back in Portuguese."""
    filled = into or form({"version": "v2"})
    part = filled.part((name,))
    assert part is not None
    filled.put(part, parse(part.field, text, READER))
    said = Translator("pt_BR", ZoneInfo("UTC"))(show(part.field, filled.values[name]))
    return filled.values[name], said.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("name", "text", "kept", "said"),
    [
        ("title", "  Weekly ", "Weekly", "Weekly"),
        ("count", "1.234", 1234, "1.234 produtos"),
        ("lead", "+1h30", 90, "90 min"),
        ("share", "0,25", 0.25, "0,25"),
        ("price", "R$ 1.234,56", "1234.56", "R$ 1.234,56"),
        ("active", "não", False, "não"),
        ("active", "Sí", True, "sim"),
        ("version", "V2", "v2", "v2"),
        ("colour", "dark", "dark_blue", "Dark blue"),
        ("colours", "red; Dark blue", ["red", "dark_blue"], "Red, Dark blue"),
        ("opening", "6h30", "06:30:00", "06:30"),
        ("since", "24/12", "2026-12-24", "24/12/2026"),
        ("pause", "+5 min", "PT5M", "5 min"),
        ("address", "192.168.0.10:9000", "http://192.168.0.10:9000/", "http://192.168.0.10:9000/"),
        ("email", "<ana@example.com>", "ana@example.com", "ana@example.com"),
        ("words", "one, two\nthree", ["one, two", "three"], "one, two, three"),
        ("words", "a, b,c", ["a", "b", "c"], "a, b, c"),
        ("numbers", "1.000; 2", [1000, 2], "1.000, 2"),
        ("chat", "https://t.me/example_group", "@example_group", "@example_group"),
        ("chat", "-1001234", -1001234, "-1001234"),
    ],
)
def test_what_is_typed_is_kept_normalised_and_said_back(name: str, text: str, kept: Any, said: str) -> None:
    assert typed(name, text) == (kept, said)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("title", "x", "Title: "),
        ("count", "10000", "at most 9999"),
        ("count", "many", "not a whole number"),
        ("price", "-1", "at least 0"),
        ("active", "perhaps", "neither yes nor no"),
        ("version", "v3", "not among the choices: v1, v2"),
        ("colours", "red, green", "“green” is not among the choices"),
        ("opening", "25h", "not a time"),
        ("address", "not an address", "not an address"),
        ("address", "ftp://example.com", "Web address: "),
        ("email", "ana@", "not an e-mail address"),
        ("chat", "my group", "not a chat"),
        ("numbers", "1, two", "not a whole number"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_way_to_mend_it_and_changes_nothing(
    name: str, text: str, problem: str
) -> None:
    filled = form({"title": "before"})
    with pytest.raises(BadInput, match=problem):
        typed(name, text, filled)
    assert filled.values == {"title": "before"}


@pytest.mark.parametrize(("name", "text", "bound"), [("share", "1,5", "no máximo 1."), ("price", "-1", "R$ 0,00")])
def test_a_bound_is_written_as_its_reader_writes_such_values(name: str, text: str, bound: str) -> None:
    with pytest.raises(BadInput) as refused:
        typed(name, text)
    assert bound in Translator("pt_BR", ZoneInfo("UTC"))(refused.value.text).replace("\u00a0", " ")


def test_choices_are_typed_in_the_readers_language_or_in_english_and_a_refusal_names_them_as_they_are_read() -> None:
    events = next(one for one in describe(NotifyRule) if one.name == "on")
    kept = parse(events, "sucesso, Retencao, needs login", READER)
    assert kept == ["success", "held", "needs_credentials"]
    with pytest.raises(BadInput) as refused:
        parse(events, "sucessos", READER)
    assert "as opções: Começou, Sucesso, Parcial" in Translator("pt_BR", ZoneInfo("UTC"))(refused.value.text)


def test_an_example_of_a_number_is_one_that_the_field_could_hold() -> None:
    port = next(one for one in describe(EmailSettings) if one.name == "port")
    with pytest.raises(BadInput, match=f"such as {port.example or port.default}."):
        parse(port, "smtp", READER)


def test_names_of_what_is_referred_to_are_no_words_to_translate_and_none_is_said_as_none() -> None:
    portuguese = Translator("pt_BR", ZoneInfo("UTC"))
    field = next(one for one in describe(NotifyRule) if one.name == "channel")
    called = replace(field, kind=Kind.CHOICE, choices=(Choice("Success", "Success", coded=True),))
    assert parse(called, "success", READER) == "Success"
    assert portuguese(show(called, "Success")) == "Success"
    with pytest.raises(BadInput, match="“sucesso” is not among the choices: Success"):
        parse(called, "sucesso", READER)
    with pytest.raises(BadInput, match="nothing to choose from"):
        parse(replace(called, choices=()), "Ops", READER)


@given(st.text(max_size=80), st.sampled_from([name for name in FIELDS if FIELDS[name].kind is not Kind.SECRET]))
def test_no_text_crashes_a_field_or_gets_in_with_signs_that_do_not_show(text: str, name: str) -> None:
    with suppress(BadInput):
        value, said = typed(name, text)
        assert not any(sign in f"{value}{said}" for sign in ("\0", "\u202e", "\u200b"))


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_do_not_crash_a_field(name: str, text: str) -> None:
    with suppress(BadInput):
        typed(name, text)


def test_braces_in_a_help_text_are_only_signs() -> None:
    field = FormField("x", Kind.TEXT, "A {b} title", str, help="{unit} or {}")
    say = Translator("pt_BR", ZoneInfo("UTC"))
    assert (say(field.label), say(field.about)) == ("A {b} title", "{unit} or {}")


def test_a_secret_is_kept_as_typed_and_said_by_its_end_only() -> None:
    field = FIELDS["token"]
    assert parse(field, " two words {x} \n", READER) == "two words {x}"
    assert str(show(field, "two words {x}")) == "••••"
    assert str(show_secret("••••1234", typed=False)) == "••••1234"
    assert str(show_secret("••••1234", typed=True)) == "a new value"
    assert str(show_secret(None, typed=True)) == "a new value"
    with pytest.raises(BadInput):
        parse(field, " \n", READER)


def test_a_kept_value_that_no_longer_fits_is_still_shown() -> None:
    assert str(show(FIELDS["opening"], "six")) == "six"
    assert str(show(FIELDS["colour"], "green")) == "green"
    assert str(show(FIELDS["price"], "much")) == "much"
