"""What the command line prints: words as they are, whatever signs are in them."""

from collections.abc import Callable
from functools import partial

from rich.console import Console


def printer(*, stderr: bool = False) -> Callable[[str], None]:
    """Return what prints a line; the terminal wraps it, and nothing in it is taken for markup."""
    return partial(Console(stderr=stderr, soft_wrap=True).print, markup=False, highlight=False)
