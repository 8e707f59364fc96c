"""Run the ERP server alone: `python -m sandbox.rp --port 9000 --store 11222333000181:500:200`."""

from __future__ import annotations

import argparse

from sandbox.rp.server import RpServer
from sandbox.server import serve_until_stopped


def main() -> None:
    """Read the arguments and serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.rp", description="A local ERP with invented data.")
    parser.add_argument("--port", type=int, default=9000, help="0 picks a free one")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--auth-version", choices=["v1.0", "v1.1", "v1.2"])
    parser.add_argument("--user", default="100001")
    parser.add_argument("--password", default="invented")
    parser.add_argument("--delay-ms", type=float, default=0, help="added to every answer")
    parser.add_argument("--store", action="append", metavar="CNPJ[:SIZE[:DISCOUNTED]]", help="repeatable")
    parser.add_argument("--dirty", action="store_true", help="add the dirty products to every store")
    given = parser.parse_args()
    server = RpServer({given.user: given.password}, seed=given.seed, auth_version=given.auth_version, port=given.port)
    server.options.delay_ms = given.delay_ms
    for number, text in enumerate(given.store or ["11222333000181:500:200"], 1):
        cnpj, size, discounted = [*text.split(":"), "500", "200"][:3]
        server.add_store(cnpj, unit_code=f"{number:03}", size=int(size), discounted=int(discounted))
        if given.dirty:
            server.add_dirty(cnpj)
    serve_until_stopped(server)


if __name__ == "__main__":
    main()
