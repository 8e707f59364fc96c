"""Every table of Chimera, imported so that the metadata is whole."""

from core.catalogue import model as catalogue
from core.channels import model as channels
from core.chat import model as chat
from core.connections import model as connections
from core.db.base import Base
from core.executions import model as executions
from core.history import model as history
from core.jobs import model as jobs
from core.lookup import model as lookup
from core.modules import model as modules
from core.organisations import model as organisations
from core.outbox import model as outbox
from core.people import model as people
from core.stores import model as stores

MODULES = (
    catalogue,
    channels,
    chat,
    connections,
    executions,
    history,
    jobs,
    lookup,
    modules,
    organisations,
    outbox,
    people,
    stores,
)
METADATA = Base.metadata
