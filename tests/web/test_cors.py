"""Only the pages of the configured origins may speak to the shop."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

ORIGINS = ["https://shop.example.com", "https://staff.example.com"]
STRANGERS = [
    "https://evil.example.com",
    "http://shop.example.com",
    "https://shop.example.com:8443",
    "https://shop.example.com.evil.com",
    "https://shopXexample.com",
    "null",
    "*",
]
HEADERS = [
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-Cart-Token",
    "X-Request-ID",
]
ALLOW_ORIGIN = "Access-Control-Allow-Origin"


def names(value: str) -> set[str]:
    return {name.strip().lower() for name in value.split(",")}


def preflight(client: FlaskClient, origin: str, path: str = "/api/v1/orders") -> Any:
    return client.options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": ", ".join(HEADERS).lower(),
        },
    )


@pytest.mark.parametrize("origin", ORIGINS)
def test_preflight_of_an_allowed_origin(client: FlaskClient, origin: str) -> None:
    answer = preflight(client, origin)
    assert answer.status_code in (200, 204)
    assert answer.headers.getlist(ALLOW_ORIGIN) == [origin]
    assert "patch" in names(answer.headers["Access-Control-Allow-Methods"])
    assert names(answer.headers["Access-Control-Allow-Headers"]) >= {h.lower() for h in HEADERS}
    assert int(answer.headers["Access-Control-Max-Age"]) > 0
    assert "Origin" in answer.vary


def test_preflight_is_not_held_to_the_query(client: FlaskClient) -> None:
    answer = preflight(client, ORIGINS[0], "/api/v1/cart?unknown=1")
    assert answer.status_code in (200, 204)


@pytest.mark.parametrize("origin", STRANGERS)
def test_strangers_get_no_leave(client: FlaskClient, origin: str) -> None:
    for answer in (
        preflight(client, origin),
        client.get("/api/v1/products", headers={"Origin": origin}),
    ):
        assert [name for name, _ in answer.headers if name.startswith("Access-Control")] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/v1/products", 200), ("/api/v1/orders", 401), ("/nowhere", 404), ("/health", 200)],
)
def test_every_answer_can_be_read_by_the_shop(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(path, headers={"Origin": ORIGINS[1]})
    assert answer.status_code == status
    assert answer.headers.getlist(ALLOW_ORIGIN) == [ORIGINS[1]]
    exposed = names(answer.headers["Access-Control-Expose-Headers"])
    assert exposed >= {
        "etag",
        "idempotent-replayed",
        "retry-after",
        "x-cart-token",
        "x-request-id",
    }
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_what_is_kept_for_one_origin_is_not_shown_to_another(client: FlaskClient) -> None:
    """A cache that was asked without an origin must ask again for one."""
    answer = client.get("/api/v1/products")
    assert answer.headers["Cache-Control"].startswith("public")
    assert "Origin" in answer.vary
