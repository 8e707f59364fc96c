"""A faithful local ERP: the RP services API of `protocols/rp.md`, with its dirt and its faults."""

from sandbox.faults import Fault
from sandbox.rp.options import RpOptions
from sandbox.rp.products import ErpProduct
from sandbox.rp.server import RpServer

__all__ = ["ErpProduct", "Fault", "RpOptions", "RpServer"]
