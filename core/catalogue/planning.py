"""From what a store's ERP says today to what is sent, and what is held of it (`rules.md` 1.6, 1.7).

Pure work on packed lists, the heaviest of a sync: large ones are planned in the helper process.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from core.catalogue.lines import Candidate, Line
from core.catalogue.packed import packed_candidates
from core.catalogue.prepare import canonical, digest, prepare
from core.catalogue.rails import GuardRails, HeldLine, Release, StoreHold, hold_lines, hold_store

TASK = f"{__name__}:plan_packed"
NEVER = msgspec.Raw(b"null")
"""The last verified list of a store that never had one."""
_HEAD_ENDS = b"\n"
"""Parts what is said of the lines from the lines: JSON on one line has none of these."""


class Known(msgspec.Struct, frozen=True):
    """What the plan of a store depends on, besides its candidates.

    `verified` is the canonical form of the last verified list, or NEVER; `past` the last verified
    final prices of products that may have left it. `released_lists` are digests of
    whole lists that a person released. Limits are per customer, where a product has none of its own.
    """

    rails: GuardRails
    store_limit: int | None
    default_limit: int
    past: dict[str, Decimal]
    released_lines: frozenset[Release]
    released_lists: frozenset[str]
    verified: msgspec.Raw


class Planned(msgspec.Struct, frozen=True):
    """What is to be sent (`count` lines of this `digest`) and what is held.

    `full_digest` is that of everything that would be sent if nothing were held, `changed` how many
    lines differ from the last verified list, those that end included.
    """

    count: int
    digest: str
    full_digest: str
    held: list[HeldLine]
    stores: list[StoreHold]
    changed: int


encode_known = msgspec.json.Encoder(enc_hook=GuardRails.model_dump).encode
_encode = msgspec.json.Encoder().encode
_decode_known = msgspec.json.Decoder(Known, dec_hook=lambda kind, value: kind(**value)).decode
_decode_planned = msgspec.json.Decoder(Planned).decode
_decode_verified = msgspec.json.Decoder(list[Line] | None).decode


def plan_packed(known: bytes, candidates: bytes) -> bytes:
    """Do what `plan` does, in the helper process."""
    planned, lines = plan(packed_candidates(candidates, 0), _decode_known(known))
    return _encode(planned) + _HEAD_ENDS + lines


def read_reply(reply: bytes) -> tuple[Planned, bytes]:
    """Return what `plan_packed` replied."""
    head, _, lines = reply.partition(_HEAD_ENDS)
    return _decode_planned(head), lines


def plan(candidates: Sequence[Candidate], known: Known) -> tuple[Planned, bytes]:
    """Return what is sent and what is held, and the lines to send in their canonical form."""
    listed = _decode_verified(known.verified)
    verified = None if listed is None else {line.code: line for line in listed}
    prices = known.past | {line.code: line.final_price for line in listed or ()}
    kept, held = hold_lines(candidates, prices, known.rails, known.released_lines)
    lines = prepare(kept, known.store_limit, known.default_limit)
    packed = canonical(lines)
    sent = digest(packed)
    full = digest(prepare(candidates, known.store_limit, known.default_limit)) if held else sent
    stores = [] if full in known.released_lists else hold_store(lines, verified, known.rails)
    return Planned(len(lines), sent, full, held, stores, _changed(lines, verified or {})), packed


def _changed(lines: Sequence[Line], verified: Mapping[str, Line]) -> int:
    if not verified:
        return len(lines)
    new = sum(verified.get(line.code) != line for line in lines)
    return new + len(verified.keys() - {line.code for line in lines})
