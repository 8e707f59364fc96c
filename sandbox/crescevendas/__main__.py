"""Run the platform alone: `python -m sandbox.crescevendas --port 9100 --store 11222333000181`."""

from __future__ import annotations

import argparse

from sandbox.crescevendas.server import PlatformServer
from sandbox.server import serve_until_stopped


def main() -> None:
    """Read the arguments and serve until interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.crescevendas", description="A local loyalty platform with invented data."
    )
    parser.add_argument("--port", type=int, default=9100, help="0 picks a free one")
    parser.add_argument("--email", default="integration@example.test")
    parser.add_argument("--token", default="invented-token")
    parser.add_argument("--timezone", default="America/Sao_Paulo", help="zone of window times")
    parser.add_argument("--delay-ms", type=float, default=0, help="added to every answer")
    parser.add_argument("--store", action="append", metavar="REGISTRATION", help="repeatable")
    given = parser.parse_args()
    server = PlatformServer(
        given.store or ["11222333000181"],
        email=given.email,
        token=given.token,
        timezone=given.timezone,
        port=given.port,
    )
    server.options.delay_ms = given.delay_ms
    serve_until_stopped(server)


if __name__ == "__main__":
    main()
