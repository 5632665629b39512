"""Every error is a problem document: each status, its members, its languages, and no leak."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from diecast_api.catalog import category_queries
from diecast_api.extensions import db
from diecast_api.messages import PROBLEMS
from tests.support.people import Person

MakeProduct = Callable[..., dict[str, Any]]
ORDERS = "/api/v1/orders"
PRODUCTS = "/api/v1/products"
LOGIN = "/api/v1/auth/login"
MEMBERS = {"type", "title", "status", "code", "detail", "request_id"}


def checked(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem of an answer, once it has everything that a problem must have."""
    assert answer.status_code == status, answer.data
    assert answer.content_type == "application/problem+json"
    problem: dict[str, Any] = answer.json
    assert set(problem) >= MEMBERS
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"].endswith(code)
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer.headers
    return problem


def test_malformed_json(client: FlaskClient) -> None:
    answer = client.post(LOGIN, data=b'{"email":', content_type="application/json")
    assert set(checked(answer, 400, "malformed_request")) == MEMBERS


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer x.y.z"},
        {"Authorization": "Bearer é"},
        {"Authorization": "Basic b3duZXI6b3duZXI="},
        {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."},
    ],
)
def test_nobody_is_signed_in(client: FlaskClient, headers: dict[str, str]) -> None:
    answer = client.get(ORDERS, headers=headers)
    checked(answer, 401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_not_allowed(client: FlaskClient, customer: Person) -> None:
    answer = client.post(PRODUCTS, json={}, headers=customer.headers)
    checked(answer, 403, "forbidden")


@pytest.mark.parametrize("path", ["/nothing", "/api/v1", "/api/v2/orders", "/api/v1/products/%00"])
def test_nothing_there(client: FlaskClient, path: str) -> None:
    checked(client.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", ORDERS, {"GET", "HEAD", "OPTIONS", "POST"}),
        ("PUT", "/api/v1/cart", {"DELETE", "GET", "HEAD", "OPTIONS"}),
        ("POST", "/health", {"GET", "HEAD", "OPTIONS"}),
        ("BREW", LOGIN, {"OPTIONS", "POST"}),
    ],
)
def test_a_method_that_is_not_taken(
    client: FlaskClient, method: str, path: str, allowed: set[str]
) -> None:
    answer = client.open(path, method=method)
    checked(answer, 405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == allowed


def test_a_conflict_carries_its_data(
    client: FlaskClient, customer: Person, make_product: MakeProduct
) -> None:
    product = make_product(stock=1)
    answer = client.post(
        "/api/v1/cart/items",
        json={"product_id": product["id"], "quantity": 2},
        headers=customer.headers,
    )
    problem = checked(answer, 409, "out_of_stock")
    assert set(problem) == MEMBERS | {"items"}


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x"])
def test_too_many_bytes(client: FlaskClient, content_type: str) -> None:
    body = b'{"email": "' + b"x" * (1024 * 1024) + b'"}'
    checked(client.post(LOGIN, data=body, content_type=content_type), 413, "too_large")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "x", ""]
)
def test_another_kind_of_content(client: FlaskClient, content_type: str) -> None:
    answer = client.post(LOGIN, data=b'{"email": "a"}', content_type=content_type)
    checked(answer, 415, "unsupported_media_type")


def test_fields_are_told_by_their_paths(client: FlaskClient) -> None:
    answer = client.post(LOGIN, json={"email": "x", "colour": "red"})
    problem = checked(answer, 422, "validation_error")
    assert set(problem) == MEMBERS | {"errors"}
    assert set(problem["errors"]) == {"email", "password", "colour"}
    assert all(isinstance(texts, list) and texts for texts in problem["errors"].values())


@pytest.mark.usefixtures("database")
def test_what_was_not_expected_tells_nothing(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        db.session.execute(sa.text("SELECT secret_column FROM nowhere"))

    monkeypatch.setattr(category_queries, "all_categories", fail)
    answer = client.get("/api/v1/categories")
    problem = checked(answer, 500, "internal_error")
    assert set(problem) == MEMBERS
    text = answer.get_data(as_text=True).lower()
    for word in ("select", "secret_column", "nowhere", "traceback", ".py", "psycopg"):
        assert word not in text
    monkeypatch.undo()
    assert client.get("/api/v1/categories").status_code == 200


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("id", "id"),
        ("id-ID,id;q=0.9,en;q=0.8", "id"),
        ("en-US,en;q=0.9,id;q=0.8", "en"),
        ("en;q=0.2, id;q=0.3", "id"),
        ("fr, id;q=0.1", "id"),
        ("fr", "en"),
        ("*", "en"),
        (";;;q=x", "en"),
    ],
)
def test_the_caller_chooses_the_language(
    client: FlaskClient, accepted: str | None, language: str
) -> None:
    headers = {} if accepted is None else {"Accept-Language": accepted}
    answer = client.get(ORDERS, headers=headers)
    problem = checked(answer, 401, "not_authenticated")
    texts = PROBLEMS["not_authenticated"]
    expected = {"en": (texts[0], texts[1]), "id": (texts[2], texts[3])}[language]
    assert (problem["title"], problem["detail"]) == expected
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]


def test_codes_are_an_enum_of_the_document(app: Flask, client: FlaskClient) -> None:
    document: Any = client.get("/openapi.json").json
    codes = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    assert codes == sorted(PROBLEMS)


class TestRequestId:
    """`X-Request-ID` is taken over where it is safe, and made where it is not."""

    @pytest.mark.parametrize("given", ["a", "checkout-42", "0" * 128, "a.b_c~d:e/f+g=h@i-j"])
    def test_a_safe_one_is_echoed(self, client: FlaskClient, given: str) -> None:
        headers = {"X-Request-ID": given}
        assert client.get("/health", headers=headers).headers["X-Request-ID"] == given
        refused: Any = client.get(ORDERS, headers=headers)
        assert refused.json["request_id"] == refused.headers["X-Request-ID"] == given

    @pytest.mark.parametrize(
        "given", ["", "0" * 129, "a b", "<script>", "é", 'a"b', "a\tb", "{}", "%0d%0a"]
    )
    def test_an_unsafe_one_is_replaced(self, client: FlaskClient, given: str) -> None:
        refused: Any = client.get(ORDERS, headers={"X-Request-ID": given})
        assert UUID(refused.json["request_id"]).version == 7
        assert refused.json["request_id"] == refused.headers["X-Request-ID"]

    def test_each_request_has_its_own(self, client: FlaskClient) -> None:
        ids = {client.get("/health").headers["X-Request-ID"] for _ in range(3)}
        assert len(ids) == 3


class TestUndeclaredInput:
    """What a route does not take is refused, never ignored."""

    @pytest.mark.parametrize(
        ("path", "names"),
        [
            ("/api/v1/categories?page=1", {"page"}),
            ("/api/v1/products?colour=red&size=1&q=a", {"colour", "size"}),
            ("/api/v1/cart?x=", {"x"}),
            ("/api/v1/products?%3Cscript%3E=1", {"<script>"}),
        ],
    )
    def test_query(self, client: FlaskClient, path: str, names: set[str]) -> None:
        problem = checked(client.get(path), 422, "validation_error")
        assert set(problem["errors"]) == names

    def test_query_where_a_body_is_taken(self, client: FlaskClient) -> None:
        answer = client.post(f"{LOGIN}?next=/", json={"email": "a@b.id", "password": "x"})
        assert set(checked(answer, 422, "validation_error")["errors"]) == {"next"}

    @pytest.mark.parametrize("method", ["GET", "DELETE"])
    def test_body(self, client: FlaskClient, method: str) -> None:
        answer = client.open("/api/v1/cart", method=method, json={"x": 1})
        checked(answer, 422, "validation_error")
        empty = client.open("/api/v1/cart", method=method, json={})
        assert empty.status_code == 200

    def test_body_in_chunks(self, client: FlaskClient) -> None:
        answer = client.delete(
            "/api/v1/cart",
            data=b'{"x": 1}',
            content_type="application/json",
            headers={"Transfer-Encoding": "chunked"},
            environ_overrides={"CONTENT_LENGTH": "", "wsgi.input_terminated": True},
        )
        checked(answer, 422, "validation_error")

    def test_text_where_no_body_is_taken(self, client: FlaskClient) -> None:
        answer = client.delete("/api/v1/cart", data="hello", content_type="text/plain")
        checked(answer, 415, "unsupported_media_type")
