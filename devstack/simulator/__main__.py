"""`python -m devstack.simulator`: serve until SIGINT or SIGTERM."""

import logging
import os
import signal
import sqlite3
import sys
import threading

from devstack.simulator import logs
from devstack.simulator.app import create_app
from devstack.simulator.config import Settings
from devstack.simulator.context import assemble
from devstack.simulator.errors import NotUnderstoodError
from devstack.simulator.server import Server

log = logging.getLogger("devstack.simulator")


def main() -> int:
    """Exit status 0 after a signal, 2 when it could not start (the reason is on standard error)."""
    logs.configure()
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    try:
        settings = Settings.from_env(os.environ)
        parts = assemble(settings)
        server = Server(create_app(parts), settings.port)
    except (NotUnderstoodError, OSError, sqlite3.Error) as error:
        print(f"The Midtrans simulator cannot start: {error}", file=sys.stderr)
        return 2
    serving = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    serving.start()
    parts.start()
    log.info("Midtrans simulator ready at %s", server.url)
    stopping.wait()
    server.shutdown()
    server.server_close()
    parts.stop()
    log.info("Midtrans simulator stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
