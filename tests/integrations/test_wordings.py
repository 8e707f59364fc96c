"""A module brings its own translations along: they speak for it while it is in use, and for nothing else."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.errors import BadInput
from core.i18n import Translator, bring, take_back
from core.texts import TN, T
from integrations.entries import inspect_packages
from integrations.registry import Registry
from integrations.wordings import PLACES, read_files
from tests.kit.outside import put_module

PLACE = "locales/pt_BR.po"
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
EDITION = f'{HEAD}\nmsgid "Foreign edition"\nmsgstr "Edição alheia"\n'
PORTUGUESE = Translator("pt_BR", ZoneInfo("UTC"))


def put_texts(folder: Path, content: str = EDITION) -> None:
    (folder / PLACE).parent.mkdir()
    (folder / PLACE).write_text(content, encoding="utf-8")


@pytest.fixture
def brought() -> Iterator[None]:
    """Take back what a test brought."""
    yield
    for name in ("first", "second"):
        take_back(name)


@pytest.mark.usefixtures("brought")
def test_a_module_speaks_where_chimera_has_no_word_and_never_over_it() -> None:
    own = f'{EDITION}\nmsgid "Stores"\nmsgstr "Roubado"\n\nmsgid "{{n}} crate"\nmsgid_plural "{{n}} crates"\n'
    bring("first", read_files({PLACE: f'{own}msgstr[0] "{{n}} caixa"\nmsgstr[1] "{{n}} caixas"\n'.encode()}))
    bring("second", read_files({PLACE: EDITION.replace("Edição alheia", "Outra").encode()}))
    assert PORTUGUESE(T("Foreign edition")) == "Edição alheia"
    assert PORTUGUESE(T("Stores")) == "Lojas"
    assert [PORTUGUESE(TN("{n} crate", "{n} crates", n)) for n in (1, 1200)] == ["1 caixa", "1.200 caixas"]
    assert Translator("es", ZoneInfo("UTC"))(T("Foreign edition")) == "Foreign edition"


def test_a_folders_texts_are_those_that_were_approved_and_go_with_it(tmp_path: Path) -> None:
    folder = put_module(tmp_path)
    put_texts(folder)
    registry = Registry([], tmp_path)
    (entry,) = registry.look_outside()
    registry.take_in([entry])
    assert PORTUGUESE(T("Foreign edition")) == "Foreign edition"
    (folder / PLACE).write_text(EDITION.replace("Edição alheia", "Trocada depois"), encoding="utf-8")
    registry.admit(entry)
    assert PORTUGUESE(T("Foreign edition")) == "Edição alheia"
    assert registry.look_outside()[0].snapshot != entry.snapshot
    registry.dismiss(entry.name)
    assert PORTUGUESE(T("Foreign edition")) == "Foreign edition"


def test_an_installed_packages_texts_speak_from_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = put_module(tmp_path).rename(tmp_path / "foreign_prices")
    put_texts(folder)
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("foreign-prices", "foreign_prices:register", "chimera.modules")
    registry = Registry(inspect_packages([point], "0.1.0"))
    assert PORTUGUESE(T("Foreign edition")) == "Edição alheia"
    registry.close()
    assert PORTUGUESE(T("Foreign edition")) == "Foreign edition"


def test_a_module_with_texts_that_cannot_be_read_is_out_of_use_and_says_which(tmp_path: Path) -> None:
    put_texts(put_module(tmp_path), f'{HEAD}\nmsgid "{{n}} prices"\nmsgstr "{{quantos}} preços"\n')
    (entry,) = Registry([], tmp_path).look_outside()
    assert "other placeholders" in str(entry.problem)
    assert [str(line) for line in entry.details] == [f"{PLACE}: {{quantos}} preços"]


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"no catalogue at all",
        b'msgid ""\nmsgstr "Content-Type: text/plain; charset=nowhere\\n"\n',
        b'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n**9);\\n"\nmsgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"',
        b'msgid "{n} a"\nmsgstr "{n:>999999999}"\n',
        b'msgid "{n} a"\nmsgstr "{n.__class__}"\n',
        b'msgid "{n} a"\nmsgstr "{n!r}"\n',
        b'msgid "a"\nmsgstr "a{"\n',
        b'msgid "a"\nmsgstr "{}"\n',
    ],
)
def test_texts_that_could_break_a_window_are_refused(content: bytes) -> None:
    with pytest.raises(BadInput):
        read_files({PLACE: content})


def test_other_languages_than_chimeras_are_let_be() -> None:
    assert read_files({"locales/fr.po": b"?", "locales/en.po": b"?"}) == {}
    assert sorted(PLACES) == ["locales/es.po", "locales/pt_BR.po"]
