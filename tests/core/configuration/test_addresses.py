"""Where a stored secret goes: to the address it was given for, wherever a module keeps that, and nowhere else."""

from typing import Any

import pytest
from pydantic import AnyHttpUrl, Field, ValidationError

from core.configuration.credentials import moved
from core.configuration.explaining import explain
from integrations.contract import SettingsModel


class Server(SettingsModel):
    base_url: AnyHttpUrl
    port: int = 1
    note: str = ""


class Deep(SettingsModel):
    main: Server
    others: list[Server] = Field([])
    mirrors: list[AnyHttpUrl] = Field([])
    page: AnyHttpUrl | None = Field(None)


def deep(url: str = "http://erp.example/a", **more: Any) -> dict[str, Any]:
    return {"main": {"base_url": url}, "others": [{"base_url": "http://one.example/"}], **more}


@pytest.mark.parametrize(
    "after",
    [
        deep("http://evil.example/a"),
        deep("https://erp.example/a"),
        deep("http://erp.example:81/a"),
        deep(others=[{"base_url": "http://evil.example/"}]),
        deep(others=[{"base_url": "http://one.example/", "port": 2}]),
        deep(mirrors=["http://evil.example/"]),
        deep(page="http://evil.example/"),
    ],
)
def test_another_host_scheme_or_port_is_seen_however_deep_it_stands(after: dict[str, Any]) -> None:
    assert moved(Deep, deep(), after)


def test_another_path_or_note_is_no_other_place() -> None:
    after = deep("http://ERP.example:80/other")
    after["others"][0]["note"] = "new"
    assert not moved(Deep, deep(), after)


@pytest.mark.parametrize(
    "given",
    [
        deep("http://ana:hush-1234@erp.example/"),
        deep("http://ana@erp.example/"),
        deep(mirrors=["http://one.example", "http://:hush-1234@erp.example"]),
        deep(page="http://ana:hush-1234@erp.example/"),
    ],
)
def test_a_login_inside_of_an_address_is_refused_in_words_that_do_not_show_it(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Deep.model_validate(given)
    ((_, problem),) = explain(caught.value, Deep)
    assert str(problem) == "give scheme, host, port and path only; the login has fields of its own."


@pytest.mark.parametrize(
    ("page", "said"), [("ftp://erp.example", "must begin with http://, https://."), ("nonsense", "give the address")]
)
def test_what_is_no_web_address_is_said_in_words_that_are_translated(page: str, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Deep.model_validate(deep(page=page))
    ((path, problem),) = explain(caught.value, Deep)
    assert (path, str(problem)[: len(said)]) == (("page",), said)
