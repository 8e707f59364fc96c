"""Where pydantic found something wrong inside of a union, in a list, or under a key."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.configuration.explaining import explain
from core.configuration.plan import differences
from core.configuration.problems import Path
from tests.kit.every_kind import ByFolder, ByMail

Way = Annotated[ByMail | ByFolder, Field(discriminator="way")]


class Post(BaseModel):
    """Where something goes to, once, often, or by name."""

    model_config = ConfigDict(extra="forbid")

    first: Way | None = None
    more: list[Way] = []
    plain: list[ByMail | ByFolder] = []
    named: dict[str, ByFolder] = {}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"first": {"way": "mail"}}, {("first", "address")}),
        ({"first": {"way": "folder", "depth": -1}}, {("first", "depth")}),
        ({"first": {"way": "folder", "depht": 1}}, {("first", "depht")}),
        ({"first": {"way": "pigeon"}}, {("first",)}),
        ({"more": [{"way": "folder"}, {"way": "mail", "address": 1}]}, {("more", 1, "address")}),
        ({"named": {"mail": {"depth": -1}}}, {("named", "mail", "depth")}),
    ],
)
def test_a_problem_stands_at_the_field_whatever_kind_it_belongs_to(given: dict[str, Any], wanted: set[Path]) -> None:
    with pytest.raises(ValidationError) as caught:
        Post.model_validate(given)
    assert {path for path, _ in explain(caught.value, Post)} == wanted


def test_an_unknown_key_of_a_kind_is_told_with_that_kind_s_keys() -> None:
    with pytest.raises(ValidationError) as caught:
        Post.model_validate({"first": {"way": "folder", "depht": 1}})
    assert "“depth”" in str(explain(caught.value, Post)[0][1])


def test_lists_of_models_differ_entry_by_entry() -> None:
    before = {"rules": [{"name": "one"}, {"name": "two"}]}
    after = {"rules": [{"name": "one", "strict": True}, {"name": "two"}, {"name": "three", "strict": False}]}
    assert [str(change.line()) for change in differences(before, after)] == [
        "rules.1.strict: none → on",
        "rules.3: none → name: three, strict: off",
    ]
