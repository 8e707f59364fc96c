"""Which stores of a run share a trouble."""

from collections.abc import Iterable

from core.errors import RESTS
from core.executions.states import Outcome
from core.executions.views import RunView, StoreView
from core.texts import Text
from handlers.cards.words import PROBLEMS

Cause = tuple[Outcome, Text | None, list[StoreView]]


def causes_of(run: RunView) -> Iterable[Cause]:
    """Return the troubles of a run with their stores: the worst first, then what hit most."""
    for outcome in PROBLEMS:
        groups: dict[str, list[StoreView]] = {}
        for store in run.stores:
            if store.outcome is outcome:
                groups.setdefault(f"{store.let_go} {store.reason or ''}", []).append(store)
        for stores in sorted(_joined(list(groups.values())), key=len, reverse=True):
            yield outcome, stores[0].reason, stores


def _joined(groups: list[list[StoreView]]) -> list[list[StoreView]]:
    """Put the stores that found a host resting to those whose failures sent it to rest: it is one trouble."""
    joined = [stores for stores in groups if not _rests(stores[0].reason)]
    for stores in groups:
        if _rests(stores[0].reason):
            first = next((one for one in joined if _host(one[0].reason) == _host(stores[0].reason)), None)
            if first is None:
                joined.append(stores)
            else:
                first += stores
    return joined


def _rests(reason: Text | None) -> bool:
    return reason is not None and reason.message == RESTS


def _host(reason: Text | None) -> object:
    return None if reason is None else reason.params.get("host")
