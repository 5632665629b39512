"""Which TCP ports of this machine can be listened on."""

import errno
import socket
from collections.abc import Container

LOOPBACK = "127.0.0.1"


def listening_error(port: int, host: str = LOOPBACK) -> OSError | None:
    """Why a server could not listen on `host:port`, or None when it could."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: a port whose last connections are still fading away is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            return error
    return None


def is_taken(error: OSError) -> bool:
    """Whether listening failed because somebody else already listens there."""
    return error.errno == errno.EADDRINUSE


def free_port(avoid: Container[int] = ()) -> int:
    """A free port of the loopback interface that is not in `avoid`."""
    while True:
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port: int = probe.getsockname()[1]
        if port not in avoid:
            return port
