"""The body of an upload (`protocols/crescevendas.md` 2)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

import msgspec

from core.catalogue.lines import Line
from core.catalogue.packed import pack
from core.errors import BadInput
from core.texts import T
from integrations.contract import Campaign
from integrations.crescevendas.naming import campaign_name
from integrations.crescevendas.settings import CresceVendasSettings, LineFields

PATH = "/admin/integrations/discount_stores/batch_upload"

_FORM = "%Y-%m-%dT%H:%M"
_encode = msgspec.json.Encoder().encode


class _Upload(msgspec.Struct, frozen=True):
    override: int
    start_date: str
    end_date: str
    store_registrations: list[str]
    name: str
    discount_store_lines: msgspec.Raw


class UploadWriter:
    """Writes campaigns under one integration's field names, name template and part size."""

    def __init__(self, settings: CresceVendasSettings) -> None:
        self._template = settings.name_template
        self._part = settings.lines_per_upload
        self._spelling = _spelling(settings.line_fields)

    def bodies(self, campaign: Campaign, zone: tzinfo) -> Iterator[bytes]:
        """Yield the body to send, or several when a campaign is sent in parts.

        Start and end are written in `zone`; only the first part replaces what was there, the
        others add. Raises BadInput for an empty list that nobody ordered: it would erase the campaign.
        """
        if not campaign.lines and not campaign.empties:
            raise BadInput(T("There is nothing to send: an empty campaign would erase the store's discounts."))
        times = campaign.window.start.astimezone(zone), campaign.window.end.astimezone(zone)
        for number, lines in enumerate(self._parts(campaign.lines)):
            yield self._body(campaign, lines, times, override=int(number == 0))

    def _parts(self, lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
        """Yield what leaves in one piece; all of it, which may still be packed, when nothing else is set up."""
        if self._part is None or len(lines) <= self._part:
            yield lines
            return
        for first in range(0, len(lines), self._part):
            yield lines[first : first + self._part]

    def _body(
        self, campaign: Campaign, lines: Sequence[Line], times: tuple[datetime, datetime], *, override: int
    ) -> bytes:
        start, end = times
        return _encode(
            _Upload(
                override=override,
                start_date=start.strftime(_FORM),
                end_date=end.strftime(_FORM),
                store_registrations=[campaign.store.registration],
                name=campaign_name(self._template, campaign.store, start),
                discount_store_lines=msgspec.Raw(self._spelled(pack(lines))),
            )
        )

    def _spelled(self, packed: bytes) -> bytes:
        """Return packed lines as the platform spells them: other names, prices as numbers.

        None of the pieces that are replaced can stand in a code, where no quote is without a backslash.
        """
        for ours, theirs in self._spelling:
            packed = packed.replace(ours, theirs)
        return packed


def _spelling(names: LineFields) -> list[tuple[bytes, bytes]]:
    """Return what stands around the values of a packed line, and what takes its place on the wire.

    From the last field to the first, so that no name that was put in is taken for one still to be replaced.
    """
    code, price, final_price, limit = (_encode(getattr(names, name)) for name in Line.__struct_fields__)
    return [
        (b'","limit":', b",%b:" % limit),
        (b'","final_price":"', b",%b:" % final_price),
        (b'","price":"', b'",%b:' % price),
        (b'{"code":"', b'{%b:"' % code),
    ]
