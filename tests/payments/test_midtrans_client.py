"""Our Midtrans client against a server that answers whatever a test wants."""

from __future__ import annotations

import json
import logging
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from diecast_api.clients.midtrans import (
    Midtrans,
    MidtransAway,
    MidtransBroke,
    MidtransRejected,
    SnapPage,
)
from diecast_api.config import Settings
from diecast_api.errors import GatewayRefused, GatewayUnavailable
from tests.conftest import SERVER_KEY

KEY_IN_HEADER = b64encode(f"{SERVER_KEY}:".encode()).decode()
PAGE = {"token": "t-1", "redirect_url": "https://pay.example.com/t-1"}
FOUND = {"status_code": "200", "transaction_status": "settlement"}


@dataclass
class Reply:
    """What the server answers; it also keeps what it was asked."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    got_headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    over: Event = field(default_factory=Event)


@pytest.fixture
def reply() -> Iterator[Reply]:
    """A server on a free port."""
    told = Reply()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told.asked.append((self.command, self.path))
            told.got_headers = dict(self.headers)
            if told.hangs:
                told.over.wait(10)
                return
            body = told.body if isinstance(told.body, bytes) else json.dumps(told.body).encode()
            self.send_response(told.status)
            for name, value in {"Content-Length": str(len(body)), **told.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815 (the names that http.server looks for)  # noqa: N815 (the names http.server looks for)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    yield told
    told.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def gateway(reply: Reply, environment: dict[str, str]) -> Midtrans:
    return Midtrans(
        replace(
            Settings.from_environment(environment),
            midtrans_snap_base_url=f"{reply.url}/snap/v1",
            midtrans_core_base_url=reply.url,
            midtrans_timeout_seconds=0.3,
        )
    )


Call = Callable[[Midtrans], Any]
CALLS: dict[str, Call] = {
    "create": lambda gateway: gateway.create_page({"transaction_details": {}}),
    "status": lambda gateway: gateway.status("ORD-1"),
    "cancel": lambda gateway: gateway.cancel("ORD-1"),
    "expire": lambda gateway: gateway.expire("ORD-1"),
    "cancel_page": lambda gateway: gateway.cancel_page("t-1"),
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


def test_the_addresses_and_the_key(reply: Reply, gateway: Midtrans) -> None:
    reply.body = {**PAGE, "status_code": "200"}
    for call in CALLS.values():
        call(gateway)
        assert reply.got_headers["Authorization"] == f"Basic {KEY_IN_HEADER}"
        assert "transaction-source" not in reply.got_headers
    assert reply.asked == [
        ("POST", "/snap/v1/transactions"),
        ("GET", "/v2/ORD-1/status"),
        ("POST", "/v2/ORD-1/cancel"),
        ("POST", "/v2/ORD-1/expire"),
        ("POST", "/snap/v1/transactions/t-1/cancel"),
    ]


def test_what_is_known_by_transaction_id_alone_is_asked_for_so(
    reply: Reply, gateway: Midtrans
) -> None:
    reply.body = FOUND
    for call in (gateway.status, gateway.cancel, gateway.expire):
        call("A1", is_snap_api=True)
        assert reply.got_headers["transaction-source"] == "SNAP_API"
    gateway.status("ORD-1")
    assert "transaction-source" not in reply.got_headers


def test_a_page(reply: Reply, gateway: Midtrans) -> None:
    reply.status, reply.body = 201, PAGE
    assert gateway.create_page({}) == SnapPage("t-1", "https://pay.example.com/t-1")


@pytest.mark.parametrize(
    "body", [{}, {"token": "t"}, {"redirect_url": "u"}, {**PAGE, "token": None}, {"token": 1}]
)
def test_a_page_without_its_token_is_broken(reply: Reply, gateway: Midtrans, body: Any) -> None:
    """Such is HTTP 202: the first call with this key still runs."""
    reply.status, reply.body = 202, body
    with pytest.raises(MidtransBroke):
        gateway.create_page({})


def test_nothing_is_known_is_said_under_http_200(reply: Reply, gateway: Midtrans) -> None:
    reply.body = {"status_code": "404", "status_message": "Transaction doesn't exist."}
    assert gateway.status("ORD-1") is None


@pytest.mark.parametrize(
    "body",
    [
        {"timestamp": 1, "status": 404, "error": "Not Found", "path": "/v2/"},
        {"message": "no Route matched"},
        {},
        b"<html>404</html>",
    ],
)
@each_call
def test_somebody_elses_404_is_not_midtranss_word(
    reply: Reply, gateway: Midtrans, body: Any, call: Call
) -> None:
    """A wrong address must not pass for "nobody has paid"."""
    reply.status, reply.body = 404, body
    with pytest.raises(MidtransBroke):
        call(gateway)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@each_call
def test_redirects_are_neither_followed_nor_believed(
    reply: Reply, gateway: Midtrans, status: int, call: Call
) -> None:
    reply.status, reply.body = status, {**PAGE, **FOUND}
    reply.headers = {"Location": f"{reply.url}/elsewhere"}
    with pytest.raises(MidtransBroke):
        call(gateway)
    assert len(reply.asked) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>"),
        (502, b"<html>"),
        (200, b"[]"),
        (200, b"null"),
        (200, b'"text"'),
        (200, {"status_code": "many"}),
        (200, {"status_code": None}),
        (200, {"status_code": []}),
        (500, {"error_messages": ["Sorry"]}),
        (200, {"status_code": "500"}),
        (200, {"status_code": "429"}),
        (429, {"status_code": "429"}),
        (503, [1]),
        (400, [1]),
    ],
)
@each_call
def test_nonsense_and_faults(
    reply: Reply, gateway: Midtrans, status: int, body: Any, call: Call
) -> None:
    reply.status, reply.body = status, body
    with pytest.raises(MidtransBroke):
        call(gateway)


@pytest.mark.parametrize("code", ["201", "202", "300"])
@pytest.mark.parametrize("action", ["cancel", "expire"])
def test_a_change_is_believed_only_where_it_was_made(
    reply: Reply, gateway: Midtrans, code: str, action: str
) -> None:
    reply.body = {"status_code": code}
    with pytest.raises(MidtransBroke):
        CALLS[action](gateway)


def test_407_is_how_expire_says_yes(reply: Reply, gateway: Midtrans) -> None:
    reply.body = {"status_code": "407", "transaction_status": "expire"}
    gateway.expire("ORD-1")


@pytest.mark.parametrize(
    ("status", "body", "code", "reason"),
    [
        (400, {"error_messages": ["order_id has already been taken"]}, 400, "already been taken"),
        (401, {"error_messages": ["Access denied"]}, 401, "Access denied"),
        (200, {"status_code": "412", "status_message": "cannot be updated"}, 412, "updated"),
        (200, {"status_code": "401", "status_message": "wrong key"}, 401, "wrong key"),
    ],
)
@each_call
def test_a_no_is_an_answer(
    reply: Reply, gateway: Midtrans, status: int, body: Any, code: int, reason: str, call: Call
) -> None:
    reply.status, reply.body = status, body
    with pytest.raises(MidtransRejected) as refusal:
        call(gateway)
    assert refusal.value.status_code == code
    assert reason in refusal.value.reasons
    assert isinstance(refusal.value, GatewayRefused)


@each_call
def test_nobody_waits_for_ever(reply: Reply, gateway: Midtrans, call: Call) -> None:
    reply.hangs = True
    with pytest.raises(MidtransAway) as error:
        call(gateway)
    assert isinstance(error.value, GatewayUnavailable)


@pytest.mark.parametrize(
    ("status", "body", "hangs"),
    [(401, {"error_messages": ["no"]}, False), (200, b"<html>", False), (200, None, True)],
)
@each_call
def test_no_secret_gets_out(
    reply: Reply,
    gateway: Midtrans,
    status: int,
    body: Any,
    hangs: bool,
    call: Call,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    reply.status, reply.body, reply.hangs = status, body, hangs
    with caplog.at_level(logging.DEBUG), pytest.raises(Exception) as error:  # noqa: PT011
        call(gateway)
    told = "".join(traceback.format_exception(error.value))
    everything = [told, repr(error.value), repr(gateway), caplog.text, *capfd.readouterr()]
    for text in everything:
        assert SERVER_KEY not in text
        assert KEY_IN_HEADER not in text
