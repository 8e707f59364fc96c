"""The chat page: a messenger in the browser for the people of the sandbox, with a panel to break things."""

from sandbox.page.server import PageServer, Process
from sandbox.page.troubles import Troubles

__all__ = ["PageServer", "Process", "Troubles"]
