"""Large pages are read in the helper process, with the same verdicts; without it, here."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.errors import OutsideError
from core.helper.process import WORTH_IT, Helper, HelperFailed
from core.money import to_cents
from integrations.answer import Answer
from integrations.rp.decide import Page, Plan
from integrations.rp.desk import PageDesk
from integrations.rp.errand import TASK, Order, decode_page, encode_order
from integrations.rp.pages import PageReader
from integrations.rp.settings import RpSettings
from tests.kit.errands import NAME

Say = Callable[..., Answer]
PLAN = Plan.of(RpSettings(base_url="http://erp.example", fixed_token="t"))


def product(code: int, **other: Any) -> dict[str, Any]:
    base = code % 90 + 10
    prices = {"Preco": float(f"{base}.90"), "PrecoPDV": float(f"{base}.90"), "PrecoVenda2": float(f"{base - 9}.95")}
    flags = {"Ativo": True, "Bloqueado": "N", "Status": "NORMAL"}
    return {"Codigo": code, "Descricao": f"CAFÉ {code}", "CodigoBarras": f"789{code:010}"} | prices | flags | other


def page_of(*odd: dict[str, Any]) -> bytes:
    items = [product(code) for code in range(1, 601)]
    body = json.dumps({"response": {"status": "ok", "produtos": [*items, *odd]}}, ensure_ascii=False).encode()
    assert len(body) > WORTH_IT
    return body


def opened(page: Page) -> Page:
    """Return a page whose candidates are a plain list, for comparison."""
    return replace(page, candidates=list(page.candidates))


@pytest.fixture
async def helper() -> AsyncIterator[Helper]:
    made = Helper(patience=60.0, rest=0.0)
    yield made
    await made.close()


@pytest.mark.parametrize(
    "odd",
    [
        [],
        [product(700, Ativo=False), product(701, PrecoVenda2=0), product(702, PrecoVenda2=500.0)],
        [product(700, PrecoVenda2="8,905"), product(701, Preco=10**30), product(702, PrecoPDV=None)],
        [product(700, Limite=3), product(701, LIMITE=2), product(702, Bloqueádo="S")],
        [product(700, CodigoBarras="SEM GTIN"), product(701, Descricao="  * ARROZ  701 "), product(5, Preco=99.0)],
    ],
    ids=["clean", "rejects", "odd-prices", "odd-keys", "odd-texts"],
)
async def test_a_page_read_by_the_helper_is_the_page_read_here(
    helper: Helper, say: Say, odd: list[dict[str, Any]]
) -> None:
    there, here = PageDesk(PLAN, helper), PageReader(PLAN)
    for body in (page_of(), page_of(*odd)):
        page = opened(await there.read(say(body), 0))

        expected = here.read(say(body), 0)
        assert (page, page.ascending) == (expected, expected.ascending)
        assert all(type(one.base) is Decimal and str(to_cents(one.base)) == str(one.base) for one in page.candidates)


async def test_the_helper_itself_reads_clean_and_odd_pages(helper: Helper, say: Say) -> None:
    order = encode_order(Order(PLAN.club, PLAN.base, 0))
    for body in (page_of(), page_of(product(700, LIMITE=2))):
        assert opened(decode_page(await helper.work(TASK, order, body))) == PageReader(PLAN).read(say(body), 0)


@pytest.mark.parametrize(
    "body",
    [page_of()[:-100], b"<html>" + b" " * WORTH_IT, page_of(product(0)), page_of().replace(b'"ok"', b'"erro"')],
    ids=["cut", "web page", "no code", "stated error"],
)
async def test_a_page_that_is_none_is_refused_in_the_same_words(helper: Helper, say: Say, body: bytes) -> None:
    with pytest.raises(OutsideError) as here:
        PageReader(PLAN).read(say(body), 0)
    with pytest.raises(OutsideError) as there:
        await PageDesk(PLAN, helper).read(say(body), 0)

    assert (type(there.value), there.value.text) == (type(here.value), here.value.text)


async def test_pages_that_a_dead_helper_took_with_it_are_read_here(say: Say) -> None:
    helper = Helper(rest=3600.0)
    with pytest.raises(HelperFailed):
        await helper.work(f"{NAME}die", b"", b"")

    page = await PageDesk(PLAN, helper).read(say(page_of()), 0)

    assert page == PageReader(PLAN).read(say(page_of()), 0)
    assert len(page.candidates) == 600


async def test_a_page_too_large_for_the_helper_is_read_here(helper: Helper, say: Say) -> None:
    body = page_of() + b" " * 17 * 1024 * 1024

    assert (await PageDesk(PLAN, helper).read(say(body), 0)).read == 600
