"""Making the simulated Midtrans unreachable, slow or broken, and breaking single connections."""

import contextlib
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, request

from devstack.simulator.errors import NotUnderstoodError

MODES = ("none", "slow", "hang", "refuse", "lost", "500", "html")
PATHS: dict[str, tuple[str, ...]] = {
    "snap": ("/snap/v1/",),
    "core": ("/v2/",),
    "all": ("/snap/v1/", "/v2/"),
}
LONGEST_HANG = 60.0
BROKEN_HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True)
class Outage:
    """What is wrong, with which API, and for `slow` and `hang` how many seconds."""

    mode: str = "none"
    paths: str = "all"
    seconds: float = LONGEST_HANG

    @classmethod
    def read(cls, wanted: Mapping[str, Any]) -> "Outage":
        """Raises `NotUnderstoodError`."""
        unknown = set(wanted) - {"mode", "paths", "seconds"}
        if unknown:
            raise NotUnderstoodError(f"unknown: {', '.join(sorted(unknown))}")
        outage = cls(**wanted)
        if outage.mode not in MODES:
            raise NotUnderstoodError(f"mode must be one of {', '.join(MODES)}")
        if outage.paths not in tuple(PATHS):
            raise NotUnderstoodError(f"paths must be one of {', '.join(PATHS)}")
        if not isinstance(outage.seconds, int | float) or not 0 <= outage.seconds <= 600:
            raise NotUnderstoodError("seconds must be a number from 0 to 600")
        return outage


class Outages:
    """The outage of this moment. It ends with the process, or when another is set."""

    def __init__(self) -> None:
        self.now = Outage()
        self._changed = threading.Event()

    def set(self, outage: Outage) -> None:
        """Also lets go of every request that hangs in the outage before."""
        self.now = outage
        self._changed.set()
        self._changed = threading.Event()

    def before(self) -> Response | None:
        """The answer to the present request while the outage allows no other."""
        outage = self._of_this_request()
        if outage is None or outage.mode in ("none", "lost"):
            return None
        if outage.mode == "slow":
            self._changed.wait(outage.seconds)
            return None
        return self.broken(outage.mode, outage.seconds)

    def after(self) -> None:
        """Lose the answer of a request that was carried out, if that is the outage."""
        outage = self._of_this_request()
        if outage is not None and outage.mode == "lost":
            drop_connection()

    def broken(self, mode: str, seconds: float = LONGEST_HANG) -> Response:
        """The answer, if one can call it that, of `hang`, `refuse`, `500` or `html`."""
        if mode == "500":
            return internal_error()
        if mode == "html":
            return Response(BROKEN_HTML, status=502, mimetype="text/html")
        if mode == "hang":
            self._changed.wait(seconds)
        drop_connection()
        return Response(status=500)

    def _of_this_request(self) -> Outage | None:
        return self.now if request.path.startswith(PATHS[self.now.paths]) else None


def internal_error() -> Response:
    """A fault inside Midtrans, in the shape of the API that was called."""
    message = "Sorry, we encountered internal server error. We will fix this soon."
    body: dict[str, Any] = {"status_code": "500", "status_message": message}
    if request.path.startswith(PATHS["snap"]):
        body = {"error_messages": [message], "locale": "en"}
    response = jsonify(body)
    response.status_code = 500
    return response


def drop_connection() -> None:
    """Close the client's connection; whatever is answered afterwards reaches nobody."""
    connection: socket.socket = request.environ["simulator.connection"]
    with contextlib.suppress(OSError):  # the client may have hung up first
        connection.shutdown(socket.SHUT_RDWR)
