"""What stands outside `/api/v1`: root, liveness, readiness, metrics."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from diecast_api.version import VERSION
from tests.web.conftest import ClientWith

READY = "/health/ready"
NO_DATABASE = "postgresql+psycopg2://nobody@{}/nothing"


def test_root_says_what_this_is(client: FlaskClient) -> None:
    document: Any = client.get("/").json
    assert (document["name"], document["version"]) == ("Diecast API", VERSION)
    for address in document["links"].values():
        assert client.get(address).status_code == 200, address


def test_everything_is_up(client: FlaskClient) -> None:
    answer = client.get(READY)
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "database": "ok", "redis": "ok", "storage": "ok"}
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("setting", "address", "part", "status", "overall"),
    [
        ("database_url", NO_DATABASE, "database", 503, "unavailable"),
        ("redis_url", "redis://{}/0", "redis", 200, "degraded"),
        ("minio_endpoint", "{}", "storage", 200, "degraded"),
    ],
)
def test_a_part_that_is_down_is_named(
    client_with: ClientWith,
    nowhere: str,
    setting: str,
    address: str,
    part: str,
    status: int,
    overall: str,
) -> None:
    client = client_with(**{setting: address.format(nowhere)})
    answer: Any = client.get(READY)
    states = {"database": "ok", "redis": "ok", "storage": "ok", part: "down"}
    assert (answer.status_code, answer.json) == (status, {"status": overall, **states})
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert nowhere not in answer.get_data(as_text=True)
    live = client.get("/health")
    assert (live.status_code, live.json) == (200, {"status": "ok"})


def test_a_bucket_that_is_not_there_is_down(client_with: ClientWith) -> None:
    answer: Any = client_with(minio_bucket="nobody-made-this").get(READY)
    assert (answer.status_code, answer.json["storage"]) == (200, "down")


def test_without_a_database_it_is_said_and_when_to_come_back(
    client_with: ClientWith, nowhere: str
) -> None:
    client = client_with(database_url=NO_DATABASE.format(nowhere))
    answer: Any = client.get("/api/v1/products")
    assert (answer.status_code, answer.json["code"]) == (503, "database_unavailable")
    assert answer.headers["Retry-After"] == str(answer.json["retry_after"])
    assert nowhere not in answer.get_data(as_text=True)


def sample(text: str, name: str, **labels: str) -> float:
    """The value of one sample of a Prometheus text."""
    for line in text.splitlines():
        if line.startswith(name + "{") and all(f'{k}="{v}"' in line for k, v in labels.items()):
            return float(line.rpartition(" ")[2])
    return 0.0


def test_requests_are_counted_by_their_route(client: FlaskClient) -> None:
    def metrics() -> str:
        answer = client.get("/metrics")
        assert answer.content_type.startswith("text/plain")
        return answer.get_data(as_text=True)

    labels = {"method": "GET", "status": "404"}
    before = metrics()
    for path in ("no-such-car", "another-such-car"):
        client.get(f"/api/v1/products/{path}")
    client.get("/no-such-page")
    client.open("/health", method="BREW")
    after = metrics()
    routes = set(re.findall(r'method="GET",route="([^"]*)"', after))
    (route,) = (name for name in routes if re.fullmatch(r"/api/v1/products/<[^/]*>", name))
    counted = [
        sample(text, "http_requests_total", route=route, **labels) for text in (before, after)
    ]
    assert counted[1] - counted[0] == 2
    assert sample(after, "http_request_duration_seconds_count", method="GET", route=route) >= 2
    assert "no-such" not in after
    assert "BREW" not in after
    assert "(none)" in routes
