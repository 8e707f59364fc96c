"""The language in which the command line speaks: Chimera's own setting, else the terminal's."""

import pytest

from bot.environment import spoken_language


@pytest.mark.parametrize(
    ("variables", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "pt_PT.UTF-8"}, "pt_BR"),
        ({"LANG": "pt_BR.UTF-8", "LC_ALL": "es_MX.UTF-8"}, "es"),
        ({"LANG": "pt_BR.UTF-8", "CHIMERA_LOCALE": "en"}, "en"),
    ],
)
def test_the_command_line_speaks_as_it_is_told_or_as_the_terminal_does(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], spoken: str
) -> None:
    for name in ("LANG", "LC_ALL", "LC_MESSAGES", "CHIMERA_LOCALE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert spoken_language() == spoken
