"""The connection test (CH-2): log in, list the stores, look at a few products."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from time import perf_counter
from typing import Any

from core.cnpj import parse_cnpj
from core.errors import BadInput, Refused, UnreadableAnswer
from core.texts import TN, T, Text
from integrations.answer import Answer
from integrations.contract import Probe
from integrations.rp import answers
from integrations.rp.client import RpClient
from integrations.rp.decide import Plan
from integrations.rp.fields import fold
from integrations.rp.scan import list_params, list_path
from integrations.rp.settings import RpSettings

UNITS_PATH = "/v1.6/unidades"
SAMPLE = 5
_MAX_SHAPES = 400
_KINDS = {str: "text", bool: "yes/no", int: "number", Decimal: "number", list: "list", dict: "object"}


class Prober:
    """Asks as little as tells whether a sync would work: at most three requests."""

    def __init__(self, client: RpClient, settings: RpSettings) -> None:
        self._client = client
        self._settings = settings
        self._plan = Plan.of(settings)

    async def probe(self) -> Probe:
        """Return what was found; values of the ERP stay out. Raises OutsideError.

        A login proves that this is the ERP. With a fixed token only its own words do: any web
        server answers something.
        """
        start = perf_counter()
        shapes: dict[str, str] = {}
        notes: list[Text] = []
        version = ""
        try:
            document = await self._client.call(UNITS_PATH, {}, _document)
        except (Refused, UnreadableAnswer) as error:
            if self._settings.fixed_token.get_secret_value() and not isinstance(error, answers.ErpError):
                raise
            notes.append(T("The login works, but the list of stores cannot be read: {why}", why=error.text))
        else:
            version = _version(document)
            units = answers.entries(document, "unidades")
            shapes |= describe("unidades", units)
            cnpjs = [cnpj for unit in units if (cnpj := _cnpj(unit))]
            notes += _store_notes(cnpjs)
            if cnpjs:
                notes += await self._products(cnpjs[0], shapes)
        took = timedelta(seconds=perf_counter() - start)
        return Probe(f"RP {version}".strip(), took, notes, shapes)

    async def _products(self, unit: str, shapes: dict[str, str]) -> list[Text]:
        """Look at a short page of one store, and say what a sync would miss in it."""
        path = list_path(self._settings, 0, unit)
        document = await self._client.call(path, list_params(self._settings, SAMPLE), _document)
        items = answers.items(document)
        shapes |= describe("produtos", items)
        if not items:
            return [T("The first page of products is empty; that happens under load. Test again later.")]
        present = {fold(key) for item in items for key in item}
        return [
            T("No product carries {names}: check the price fields, or ask for the full field set.", names=names)
            for names in (list(self._plan.base), list(self._plan.club))
            if not present & set(map(fold, names))
        ]


def describe(name: str, records: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the keys of records with the kinds of their values, never a value."""
    kinds: dict[str, set[str]] = {}
    for record in records:
        for key, value in record.items():
            kinds.setdefault(f"{name}[].{key}", set()).add(_KINDS.get(type(value), "null"))
    return {key: " or ".join(sorted(found)) for key, found in list(kinds.items())[:_MAX_SHAPES]}


def _store_notes(cnpjs: list[str]) -> list[Text]:
    if not cnpjs:
        return [T("The ERP lists no store with a CNPJ; products could not be looked at.")]
    return [TN("The ERP knows one store.", "The ERP knows {n} stores.", len(cnpjs))]


def _cnpj(unit: Mapping[str, Any]) -> str:
    """Return a store's CNPJ; a number has lost its leading zeros, anything else is none."""
    try:
        return parse_cnpj(answers.text_of(unit, "cnpj").zfill(14))
    except BadInput:
        return ""


async def _document(answer: Answer) -> dict[str, Any]:
    return answers.accept(answer)


def _version(document: Mapping[str, Any]) -> str:
    """Return the server's build if it looks like one."""
    version = answers.text_of(answers.envelope(document), "appversion")
    return version if version.isascii() and version.replace(".", "").isdigit() and len(version) < len("0" * 25) else ""
