"""The HTTP server: the standard library's, one thread per connection.

A thread each, and not a pool, because simulated outages hold connections for a minute; and one
process, so that a signal ends all of it at once.
"""

import socketserver
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from flask import Flask

from devstack.simulator.errors import NotUnderstoodError

HOST = "127.0.0.1"


class _Handler(WSGIRequestHandler):
    def get_environ(self) -> dict[str, Any]:
        """The WSGI environment, with the socket that `outages` may have to cut."""
        return super().get_environ() | {"simulator.connection": self.connection}

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the application logs its requests itself."""


class Server(socketserver.ThreadingMixIn, WSGIServer):
    """Serves the application on loopback; port 0 takes a free one.

    Raises `NotUnderstoodError` for a port that cannot be had.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, app: Flask, port: int) -> None:
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            raise NotUnderstoodError(f"port {port}: {error.strerror}") from error
        self.set_app(app)

    def server_bind(self) -> None:
        """Bind without the base class's reverse lookup of the host name, which may take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, int(self.server_address[1])
        self.setup_environ()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}"
