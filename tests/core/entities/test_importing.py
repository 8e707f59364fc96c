"""Spreadsheets as offices send them: mended where that is sure, refused by row where it is not."""

import io
import zipfile
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from core.access import Actor
from core.configuration.wanted import Section
from core.entities.history import Mark
from core.entities.importing import Import, ImportStores
from core.errors import BadInput, Forbidden
from core.stores.rows import read_rows
from core.stores.sheets import read_sheet
from tests.kit.entities import RUI, Chain

HEAD = "Nome;CNPJ;Etiquetas;Limite;Abertura;Ativa\n"


def rows_of(content: bytes) -> list[list[str]]:
    return read_sheet(content).rows


async def take(chain: Chain, content: bytes, actor: Actor | None = None, *, dry_run: bool = False) -> Import:
    database, editor = chain.configuration.database, chain.configuration.editor
    found: Import = await ImportStores(database, editor)(actor or chain.ana, content, dry_run=dry_run)
    return found


def first_of(book: Workbook) -> Worksheet:
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    return sheet


def workbook(*rows: Sequence[object], **sheets: Sequence[Sequence[object]]) -> bytes:
    book, content = Workbook(), io.BytesIO()
    for row in rows:
        first_of(book).append(list(row))
    for name, others in sheets.items():
        sheet = book.create_sheet(name)
        for row in others:
            sheet.append(list(row))
    book.save(content)
    return content.getvalue()


async def names(chain: Chain) -> list[str]:
    return [item.name for item in (await chain.list(chain.ana, Section.STORES)).rows]


async def test_a_cp1252_file_with_semicolons_makes_and_changes_stores(chain: Chain) -> None:
    text = f"{HEAD}003 São João;11.222.333/0003-43;sul, praia;1.000;6h30;sim\n001 Centro;;;12;;\n"
    found = await take(chain, text.encode("cp1252"))

    assert (found.new, [name for name, _ in found.changed], found.invalid) == (["003 São João"], ["001 Centro"], [])
    assert await chain.field(Section.STORES, "003 São João", "tags") == ["sul", "praia"]
    assert await chain.field(Section.STORES, "003 São João", "opening") == "06:30"
    assert await chain.field(Section.STORES, "001 Centro", "limit") == 12


async def test_a_preview_saves_nothing(chain: Chain) -> None:
    found = await take(chain, f"{HEAD}003 Sul;11222333000343;;;;\n".encode(), dry_run=True)

    assert found.new == ["003 Sul"]
    assert "003 Sul" not in await names(chain)


async def test_rows_that_are_wrong_are_left_out_with_their_reason_and_the_rest_is_taken(chain: Chain) -> None:
    rows = [
        "003 Sul;11222333000343;;;;",
        "004 Leste;11222333000425;;;;",
        "005 Oeste;1.12E+13;;;;",
        "006 Praia;;;;;",
        "007 Serra;11222333000505;;many;25h;",
        "008 Lago;11222333000696;;;25h;",
        "009 Porto;11222333000181;;;;",
        "003 Sul;11222333000858;;;;",
    ]
    found = await take(chain, (HEAD + "\n".join(rows)).encode())

    assert found.new == ["003 Sul"]
    told = chain.configuration.words(found.invalid)
    assert len(told) == 6
    ((renamed, difference),) = found.changed
    assert (renamed, [str(change.line()) for change in difference.changes]) == (
        "009 Porto",
        ["name: 001 Centro → 009 Porto"],
    )
    assert (difference.before["name"], difference.after["name"]) == ("001 Centro", "009 Porto")
    for row, words in (
        (3, "check digits"),
        (4, "cut this CNPJ"),
        (5, "is missing"),
        (6, "not a whole number"),
        (6, "no opening time"),
        (7, "no opening time"),
        (9, "stands in row 2 already"),
    ):
        assert any(one.startswith(f"Row {row},") and words in one for one in told), (row, told)


async def test_an_xlsx_with_numbers_for_cnpjs_gets_its_lost_zeros_back(chain: Chain) -> None:
    content = workbook(["Loja", "CNPJ"], ["010 Vale", 1222333000100 + 0], ["001 Centro", 11222333000181])
    found = await take(chain, content, dry_run=True)

    assert len(found.invalid) + len(found.new) == 1
    assert len(found.same) == 1


async def test_everything_that_a_file_did_can_be_taken_back(chain: Chain) -> None:
    before = await names(chain)
    found = await take(chain, f"{HEAD}003 Sul;11222333000343;;;;\n001 Centro;;;9;;\n".encode())
    await chain.undo(chain.ana, Section.STORES, [Mark(*mark) for mark in found.marks])

    assert await names(chain) == before
    assert await chain.field(Section.STORES, "001 Centro", "limit") is None


async def test_a_manager_imports_nothing(chain: Chain) -> None:
    with pytest.raises(Forbidden):
        await take(chain, HEAD.encode(), chain.actor(RUI))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"PK\x03\x04 not a zip",
        b"\x00\x01\x02",
        b"one;two\n1;2\n",
        b"nome\n" + b"x\n" * 6000,
        b"x" * (2 * 1024 * 1024 + 1),
        b"nome;cnpj;CNPJ\nA;1;2\n",
    ],
)
def test_what_is_no_list_of_stores_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput):
        read_rows(rows_of(content))


def test_a_bomb_and_declared_entities_are_refused() -> None:
    for name, body in (("xl/big.xml", b"0" * 60_000_000), ("xl/a.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>')):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, body)
        with pytest.raises(BadInput):
            rows_of(content.getvalue())


@pytest.mark.parametrize(
    ("name", "before", "encoding"),
    [("xl/a.xml", " " * 4000, "utf-8"), ("xl/a.xml", "", "utf-16-le"), ("xl/worksheets/sheet1", "", "utf-8")],
)
def test_declared_entities_are_found_wherever_they_stand(name: str, before: str, encoding: str) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, f'<?xml version="1.0"?>{before}<!DOCTYPE x [<!ENTITY a "b">]><x/>'.encode(encoding))
    with pytest.raises(BadInput, match="declarations"):
        rows_of(content.getvalue())


def test_a_formula_without_its_result_is_never_an_empty_cell() -> None:
    with pytest.raises(BadInput, match="formula in B2"):
        rows_of(workbook(["nome", "cnpj"], ["001 Centro", "=A1"]))


def test_the_first_sheet_with_anything_is_read_and_a_second_list_is_refused() -> None:
    rows: list[list[object]] = [["nome", "cnpj"], ["001 Centro", "11222333000181"]]
    read = rows_of(workbook(Lojas=rows, Notas=[["nome", "o que é"]]))
    assert [row[:2] for row in read] == rows
    with pytest.raises(BadInput, match="Lojas, Mais"):
        rows_of(workbook(Lojas=rows, Mais=rows))


def test_a_hidden_sheet_is_neither_the_list_nor_a_second_one() -> None:
    book, content = Workbook(), io.BytesIO()
    for title, name, state in (("Velha", "001", "hidden"), ("Lojas", "002", "visible"), ("Antes", "003", "veryHidden")):
        sheet = book.create_sheet(title)
        sheet.append(["nome", "cnpj"])
        sheet.append([name, "11222333000181"])
        sheet.sheet_state = state
    book.save(content)
    (row,) = read_rows(rows_of(content.getvalue()))

    assert row.name == "002"


async def test_hidden_rows_are_taken_and_named_before_anything_is_saved(chain: Chain) -> None:
    """A filter leaves rows out of sight: whoever sends the file may not know that they are in it."""
    book, content = Workbook(), io.BytesIO()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for cells in (["Rede"], [], ["nome", "cnpj"], ["003 Sul", "11222333000343"], [], ["004 Leste", "11222333000424"]):
        sheet.append(cells)
    for number in (2, 5, 6):
        sheet.row_dimensions[number].hidden = True
    book.save(content)

    found = await take(chain, content.getvalue(), dry_run=True)

    assert (found.new, found.invalid) == (["003 Sul", "004 Leste"], [])
    assert [one.params for one in found.hidden] == [{"row": "6", "name": "004 Leste"}]


def test_a_row_that_names_no_number_follows_the_one_before_it() -> None:
    content, made = io.BytesIO(), workbook(["nome"], ["Centro"], ["Norte"])
    with zipfile.ZipFile(io.BytesIO(made)) as source, zipfile.ZipFile(content, "w") as target:
        for one in source.namelist():
            xml = source.read(one)
            if one.endswith("sheet1.xml"):
                xml = xml.replace(b'<row r="3"', b'<row hidden="true"').replace(b' r="A3"', b"")
            target.writestr(one, xml)

    assert read_sheet(content.getvalue()).hidden == {3}


def test_cells_joined_over_rows_of_the_list_are_refused_and_titles_may_be_joined() -> None:
    book, content = Workbook(), io.BytesIO()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for cells in (["Rede Azul"], [], ["nome", "cnpj", "tags"], ["A", "11222333000181", "sul"], ["B", "11222333000262"]):
        sheet.append(cells)
    sheet.merge_cells("A1:C2")
    book.save(content)
    assert [row.name for row in read_rows(rows_of(content.getvalue()))] == ["A", "B"]

    sheet.merge_cells("C4:C5")
    book.save(content)
    with pytest.raises(BadInput, match="cells C4:C5 are joined"):
        rows_of(content.getvalue())


@pytest.mark.parametrize("mark", ["#N/A", "#N/D", "#REF!", "#VALOR!", "#NOME?", "#DIV/0!", "#NÚM!", "#¡REF!"])
@pytest.mark.parametrize("column", range(4))
def test_what_stands_for_a_failed_formula_is_never_a_value(mark: str, column: int) -> None:
    cells = ["001 Centro", "11222333000181", "sul", "5"]
    cells[column] = mark
    heading = ("nome", "cnpj", "tags", "limite")[column]
    (row,) = read_rows(rows_of(f"nome;cnpj;tags;limite\n{';'.join(cells)}\n".encode()))

    assert [str(problem) for problem in row.problems] == [
        f"{heading}: “{mark}”: the formula there failed. Type the value."
    ]
    assert mark not in str(row.fields)


@pytest.mark.parametrize("cell", [0.25, 0.3125, "0,25"])
def test_a_time_that_a_spreadsheet_holds_as_a_part_of_a_day_is_refused_not_read_as_another(cell: object) -> None:
    content = workbook(["nome", "cnpj", "abertura"], ["001 Centro", "11222333000181", cell])
    (row,) = read_rows(rows_of(content))

    assert "is not written as a time" in str(row.problems[0])
    assert "opening" not in row.fields


@pytest.mark.parametrize("rows", [[["nome"], ["001 Centro"], *[[]] * 6000, ["002 Norte"]], [*[[]] * 6000, ["nome"]]])
def test_what_stands_far_below_the_list_is_never_left_out_in_silence(rows: list[list[object]]) -> None:
    with pytest.raises(BadInput, match=f"row {len(rows)}, far below the list"):
        rows_of(workbook(*rows))


def test_what_stands_far_below_on_a_sheet_of_notes_does_no_harm_and_too_long_a_list_is_called_so() -> None:
    rows: list[list[object]] = [["nome"], ["001 Centro"]]
    assert rows_of(workbook(Lojas=rows, Notas=[*[[]] * 6000, ["ver com Ana"]]))[1][0] == "001 Centro"
    with pytest.raises(BadInput, match="more than 5000 rows"):
        rows_of(workbook(["nome"], *[[f"{number}"] for number in range(6000)]))


def test_titles_above_the_row_that_names_the_columns_are_passed_over() -> None:
    sheet = "\ufeffRelação de lojas;;\n\nSão João - 2026;;\nNome;CNPJ;Limite\nSão José;11222333000181;1.000,00\n"
    (row,) = read_rows(rows_of(sheet.encode()))

    assert row.problems == []
    assert (row.number, row.fields) == (5, {"name": "São José", "cnpj": "11222333000181", "limit": 1000})


@pytest.mark.parametrize(
    "title",
    ["Lojas, ordem alfabética, 2026", "Loja, Sul, Norte", "Empresa: Azul;CNPJ: 11.222.333/0001-81", "CNPJ:;1"],
)
def test_a_title_decides_neither_what_divides_the_columns_nor_what_they_are_called(title: str) -> None:
    (row,) = read_rows(rows_of(f"{title}\nNome;CNPJ;Limite\nSão José;11222333000181;1.000,00\n".encode()))
    assert row.fields == {"name": "São José", "cnpj": "11222333000181", "limit": 1000}


def test_a_title_above_columns_between_commas_is_passed_over() -> None:
    (row,) = read_rows(rows_of(b"Relacao; de lojas\nname,cnpj,tags\nCentro,11222333000181,a;b\n"))
    assert row.fields == {"name": "Centro", "cnpj": "11222333000181", "tags": ["a", "b"]}


def test_two_lists_below_titles_of_their_own_are_refused_not_the_second_left_out() -> None:
    north, south = (
        [[f"Lojas {name}"], ["nome", "cnpj"], [name, cnpj]]
        for name, cnpj in (("Norte", "11222333000181"), ("Sul", "11222333000262"))
    )
    with pytest.raises(BadInput, match="Norte, Sul"):
        rows_of(workbook(Norte=north, Sul=south))


async def test_columns_that_mean_nothing_are_named_before_anything_is_saved(chain: Chain) -> None:
    content = b"Lojas;;;\nnome;cnpj;Chimera manda?;cidade\n003 Sul;11222333000343;0;Recife\n"
    found = await take(chain, content, dry_run=True)
    assert (found.new, found.columns) == (["003 Sul"], ["Chimera manda?", "cidade"])


def test_rows_are_called_by_their_numbers_in_the_file() -> None:
    rows = read_rows(rows_of(b"\n;;\nnome;limite\n\nCentro;1\n;\nNorte;x\n\n"))
    assert [(row.number, row.name, len(row.problems)) for row in rows] == [(5, "Centro", 0), (7, "Norte", 1)]


def test_unicode_text_of_a_spreadsheet_is_read() -> None:
    assert rows_of("nome\tcnpj\nÚnica\t1\n".encode("utf-16")) == [["nome", "cnpj"], ["Única", "1"]]


@given(st.binary(max_size=300))
def test_no_file_crashes_the_reading(content: bytes) -> None:
    with suppress(BadInput):
        read_rows(rows_of(content))


@given(st.dictionaries(st.integers(4, 4000), st.integers(0, 255), min_size=1, max_size=6), st.integers(0, 4000))
def test_no_damaged_workbook_crashes_the_reading(changes: dict[int, int], cut: int) -> None:
    content = io.BytesIO()
    book = Workbook()
    first_of(book).append(["001 Centro", 11222333000181, 1.5, True, None])
    book.save(content)
    damaged = bytearray(content.getvalue())
    for place, byte in changes.items():
        damaged[place % (len(damaged) - 4) + 4] = byte
    for sent in (bytes(damaged), content.getvalue()[: 4 + cut]):
        with suppress(BadInput):
            rows_of(sent)
