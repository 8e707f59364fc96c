"""The body of an upload (`protocols/crescevendas.md` 2)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

import msgspec

from core.catalogue.lines import Line
from core.errors import BadInput
from core.texts import T
from integrations.contract import Campaign
from integrations.crescevendas.naming import campaign_name
from integrations.crescevendas.settings import CresceVendasSettings, LineFields

PATH = "/admin/integrations/discount_stores/batch_upload"

_FORM = "%Y-%m-%dT%H:%M"


class _Upload(msgspec.Struct, frozen=True):
    override: int
    start_date: str
    end_date: str
    store_registrations: list[str]
    name: str
    discount_store_lines: Sequence[msgspec.Struct]


class UploadWriter:
    """Writes campaigns under one integration's field names, name template and part size."""

    def __init__(self, settings: CresceVendasSettings) -> None:
        self._template = settings.name_template
        self._part = settings.lines_per_upload
        self._renamed = _renamed(settings.line_fields)
        self._encode = msgspec.json.Encoder(decimal_format="number").encode

    def bodies(self, campaign: Campaign, zone: tzinfo) -> Iterator[bytes]:
        """Yield the body to send, or several when a campaign is sent in parts.

        Start and end are written in `zone`; only the first part replaces what was there, the
        others add. Raises BadInput for an empty list that nobody ordered: it would erase the campaign.
        """
        if not campaign.lines and not campaign.empties:
            raise BadInput(T("There is nothing to send: an empty campaign would erase the store's discounts."))
        lines = campaign.lines
        size = self._part or len(lines) or 1
        start = campaign.window.start.astimezone(zone)
        end = campaign.window.end.astimezone(zone)
        for first in range(0, len(lines) or 1, size):
            yield self._body(campaign, lines[first : first + size], (start, end), override=int(first == 0))

    def _body(
        self, campaign: Campaign, lines: Sequence[Line], times: tuple[datetime, datetime], *, override: int
    ) -> bytes:
        start, end = times
        sent: Sequence[msgspec.Struct] = lines
        if self._renamed is not None:
            line = self._renamed
            sent = [line(x.code, x.price, x.final_price, x.limit) for x in lines]
        return self._encode(
            _Upload(
                override=override,
                start_date=start.strftime(_FORM),
                end_date=end.strftime(_FORM),
                store_registrations=[campaign.store.registration],
                name=campaign_name(self._template, campaign.store, start),
                discount_store_lines=sent,
            )
        )


def _renamed(names: LineFields) -> type[msgspec.Struct] | None:
    """Return the type of a line with other names on the wire than its own, None for the same."""
    wire = names.model_dump()
    if all(name == wire[name] for name in Line.__struct_fields__):
        return None
    return msgspec.defstruct("SentLine", list(Line.__annotations__.items()), rename=wire, gc=False)
