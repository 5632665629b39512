"""`python -m devstack COMMAND`: what the Makefile calls."""

import argparse
import contextlib
import os
import shlex
import signal
import sys

from devstack.errors import DevstackError
from devstack.services import Services
from devstack.supervisor.screen import Screen
from devstack.supervisor.settings import RunSettings
from devstack.supervisor.supervisor import Supervisor


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m devstack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="the whole shop until Ctrl-C, as `make run` does")
    commands.add_parser(
        "services", help="throw-away servers until Ctrl-C; prints `export NAME=value` lines"
    )
    match parser.parse_args().command:
        case "run":
            return _run()
        case _:
            return _serve_throwaway()


def _run() -> int:
    screen = Screen()
    try:
        has_ended_well = Supervisor(RunSettings.from_environment(os.environ), screen).run()
    except DevstackError as error:
        screen.error(error)
        return 1
    return 0 if has_ended_well else 1


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
