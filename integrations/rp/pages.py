"""From the bytes of a page to judged products: the fast way when clean, else the tolerant one."""

from collections import defaultdict
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from core.catalogue.lines import Candidate, Reject
from core.errors import ScanIncomplete
from core.texts import T
from integrations.answer import Answer
from integrations.rp import answers, fields
from integrations.rp.decide import Page, Plan, decide
from integrations.rp.fast import FastReader

_CODE = fields.fold(fields.CODE)


class PageReader:
    """Reads the pages of one configuration."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._fast = FastReader(plan)

    def read(self, answer: Answer, cursor: int) -> Page:
        """Judge the page asked for after code `cursor`.

        Raises what `answers.accept` and `answers.items` raise, and ScanIncomplete for a
        product without usable code: where it stands in the order is unknown.
        """
        if answer.status == HTTPStatus.OK and (page := self._fast.read(answer.body, cursor)):
            return page
        items = answers.items(answers.accept(answer))
        page = judge(items, cursor, self._plan)
        self._fast.learn(items)
        return page


def judge(items: Sequence[dict[str, Any]], cursor: int, plan: Plan) -> Page:
    """Judge products of any spelling; of those with one code the last wins (`rp.md` 3.1)."""
    products: dict[int, dict[str, Any]] = {}
    for item in items:
        product = fields.pick(item, plan.wanted)
        code = fields.read_code(product.get(_CODE))
        if code is None:
            raise ScanIncomplete(
                T(
                    "The ERP listed a product without a usable code, somewhere after code {cursor}. "
                    "Correct it in the ERP; until then the catalogue cannot be read to its end.",
                    cursor=cursor,
                )
            )
        products[code] = product
    candidates: list[Candidate] = []
    rejects: defaultdict[Reject, list[str | int]] = defaultdict(list)
    for code, product in products.items():
        verdict = decide(product, str(code), plan)
        if isinstance(verdict, Reject):
            rejects[verdict].append(code)
        else:
            candidates.append(verdict)
    return Page(candidates, dict(rejects), len(items), max(products, default=0))
