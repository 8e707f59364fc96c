"""A catalogue is read to its proven end, or it is incomplete (rules 1.1, rp.md 3 and 8)."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.errors import (
    CredentialsRefused,
    Refused,
    ScanIncomplete,
    TemporarilyUnavailable,
    Unreachable,
)
from integrations.contract import DiscountSource, StoreRef
from integrations.rp.connection import RpConnection
from sandbox.faults import Call, Fault
from sandbox.rp.server import RpServer

Connect = Callable[..., RpConnection]
Scan = Callable[[RpConnection, StoreRef], Any]
CNPJ = "11222333000181"
OTHER = "33444555000181"
ALL = {"only_second_price": False}


def lists(erp: RpServer) -> list[str]:
    return [entry.path for entry in erp.journal if "/listaprodutos/" in entry.path]


def other_store() -> StoreRef:
    return StoreRef("s2", "002 Norte", OTHER, OTHER, OTHER, ZoneInfo("America/Sao_Paulo"))


async def test_a_whole_catalogue_is_read_in_pages_and_its_end_asked_for_twice(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    connection = connect(erp.url, page_size=10, **ALL)
    found = await scan(connection, store)
    assert isinstance(connection, DiscountSource)
    assert (found.pages, found.read, len(found.candidates)) == (3, 25, 10)
    paths = lists(erp)
    assert len(paths) == 5
    assert paths[3] == paths[4]
    assert paths[0] == f"/v3.2/produtounidade/listaprodutos/0/unidade/{CNPJ}?limit=10"


async def test_the_erp_rests_between_two_pages(erp: RpServer, connect: Connect, scan: Scan, store: StoreRef) -> None:
    begun = perf_counter()
    assert (await scan(connect(erp.url, page_size=10, page_pause_ms=40, **ALL), store)).pages == 3
    assert perf_counter() - begun >= 3 * 0.04


async def test_the_usual_sync_costs_one_login_and_three_requests(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    found = await scan(connect(erp.url), store)
    assert len(found.candidates) == 10
    assert len(erp.journal) == 4
    assert lists(erp)[0].endswith("?limit=100&somentePreco2=true")


async def test_candidates_carry_what_the_erp_has(erp: RpServer, connect: Connect, scan: Scan, store: StoreRef) -> None:
    erp.options.with_limite = True
    code = next(item["Codigo"] for item in erp.catalogue(CNPJ) if item["PrecoVenda2"])
    erp.change(CNPJ, code, limit=7, name="  *AÇÚCAR  CRISTAL ", price=Decimal("8.90"), club_price=Decimal("7.45"))
    found = (await scan(connect(erp.url), store)).candidates[str(code)]
    assert (found.name, found.limit) == ("AÇÚCAR CRISTAL", 7)
    assert (str(found.base), str(found.final), str(found.till)) == ("8.90", "7.45", "8.90")


@pytest.mark.parametrize("version", ["v2.0", "v2.8", "v3.2"])
@pytest.mark.parametrize("detail", [False, True])
async def test_every_version_and_field_set_gives_the_same_products(
    version: str, detail: bool, erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    found = await scan(connect(erp.url, api_version=version, detail=detail, page_size=4, **ALL), store)
    assert (found.read, len(found.candidates)) == (25, 10)


@pytest.mark.parametrize(
    "options",
    [
        {"root_level": True},
        {"root_level": True, "camel_case": True, "status_text": None},
        {"content_list": True},
        {"response_list": True},
        {"camel_case": True},
        {"string_numbers": True},
        {"comma_decimals": True},
        {"code_as_string": True},
        {"latin1": True},
        {"bom": True},
        {"status_text": "OK"},
        {"status_text": None},
        {"messages_as": "strings"},
        {"messages_as": "single"},
        {"messages_as": "absent"},
        {"ignore_limit": True},
        {"ignore_second_price": True},
        {"page_cap": 3},
    ],
)
async def test_every_known_shape_gives_the_same_candidates(
    options: dict[str, Any], erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    expected = (await scan(connect(erp.url), store)).candidates
    erp.patch_options(options)
    assert (await scan(connect(erp.url, page_size=4), store)).candidates == expected


async def test_another_name_of_the_second_price_is_found_when_it_is_set(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.options.second_price_alias = "Preco2"
    assert not (await scan(connect(erp.url), store)).candidates
    found = await scan(connect(erp.url, club_price_fields=["PrecoVenda2", "Preco2"]), store)
    assert len(found.candidates) == 10


async def test_dirty_products_are_sorted_out_under_their_reasons(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    codes = erp.add_dirty(CNPJ)
    found = await scan(connect(erp.url, page_size=7, **ALL), store)
    reasons = {label: found.reasons[str(code)] for label, code in codes.items() if str(code) in found.reasons}
    assert reasons == {
        "club price 0": "no_club_price",
        "club price missing": "no_club_price",
        "club price null": "no_club_price",
        "club price empty": "no_club_price",
        "club price text zero": "no_club_price",
        "club price equal to base": "club_not_below_base",
        "club price above base": "club_not_below_base",
        "club price negative": "invalid_number",
        "club price not a number": "invalid_number",
        "club price infinite": "invalid_number",
        "base 0, till filled": "zero_price",
        "base missing": "zero_price",
        "limit negative": "invalid_number",
        "blocked": "blocked",
        "blocked as bool": "blocked",
        "inactive": "inactive",
        "inactive as text": "inactive",
        "active null": "inactive",
        "cancelled": "cancelled",
        "blocked and cancelled": "blocked",
        "placeholder name": "placeholder_name",
        "per unit price alone": "no_club_price",
    }
    kept = {label: found.candidates[str(code)] for label, code in codes.items() if label not in reasons}
    assert str(kept["club price half cent"].final) == "16.00"
    assert str(kept["base price thousands"].base) == "1234.56"
    assert kept["till unreadable"].till is None
    assert kept["limit text"].limit == 12
    assert kept["name with its code"].name == "BISCOITO 900001"
    assert kept["name with leading star"].name == "CAFE TORRADO 500G"
    assert {kept[label].ean for label in ("no barcode", "barcode absent", "barcode in words", "zero barcode")} == {""}
    assert kept["barcode as int"].ean == "7891000000017"


async def test_an_empty_first_page_is_asked_for_three_times(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.faults.add(Fault("empty_page", times=2, page=1))
    assert (await scan(connect(erp.url), store)).read == 10


async def test_a_store_that_stays_empty_ends_without_products(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.faults.add(Fault("empty_page", times=None, page=1))
    assert (await scan(connect(erp.url), store)).pages == 0
    assert len(lists(erp)) == 3


async def test_a_false_empty_answer_in_the_middle_ends_nothing(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.faults.add(Fault("empty_page", page=2), Fault("empty_page", page=4))
    assert (await scan(connect(erp.url, page_size=5), store)).read == 10


@pytest.mark.parametrize(("size", "requests"), [(10, 3), (5, 4), (9, 4), (100, 3)])
async def test_a_page_of_any_length_is_no_end(
    size: int, requests: int, erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    assert (await scan(connect(erp.url, page_size=size), store)).read == 10
    assert len(lists(erp)) == requests


@pytest.mark.parametrize("kind", ["null_list", "missing_list", "empty_object", "null_body", "not_json", "html_200"])
@pytest.mark.parametrize("page", [1, 2, 3])
async def test_an_unreadable_page_makes_the_scan_incomplete_and_is_never_its_end(
    kind: str, page: int, erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.faults.add(Fault(kind, times=None, page=page))
    with pytest.raises(ScanIncomplete, match=f"Page {page}") as caught:
        await scan(connect(erp.url, page_size=5), store)
    assert not caught.value.permanent
    assert "registro" not in str(caught.value)


@pytest.mark.parametrize(
    "kind",
    ["refuse", "cut_body", "http_503_html", "http_500_html", "http_500_envelope", "not_json", "null_list", "html_200"],
)
@pytest.mark.parametrize("page", [1, 2, 3])
async def test_a_fault_that_passes_costs_nothing_but_time(
    kind: str, page: int, erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.faults.add(Fault(kind, times=2, page=page))
    assert (await scan(connect(erp.url, page_size=5), store)).read == 10


@pytest.mark.parametrize("kind", ["cut_body", "http_503_html", "http_500_html", "http_429"])
async def test_a_cut_page_or_a_busy_erp_is_never_the_end_of_a_catalogue(
    kind: str, erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.faults.add(Fault(kind, times=None, page=3, parameter=0))
    with pytest.raises((TemporarilyUnavailable, ScanIncomplete)):
        await scan(connect(erp.url, page_size=5), store)
    assert len(lists(erp)) == 5


async def test_an_error_the_erp_states_is_asked_once_more_and_then_believed(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.faults.add(Fault("status_error_200", times=1, page=2))
    assert (await scan(connect(erp.url, page_size=5), store)).read == 10
    erp.journal.clear()
    erp.faults.add(Fault("status_error_200", times=None, page=2))
    with pytest.raises(Refused) as caught:
        await scan(connect(erp.url, page_size=5), store)
    assert len(lists(erp)) == 3
    assert "StackTrace" not in str(caught.value)


@pytest.mark.parametrize("kind", ["http_500_envelope", "http_500_html", "not_json"])
async def test_an_error_that_repeats_is_tried_three_times_at_most(
    kind: str, erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.faults.add(Fault(kind, times=None, path="/listaprodutos/"))
    with pytest.raises((Refused, ScanIncomplete)):
        await scan(connect(erp.url), store)
    assert len(lists(erp)) == 3


async def test_a_cursor_that_does_not_advance_is_said_and_ends_the_scan(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.faults.add(Fault("stuck_cursor", times=None, page=3))
    with pytest.raises(ScanIncomplete, match="gave page 2 twice: its cursor does not advance"):
        await scan(connect(erp.url, page_size=4), store)


@pytest.mark.parametrize("kind", ["unsorted", "duplicates"])
async def test_an_unsorted_or_repeating_page_loses_and_doubles_nothing(
    kind: str, erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    expected = (await scan(connect(erp.url), store)).candidates
    erp.faults.add(*(Fault(kind, page=page) for page in (2, 3)))
    found = await scan(connect(erp.url, page_size=4), store)
    assert found.candidates == expected


async def test_after_an_unsorted_page_the_cursor_is_its_highest_code(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.faults.add(Fault("unsorted", page=1), Fault("unsorted", page=2))
    assert (await scan(connect(erp.url, page_size=4), store)).pages == 3


async def test_of_two_copies_of_a_code_on_one_page_the_last_counts(
    parrot: Any, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    parrot.say(
        '{"response": {"status": "ok", "produtos": [{"Codigo": 5, "Preco": 9, "PrecoVenda2": 8},'
        ' {"Codigo": "005", "Preco": 9, "PrecoVenda2": 7}]}}'
    )
    parrot.say('{"response": {"status": "ok", "produtos": []}}')
    found = await scan(connect(parrot.url), store)
    assert (found.read, str(found.candidates["5"].final)) == (2, "7.00")
    assert "/listaprodutos/5/" in parrot.paths()[-1]


@pytest.mark.parametrize("code", [None, 0, -3, "ABC", ""])
async def test_a_product_without_usable_code_makes_the_scan_incomplete(
    code: Any, erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    row = next(iter(erp.catalogue(CNPJ)))
    erp.put(CNPJ, row | {"Codigo": code}, at=row["Codigo"] + 1)
    with pytest.raises(ScanIncomplete, match="without a usable code"):
        await scan(connect(erp.url, **ALL), store)


async def test_a_token_that_dies_in_mid_scan_is_renewed_and_nothing_is_lost(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.faults.add(Fault("token_revoked", page=2), Fault("token_revoked", page=4))
    assert (await scan(connect(erp.url, page_size=3), store)).read == 10
    assert sum(entry.path.endswith("/auth") for entry in erp.journal) == 3


async def test_a_login_refused_in_mid_scan_ends_it_and_is_not_tried_again(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.faults.add(Fault("token_revoked", page=2))

    def change_password(call: Call) -> None:
        if call.page == 2:
            erp.faults.add(Fault("login_refused", times=None))

    erp.before_answer = change_password
    connection = connect(erp.url, page_size=3)
    for _ in range(2):
        with pytest.raises(CredentialsRefused):
            await scan(connection, store)
    assert sum(entry.path.endswith("/auth") for entry in erp.journal) == 2


@pytest.mark.parametrize("status", [200, 400, 404])
async def test_an_unknown_store_is_explained(status: int, erp: RpServer, connect: Connect, scan: Scan) -> None:
    erp.options.unknown_unit_status = status
    with pytest.raises(Refused, match="does not know this store"):
        await scan(connect(erp.url), other_store())


async def test_a_store_can_be_named_by_the_erps_own_code(erp: RpServer, connect: Connect, scan: Scan) -> None:
    erp.options.unit_by_code = True
    named = StoreRef("s1", "001 Centro", CNPJ, "001", CNPJ, ZoneInfo("America/Sao_Paulo"))
    assert (await scan(connect(erp.url), named)).read == 10


async def test_a_unit_cannot_leave_its_place_in_the_address(parrot: Any, connect: Connect, scan: Scan) -> None:
    parrot.say('{"response": {"status": "ok", "produtos": []}}')
    odd = StoreRef("s1", "X", CNPJ, "../1?a=b", CNPJ, ZoneInfo("America/Sao_Paulo"))
    await scan(connect(parrot.url), odd)
    assert "/unidade/..%2F1%3Fa" in parrot.paths()[-1]


async def test_an_erp_that_is_down_is_unreachable(connect: Connect, scan: Scan, store: StoreRef) -> None:
    with pytest.raises(Unreachable):
        await scan(connect("http://127.0.0.1:9"), store)


async def test_one_store_that_fails_leaves_the_others_alone(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.add_store(OTHER, unit_code="002", size=25, discounted=10)
    erp.faults.add(Fault("null_list", times=None, store=CNPJ, page=2))
    connection = connect(erp.url, page_size=5)
    results: tuple[Any, ...] = await asyncio.gather(
        scan(connection, store), scan(connection, other_store()), return_exceptions=True
    )
    assert isinstance(results[0], ScanIncomplete)
    assert results[1].read == 10


async def test_a_price_that_changes_behind_the_cursor_is_not_seen_twice(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    code = next(item["Codigo"] for item in erp.catalogue(CNPJ) if item["PrecoVenda2"])

    def change(call: Call) -> None:
        if call.page == 2:
            erp.change(CNPJ, code, club_price=Decimal("0.01"))

    erp.before_answer = change
    found = await scan(connect(erp.url, page_size=5), store)
    assert found.read == 10
    assert found.candidates[str(code)].final != Decimal("0.01")


async def test_a_redirect_is_not_followed_and_said(parrot: Any, connect: Connect, scan: Scan, store: StoreRef) -> None:
    parrot.say("", 302, Location="http://169.254.169.254/")
    with pytest.raises(Refused, match="points elsewhere"):
        await scan(connect(parrot.url), store)


async def test_a_list_without_end_is_stopped(parrot: Any, connect: Connect, store: StoreRef) -> None:
    connection = connect(parrot.url)
    pages = connection.scan(store)
    parrot.answers = _Endless()
    with pytest.raises(ScanIncomplete, match="did not end within 2000 pages"):
        async for _ in pages:
            pass


class _Endless(list[tuple[int, bytes, dict[str, str]]]):
    """Answers with one product more each time."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    def __len__(self) -> int:
        return 2

    def pop(self, index: Any = -1) -> tuple[int, bytes, dict[str, str]]:
        self.number += 1
        body = f'{{"response": {{"status": "ok", "produtos": [{{"Codigo": {self.number}}}]}}}}'
        return 200, body.encode(), {}
