"""A faithful local loyalty platform: the two endpoints of `protocols/crescevendas.md`, with its faults."""

from sandbox.crescevendas.ledger import PlatformLine, StoredLine
from sandbox.crescevendas.options import PlatformOptions
from sandbox.crescevendas.server import PlatformServer
from sandbox.faults import Fault

__all__ = ["Fault", "PlatformLine", "PlatformOptions", "PlatformServer", "StoredLine"]
