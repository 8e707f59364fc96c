"""Scripted misbehaviour, shared by every server of the sandbox."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import msgspec

# Kinds any server can play; each server adds its own.
SHARED_KINDS = frozenset(
    {
        # The connection is closed without an answer. A client may ask again by itself, unseen, when the
        # connection was a kept one (aiohttp does for a GET): two in a row are seen by every client.
        "refuse",
        "hang",  # nothing is done and nothing answered until the client gives up
        "delay",  # the right answer, `parameter` seconds late
        "cut_body",  # Content-Length promises more than is sent
        "http_503_html",
        "http_500_html",
        "http_500_envelope",
        "status_error_200",
        "http_429",  # `parameter` is the Retry-After header; None sends none
        "not_json",
        "html_200",
        "empty_object",
        "null_body",
        "login_refused",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a fault is matched against: one request as its server understood it.

    `route` is the server's short name for the endpoint, `store` a CNPJ or registration,
    `page` the 1-based page of a scan (None outside of scans).
    """

    method: str
    path: str
    route: str
    store: str | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave, and when.

    times: how many matching calls it spoils; None means for ever.
    page: 1-based page of a scan. A repeated request for the same cursor keeps its number.
    store: CNPJ (ERP) or registration (platform).
    probability: chance per matching call, drawn from a generator seeded with `seed`.
    path, method: part of the request path, and the HTTP method, that the call must have.
    parameter: seconds, Retry-After, number of lines or amount of money, as the kind wants it.
    """

    kind: str
    times: int | None = 1
    page: int | None = None
    store: str | None = None
    probability: float | None = None
    seed: int = 0
    path: str | None = None
    method: str | None = None
    parameter: float | str | None = None

    def matches(self, call: Call) -> bool:
        """Tell whether the call is one this fault may spoil, chance and count aside."""
        return (
            (self.page is None or self.page == call.page)
            and (self.store is None or self.store == call.store)
            and (self.path is None or self.path in call.path)
            and (self.method is None or self.method == call.method)
        )

    def number(self, default: float) -> float:
        """Return the parameter as a number."""
        return default if self.parameter is None else float(self.parameter)


@dataclass(slots=True)
class _Armed:
    fault: Fault
    left: int | None
    dice: random.Random

    def strikes(self, call: Call) -> bool:
        if self.left == 0 or not self.fault.matches(call):
            return False
        chance = self.fault.probability
        return chance is None or self.dice.random() < chance


@dataclass(slots=True)
class Faults:
    """The faults armed on one server.

    `routes` says for each kind the server knows on which routes it can happen; None means on every route.
    """

    routes: dict[str, frozenset[str] | None]
    _armed: list[_Armed] = field(default_factory=list)

    def add(self, *faults: Fault) -> None:
        """Arm faults. Raises ValueError for a kind this server cannot play, arming none of them."""
        for fault in faults:
            if fault.kind not in self.routes:
                raise ValueError(f"unknown fault: {fault.kind}")
        self._armed += [_Armed(fault, fault.times, random.Random(fault.seed)) for fault in faults]

    def add_documents(self, documents: Iterable[Any]) -> None:
        """Arm faults given as JSON objects. Raises ValueError for wrong ones, arming none of them."""
        self.add(*msgspec.convert(list(documents), list[Fault]))

    def remove(self, fault: Fault) -> None:
        """Disarm one fault, wherever it stands with its count."""
        self._armed = [armed for armed in self._armed if armed.fault is not fault]

    def clear(self) -> None:
        """Disarm everything."""
        self._armed.clear()

    def take(self, call: Call) -> list[Fault]:
        """Return what happens to this call and count it: every delay, and the first fault of another kind."""
        taken: list[Fault] = []
        spoiled = False
        for armed in self._armed:
            if spoiled and armed.fault.kind != "delay":
                continue
            if not self._possible(armed.fault.kind, call) or not armed.strikes(call):
                continue
            armed.left = None if armed.left is None else armed.left - 1
            spoiled = spoiled or armed.fault.kind != "delay"
            taken.append(armed.fault)
        return taken

    def _possible(self, kind: str, call: Call) -> bool:
        routes = self.routes[kind]
        return routes is None or call.route in routes

    def __bool__(self) -> bool:
        return bool(self._armed)

    def __iter__(self) -> Iterator[Fault]:
        return iter([armed.fault for armed in self._armed])

    def documents(self) -> list[dict[str, Any]]:
        """Return the armed faults as JSON objects, with what is left of their count."""
        return [{**asdict(armed.fault), "left": armed.left} for armed in self._armed]
