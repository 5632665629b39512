"""The demo loader's client, against a shop that is away, busy, or no shop at all."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from devstack.demo.client import Refused, Shop, ShopError, Unavailable

SIGNED_IN = {"access_token": "first", "user": {"is_admin": True}}


class Shopkeeper(BaseHTTPRequestHandler):
    """Answers with what the test has laid ready, in order."""

    answers: ClassVar[list[tuple[int, object]]] = []
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        status, body = self.answers.pop(0)
        self.asked.append((self.path, self.headers.get("Authorization")))
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if status == 503:
            self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 -- the base class dictates the name

    def log_message(self, format: str, *arguments: object) -> None:
        """Keep quiet."""


@pytest.fixture
def keeper() -> type[Shopkeeper]:
    Shopkeeper.answers, Shopkeeper.asked = [], []
    return Shopkeeper


@pytest.fixture
def shop(keeper: type[Shopkeeper]) -> Iterator[Shop]:
    with ThreadingHTTPServer(("127.0.0.1", 0), keeper) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        yield Shop(address, email="owner@example.com", password="a password", patience_seconds=5)
        server.shutdown()


def test_a_busy_shop_is_asked_again(shop: Shop, keeper: type[Shopkeeper]) -> None:
    keeper.answers = [(503, {}), (503, {}), (200, {"items": []})]
    assert shop.patiently(shop.get, "/categories") == {"items": []}
    assert [path for path, _ in keeper.asked] == ["/api/v1/categories"] * 3


def test_an_expired_token_is_renewed_once(shop: Shop, keeper: type[Shopkeeper]) -> None:
    expired = (401, {"code": "token_expired", "detail": "expired", "request_id": "r"})
    keeper.answers = [
        (200, SIGNED_IN),
        expired,
        (200, SIGNED_IN | {"access_token": "second"}),
        (200, {"name": "car"}),
    ]
    shop.sign_in()
    assert shop.get("/products/car") == {"name": "car"}
    assert [token for path, token in keeper.asked if path.endswith("/car")] == [
        "Bearer first",
        "Bearer second",
    ]
    keeper.answers = [expired, (200, SIGNED_IN), expired]
    with pytest.raises(Refused, match="401 token_expired"):
        shop.get("/products/car")


def test_a_problem_is_told_with_its_code_fields_and_request_id(
    shop: Shop, keeper: type[Shopkeeper]
) -> None:
    keeper.answers = [
        (
            422,
            {
                "code": "validation_error",
                "detail": "The request is not valid.",
                "errors": {"price": ["Must be greater than 0."]},
                "request_id": "abc-123",
            },
        )
    ]
    with pytest.raises(Refused) as caught:
        shop.post("/products", {"price": 0})
    assert str(caught.value) == (
        "POST /products: 422 validation_error: The request is not valid.; "
        "price: Must be greater than 0. (request id abc-123)"
    )


def test_something_that_is_no_shop_is_said_so(shop: Shop, keeper: type[Shopkeeper]) -> None:
    keeper.answers = [(200, "<html>hello</html>")]
    with pytest.raises(ShopError, match=r"no JSON; is http://.* a shop\?"):
        shop.get("/products")


def test_an_account_that_is_not_staff_is_refused(shop: Shop, keeper: type[Shopkeeper]) -> None:
    keeper.answers = [(200, {"access_token": "t", "user": {"is_admin": False}})]
    with pytest.raises(ShopError, match=r"owner@example\.com is not the owner"):
        shop.sign_in()


def test_a_shop_that_stays_away_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    shop = Shop(f"http://127.0.0.1:{port}", email="o@example.com", password="x", patience_seconds=1)
    with pytest.raises(Unavailable, match=rf"no answer from the shop at http://127.0.0.1:{port}$"):
        shop.patiently(shop.sign_in)


def test_an_incomplete_environment_is_one_line_and_status_2() -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("SHOP_API", "OWNER_PASSWORD")}
    done = subprocess.run(
        [sys.executable, "-m", "devstack.demo"],
        env=environment | {"OWNER_EMAIL": "o@example.com"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "demo shop: set SHOP_API, OWNER_PASSWORD\n"
