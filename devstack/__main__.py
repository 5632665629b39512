"""`python -m devstack COMMAND`: what the Makefile calls."""

import argparse
import contextlib
import shlex
import signal
import sys

from devstack.errors import DevstackError
from devstack.services import Services


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m devstack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "services", help="throw-away servers until Ctrl-C; prints `export NAME=value` lines"
    )
    parser.parse_args()
    try:
        return _serve_throwaway()
    except DevstackError as error:
        print(f"devstack: {error}\n{error.details}".rstrip(), file=sys.stderr)
        return 1


def _serve_throwaway() -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), Services.throwaway() as services:
        for name, value in services.environment().items():
            print(f"export {name}={shlex.quote(value)}", flush=True)
        signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main())
