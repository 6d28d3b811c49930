"""Start the double: `python -m billing.settlement.double --port 8299 --data FOLDER`."""

from __future__ import annotations

import argparse
from pathlib import Path

from billing.settlement.double.server import serve


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m billing.settlement.double", description=__doc__)
    parser.add_argument("--port", type=int, default=8299, help="port to listen on; 0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps the double's journal")
    parser.add_argument(
        "--clearing-seconds", type=int, default=172_800, help="how long a card payment's money stays pending"
    )
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run has left")
    parser.add_argument("--webhook", default="", help="address to which events are delivered")
    parser.add_argument("--webhook-secret", default="", help="the secret they are signed with")
    given = parser.parse_args()
    serve(
        given.data,
        host=given.host,
        port=given.port,
        clearing_seconds=given.clearing_seconds,
        fresh=given.fresh,
        webhook=(given.webhook, given.webhook_secret),
    )


if __name__ == "__main__":
    main()
