"""Sessions on a PostgreSQL server end when the other side is gone, instead of hanging for minutes or hours.

There is no time limit for a statement: a large catalogue, a migration, the wait for another process's
lock may take long and are fine.
"""

from contextlib import closing
from typing import Any

from sqlalchemy.engine import make_url

_PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    # Milliseconds. Not less: it also runs while a live server is too busy to take what it is sent.
    "tcp_user_timeout": "60000",
}
_SERVER_SIDE = """
    SELECT set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false),
    set_config('tcp_keepalives_count', '3', false), set_config('idle_in_transaction_session_timeout', '10min', false)
"""


def with_patience(url: str) -> str:
    """Return the address of a PostgreSQL server with how long we wait for it. What the address says itself stays."""
    address = make_url(url)
    return address.update_query_dict(_PATIENCE | dict(address.query)).render_as_string(hide_password=False)


def let_go(connection: Any, record: object = None) -> None:
    """Have the server notice when we are gone, machine and all: our locks are free in a minute, rows in ten.

    `connection` is the driver's; SQLAlchemy calls this with each new one.
    """
    del record
    with closing(connection.cursor()) as cursor:
        cursor.execute(_SERVER_SIDE)
    connection.commit()
