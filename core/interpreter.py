"""How the interpreter is set for a process of one busy event loop and a few threads beside it."""

import gc
import sys

_THRESHOLD = (50_000, 20, 100)
_LITTER = 5_000
"""Young objects that heavy work leaves before it has them looked at: 50,000 in one go took 20 to 50 ms."""
_SWITCH_SECONDS = 0.0002
"""A thread that comes back from the database waits that long at most until the loop lets it in.

With the usual 5 ms, a unit of work that takes 10 ms took 60 beside a full loop, and all stores
queued for the one thread that writes. The loop gets back in as soon, too.
"""


def settle() -> None:
    """Do what pays once everything is imported, which lives for ever: the collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(*_THRESHOLD)
    sys.setswitchinterval(_SWITCH_SECONDS)


def tidy() -> None:
    """Collect what heavy work left, a millisecond's worth: so that no tap meets the collector with all of it."""
    young, older, _ = gc.get_count()
    if young > _LITTER:
        gc.collect(int(older > _THRESHOLD[1]))
