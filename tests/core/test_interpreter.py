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
    assert done.stdout.split() == ["True", "True", "50000", "True", "True"]


_LITTER = """
import gc
from core.interpreter import settle, tidy
class Ring: pass
def litter(count):
    for _ in range(count):
        ring = Ring(); ring.itself = ring
def alive(): return sum(isinstance(one, Ring) for one in gc.get_objects())
settle()
litter(100); tidy(); print(alive())
litter(9_900); tidy(); print(alive())
"""


def test_little_litter_is_left_and_much_is_collected_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", _LITTER], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["100", "0"]
