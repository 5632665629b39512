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
ENDING = {signal.SIGINT, signal.SIGTERM}


def main() -> int:
    """Exit status 0 after a signal, 2 when it could not start (the reason is on standard error)."""
    logs.configure()
    # Blocked before the first thread starts and fetched by `sigwait`: a handler would have to wait
    # for the main thread to wake up, which a signal caught by another thread does not do.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
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
    signal.sigwait(ENDING)
    server.shutdown()
    server.server_close()
    parts.stop()
    log.info("Midtrans simulator stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
