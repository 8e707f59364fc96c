"""How a process sets its interpreter; tried in one of its own, since it lasts."""

import subprocess
import sys

_LOOK = """
import gc, sys
from core.interpreter import settle
gc.disable()
settle()
print(gc.isenabled(), gc.get_freeze_count() > 1000, gc.get_threshold()[0], sys.getswitchinterval() <= 0.001)
class Ring: pass
ring = Ring(); ring.itself = ring; del ring
print(gc.collect() >= 1)
"""


def test_what_is_imported_is_left_alone_and_what_comes_later_is_still_collected() -> None:
    done = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "5000", "True", "True"]
