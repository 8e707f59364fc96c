"""What an upload says, whatever codes there are and however the platform spells them; see `sending.py`."""

import json
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalogue.lines import Line
from core.catalogue.packed import pack, packed_lines
from core.windows import Window
from integrations.contract import Campaign, StoreRef
from integrations.crescevendas.sending import UploadWriter
from integrations.crescevendas.settings import CresceVendasSettings
from tests.integrations.crescevendas.conftest import ZONE

OURS = Line.__struct_fields__
HOSTILE = ['","price":"', '","limit":', '{"code":"', "\\", '\\"', '"', "ção", "\n", "7"]
codes = st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=4).map("".join)
prices = st.integers(1, 99_999_999).map(lambda cents: Decimal(cents).scaleb(-2))
lines = st.lists(st.builds(Line, codes, prices, prices, st.integers(1, 1000)), min_size=1, max_size=5)
names = st.permutations([*OURS, "product_code", "quantity"]).map(lambda some: some[: len(OURS)])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # neither fixture can change
@given(some=lines, theirs=names, part=st.sampled_from([None, 2]))
def test_every_value_stands_under_its_name(
    store: StoreRef, window: Window, some: list[Line], theirs: list[str], part: int | None
) -> None:
    spelled = dict(zip(OURS, theirs, strict=True))
    configured = CresceVendasSettings(email="ana@example.com", token="t", line_fields=spelled, lines_per_upload=part)
    wanted = [{spelled[name]: getattr(line, name) for name in OURS} for line in some]
    for listed in (some, packed_lines(pack(some), len(some))):
        bodies = list(UploadWriter(configured).bodies(Campaign(store, window, listed), ZONE))
        told = [line for body in bodies for line in json.loads(body, parse_float=Decimal)["discount_store_lines"]]
        assert told == wanted
