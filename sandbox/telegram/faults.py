"""Faults on order: what the next calls will meet instead of a healthy server."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["too_many_requests", "server_error", "delay", "store_then_cut", "drop"]


@dataclass(eq=False)
class Fault:
    """`times` None means until cleared. Without `method` every call but getUpdates is met."""

    kind: Kind
    times: int | None = 1
    method: str | None = None
    chat_id: int | None = None
    retry_after: int = 1
    status: int = 502
    seconds: float = 0.0

    def meets(self, method: str, chat_id: int | None) -> bool:
        if self.times == 0 or self.chat_id not in (None, chat_id):
            return False
        return method == self.method if self.method else method != "getUpdates"


class Faults:
    """The plan of faults; each call consumes at most one of each kind."""

    def __init__(self) -> None:
        self._plan: list[Fault] = []

    @property
    def pending(self) -> list[Fault]:
        return [one for one in self._plan if one.times != 0]

    def add(self, fault: Fault) -> None:
        self._plan.append(fault)

    def remove(self, fault: Fault) -> None:
        self._plan = [one for one in self._plan if one is not fault]

    def clear(self) -> None:
        self._plan.clear()

    def too_many_requests(
        self,
        retry_after: int,
        *,
        times: int | None = 1,
        method: str | None = None,
        chat_id: int | None = None,
    ) -> None:
        """Answer 429 with `retry_after` seconds."""
        self.add(Fault("too_many_requests", times, method, chat_id, retry_after=retry_after))

    def server_error(
        self,
        status: int = 502,
        *,
        times: int | None = 1,
        method: str | None = None,
        chat_id: int | None = None,
    ) -> None:
        """Answer with an HTML page and the given 5xx status; nothing is stored."""
        self.add(Fault("server_error", times, method, chat_id, status=status))

    def delay(
        self,
        seconds: float,
        *,
        times: int | None = 1,
        method: str | None = None,
        chat_id: int | None = None,
    ) -> None:
        """Let real `seconds` pass before the call is processed."""
        self.add(Fault("delay", times, method, chat_id, seconds=seconds))

    def store_then_cut(self, *, times: int | None = 1, method: str | None = None, chat_id: int | None = None) -> None:
        """Process the call, then close the connection without an answer."""
        self.add(Fault("store_then_cut", times, method, chat_id))

    def drop(self, *, times: int | None = 1, method: str | None = None, chat_id: int | None = None) -> None:
        """Close the connection before anything is processed."""
        self.add(Fault("drop", times, method, chat_id))

    def take(self, kind: Kind, method: str, chat_id: int | None) -> Fault | None:
        """Use up the first planned fault of this kind that meets the call."""
        for fault in self._plan:
            if fault.kind == kind and fault.meets(method, chat_id):
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None
