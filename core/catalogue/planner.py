"""Who plans a store: the helper process when there is much to plan, else this process."""

from collections.abc import Sequence

from core.catalogue.lines import Candidate
from core.catalogue.packed import pack
from core.catalogue.planning import TASK, Known, Planned, encode_known, plan, read_reply
from core.courtesy import Courtesy
from core.helper.process import WORTH_IT, Helper, HelperFailed


class Planner:
    """Has stores planned, as `core.catalogue.planning.plan` does."""

    def __init__(self, helper: Helper, courtesy: Courtesy) -> None:
        self._helper = helper
        self._courtesy = courtesy

    async def __call__(self, candidates: Sequence[Candidate], known: Known) -> tuple[Planned, bytes]:
        """Return the plan, and the lines to send in their canonical form."""
        packed = pack(candidates)
        if len(packed) >= WORTH_IT:
            try:
                return read_reply(await self._helper.work(TASK, encode_known(known), packed))
            except HelperFailed:
                pass
        await self._courtesy.turn()
        return plan(candidates, known)
