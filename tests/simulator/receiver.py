"""A real HTTP server in a thread that stands for the shop's webhook."""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.simulator import wait_for


@dataclass
class Received:
    """One POST as it came in."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    at: float


@dataclass
class Receiver:
    """Remembers every POST and answers after `delay` seconds.

    It answers with the codes of `first`, one after the other, then with `status`; or, for a path
    in `by_path`, with that code and those headers.
    """

    status: int = 200
    first: list[int] = field(default_factory=list)
    by_path: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    delay: float = 0.0
    received: list[Received] = field(default_factory=list)
    most_at_once: int = 0
    answered: int = 0

    def __post_init__(self) -> None:
        self._at_once = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/webhook"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def bodies(self) -> list[dict[str, Any]]:
        return [received.body for received in self.received]

    def told(self) -> list[str]:
        """The `transaction_status` of every POST, in the order they came."""
        return [body["transaction_status"] for body in self.bodies()]

    def wait(self, count: int) -> list[dict[str, Any]]:
        """The first bodies, once there are at least so many."""
        wait_for(lambda: len(self.received) >= count or None, f"{count} notifications")
        return self.bodies()

    def _handler(receiver) -> type[BaseHTTPRequestHandler]:  # noqa: N805 (self is the handler's)
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver._remember(self.path, dict(self.headers), body)
                time.sleep(receiver.delay)
                receiver._forget_one()
                status, headers = receiver._answer(self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()
                receiver.answered += 1

            def log_message(self, format: str, *args: Any) -> None:
                """Keep the tests' output clean."""

        return Handler

    def _remember(self, path: str, headers: dict[str, str], body: bytes) -> None:
        with self._lock:
            self.received.append(Received(path, headers, json.loads(body), time.time()))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)

    def _answer(self, path: str) -> tuple[int, dict[str, str]]:
        if path in self.by_path:
            return self.by_path[path]
        with self._lock:
            return (self.first.pop(0) if self.first else self.status), {}

    def _forget_one(self) -> None:
        with self._lock:
            self._at_once -= 1
