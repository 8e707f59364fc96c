"""Write a new migration from the difference between the models and the last one.

Usage: python scripts/migration.py NUMBER "What it does"
"""

import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic import command

from core.db.database import async_url
from core.db.migrate import config, upgrade


def main(number: str, message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = async_url(f"sqlite:///{Path(folder) / 'empty.db'}")
        upgrade(url)
        engine = sa.create_engine(f"sqlite:///{url.database}")
        with engine.connect() as connection:
            command.revision(config(connection), message, autogenerate=True, rev_id=number)
        engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
