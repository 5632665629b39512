"""Which TCP ports of this machine can be listened on."""

import errno
import random
import socket
from collections.abc import Container

LOOPBACK = "127.0.0.1"
_QUIET_PORTS = range(20000, 32000)


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
    """A free port of the loopback interface that is not in `avoid`.

    It lies below those that the system gives to outgoing connections, so that none of them takes
    it before the server that it is meant for has started.
    """
    while True:
        port = random.choice(_QUIET_PORTS)
        if port not in avoid and listening_error(port) is None:
            return port
