"""A form at work: what a model asks for, nested values, unions, conditions, what is missing."""

from typing import Any

import pytest
from pydantic import BaseModel

from core.configuration.wanted import Section
from core.errors import BadInput
from core.forms.describing import describe
from core.forms.entities import form_parts
from core.forms.fields import Kind, Path
from core.forms.form import Form, Part, rebased
from core.jobs.model import JobType
from core.jobs.settings import settings_model
from integrations.registry import Registry
from tests.kit.every_kind import ByFolder, ByMail, EveryKind, Rule


def form(values: dict[str, Any] | None = None) -> Form:
    return Form(
        tuple(Part((one.name,), one, EveryKind) for one in describe(EveryKind)), values if values is not None else {}
    )


def part(of: Form, *path: str | int) -> Part:
    found = of.part(path)
    assert found is not None
    assert found.path == path
    return found


def names(of: Form, page: Path = ()) -> list[str]:
    return [one.field.name for one in of.parts(page)]


def test_every_kind_of_field_is_recognised() -> None:
    kinds = {one.name: one.kind for one in describe(EveryKind)}
    assert kinds == {
        "title": Kind.TEXT,
        "count": Kind.NUMBER,
        "lead": Kind.NUMBER,
        "share": Kind.DECIMAL,
        "price": Kind.MONEY,
        "active": Kind.TOGGLE,
        "version": Kind.CHOICE,
        "colour": Kind.CHOICE,
        "colours": Kind.CHOICES,
        "opening": Kind.TIME,
        "since": Kind.DATE,
        "pause": Kind.DURATION,
        "address": Kind.URL,
        "email": Kind.EMAIL,
        "token": Kind.SECRET,
        "words": Kind.LIST,
        "numbers": Kind.LIST,
        "depth": Kind.MODEL,
        "rules": Kind.MODELS,
        "delivery": Kind.UNION,
        "copies": Kind.MODELS,
        "folder": Kind.FILE,
        "chat": Kind.CHAT,
        "stores": Kind.STORES,
        "plan": Kind.SCHEDULE,
        "extra_note": Kind.TEXT,
    }


def test_fields_come_in_groups_with_the_advanced_ones_last() -> None:
    lines = form().lines()
    assert list(dict.fromkeys((line.group, line.advanced) for line in lines)) == [
        ("", False),
        ("Numbers", False),
        ("Times", False),
        ("Nested", False),
        ("", True),
    ]
    assert [line.part.field.name for line in lines if line.advanced] == ["numbers", "copies", "plan"]


def test_nested_values_lie_open_under_their_title() -> None:
    nested = [line.part.path for line in form().lines() if line.group == "Nested"]
    assert nested == [("depth", "level"), ("depth", "label")]


def test_the_entries_of_a_list_lie_open_on_its_page() -> None:
    filled = form({"rules": [{"name": "one"}, {"name": "two"}]})
    paths = [line.part.path for line in filled.lines(("rules",))]
    assert paths == [("rules", 0, "name"), ("rules", 0, "strict"), ("rules", 1, "name"), ("rules", 1, "strict")]


def test_a_field_appears_once_its_condition_holds() -> None:
    filled = form()
    assert "extra_note" not in names(filled)
    filled.put(part(filled, "version"), "v2")
    assert "extra_note" in names(filled)


def test_a_nested_value_is_filled_in_on_a_page_of_its_own() -> None:
    filled = form()
    assert names(filled, ("depth",)) == ["level", "label"]
    assert filled.get(("depth", "level")) == 1
    filled.put(part(filled, "depth", "level"), 4)
    assert filled.values == {"depth": {"level": 4, "label": "plain"}}
    with pytest.raises(BadInput, match="Level: must be at most 9"):
        filled.put(part(filled, "depth", "level"), 10)


def test_entries_of_a_list_are_added_filled_in_and_removed() -> None:
    filled = form()
    first = filled.add(part(filled, "rules"))
    second = filled.add(part(filled, "rules"))
    filled.put(part(filled, *first, "name"), "one")
    filled.put(part(filled, *second, "name"), "two")
    filled.put(part(filled, *second, "strict"), True)
    assert filled.values["rules"] == [{"name": "one"}, {"name": "two", "strict": True}]
    filled.remove(first)
    assert filled.values["rules"] == [{"name": "two", "strict": True}]


def test_a_union_asks_for_its_kind_first_and_forgets_the_other_kind() -> None:
    filled = form()
    assert names(filled, ("delivery",)) == []
    page = filled.choose(part(filled, "delivery"), "mail")
    assert names(filled, page) == ["address"]
    filled.put(part(filled, "delivery", "address"), "ana@example.com")
    assert filled.values["delivery"] == {"way": "mail", "address": "ana@example.com"}
    filled.choose(part(filled, "delivery"), "mail")
    assert "address" in filled.values["delivery"]
    assert names(filled, filled.choose(part(filled, "delivery"), "folder")) == ["depth"]
    assert filled.values["delivery"] == {"way": "folder"}


def test_clearing_goes_back_to_the_default_or_to_nothing() -> None:
    filled = form({"count": 9, "colour": "red"})
    for name in ("count", "colour"):
        filled.clear(part(filled, name))
    assert filled.values == {}
    rails = Form(form_parts(Section.JOBS, settings_model(JobType.SYNC_PRODUCTS), new=True), {})
    rails.clear(part(rails, "settings", "guard_rails", "max_discount_percent"))
    assert rails.values["settings"]["guard_rails"]["max_discount_percent"] is None


def test_a_new_one_is_asked_for_what_is_required_and_not_there_yet() -> None:
    assert [one.field.name for one in form({"title": "Weekly"}).unanswered()] == ["token"]
    rp = Registry.builtin().settings_model("rp")
    asked = Form(form_parts(Section.INTEGRATIONS, rp, new=True), {"name": "ERP"}).unanswered()
    assert [one.field.name for one in asked] == ["base_url", "username", "password"]


def test_what_somebody_else_saved_meanwhile_stays_under_what_was_filled_in() -> None:
    start = {"name": "A", "limit": 1, "settings": {"x": 1, "y": 1}, "note": "old"}
    mine = {"name": "A", "limit": 5, "settings": {"x": 2, "y": 1}}
    fresh = {"name": "B", "limit": 1, "settings": {"x": 1, "y": 9}, "note": "old"}
    assert rebased(mine, start, fresh) == {"name": "B", "limit": 5, "settings": {"x": 2, "y": 9}}


def test_choices_are_those_of_the_moment() -> None:
    parts = form_parts(Section.JOBS, settings_model(JobType.SYNC_PRODUCTS), new=True)
    filled = Form(parts, {}, {"discount_source": ["ERP", "Other"]})
    source = part(filled, "settings", "source").field
    assert (source.kind, [one.value for one in source.choices]) == (Kind.CHOICE, ["ERP", "Other"])


def test_a_value_that_only_the_whole_model_refuses_is_told_at_its_field() -> None:
    model = Registry.builtin().settings_model("telegram")
    filled = Form(form_parts(Section.CHANNELS, model, new=True), {})
    with pytest.raises(BadInput, match="no chat has the number 0"):
        filled.put(part(filled, "settings", "chat_id"), 0)


@pytest.mark.parametrize("section", Section)
def test_every_entity_has_a_form(section: Section) -> None:
    parts = form_parts(section, None, new=True)
    assert parts
    assert all(one.field.title and one.field.help for one in parts)


@pytest.mark.parametrize("name", Registry.builtin().names())
def test_every_module_has_a_form_with_titles_and_helps(name: str) -> None:
    def check(of: Form, page: Path) -> None:
        for one in of.parts(page):
            assert one.field.title
            assert one.field.help
            if one.field.kind is Kind.MODEL:
                check(of, one.path)

    model = Registry.builtin().settings_model(name)
    check(Form(form_parts(Section.INTEGRATIONS, model, new=True), {}), ())


class Proxy(BaseModel):
    """A nested part that may be left out, with something it cannot do without."""

    host: str


class Reached(BaseModel):
    """Settings with one of two ways, and perhaps a proxy."""

    way: ByMail | ByFolder
    proxy: Proxy | None = None
    rules: list[Rule] = []


def reached(values: dict[str, Any]) -> Form:
    return Form(tuple(Part((one.name,), one, Reached) for one in describe(Reached)), values)


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        ({}, [("way",)]),
        ({"way": {"way": "mail"}}, [("way", "address")]),
        ({"way": {"way": "folder"}}, []),
        ({"way": {"way": "folder"}, "proxy": {}}, [("proxy", "host")]),
        ({"way": {"way": "folder"}, "rules": [{"name": "one"}, {}]}, [("rules", 1, "name")]),
    ],
)
def test_a_chosen_kind_is_asked_for_what_it_needs_and_what_may_be_left_out_for_nothing(
    values: dict[str, Any], asked: list[Path]
) -> None:
    assert [part.path for part in reached(values).unanswered()] == asked
