"""Corrections of stock by staff, the ledger they leave, and the list of what runs out."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from diecast_api.catalog.models import Product
from diecast_api.extensions import db
from tests.support.live import ADDRESS
from tests.support.people import Person

MakeProduct = Callable[..., dict[str, Any]]
Correct = Callable[..., Any]
Ledger = Callable[..., Any]
ADMIN = "/api/v1/admin"
LOW_STOCK = f"{ADMIN}/inventory/low-stock"
UNKNOWN = {"id": "01970000-0000-7000-8000-000000000000"}


@pytest.fixture
def correct(client: FlaskClient, owner: Person) -> Correct:
    """Correct the stock of a product, as the owner."""

    def post(product: dict[str, Any], **body: Any) -> Any:
        address = f"{ADMIN}/products/{product['id']}/stock"
        return client.post(address, json=body, headers=owner.headers)

    return post


@pytest.fixture
def ledger(client: FlaskClient, owner: Person) -> Ledger:
    """Read the movements of a product's stock, as the owner."""

    def read(product: dict[str, Any], **query: Any) -> Any:
        address = f"{ADMIN}/products/{product['id']}/stock-movements"
        return client.get(address, query_string=query, headers=owner.headers)

    return read


def movements(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items


@pytest.mark.parametrize(
    ("reason", "gain", "loss"),
    [
        ("received", "received", "adjusted"),
        ("returned", "returned", "adjusted"),
        ("counted", "adjusted", "adjusted"),
        ("damaged", "adjusted", "adjusted"),
        ("lost", "adjusted", "adjusted"),
        ("found", "adjusted", "adjusted"),
    ],
)
def test_every_reason_both_ways(
    make_product: MakeProduct,
    correct: Correct,
    ledger: Ledger,
    reason: str,
    gain: str,
    loss: str,
) -> None:
    product = make_product(stock=10)
    assert correct(product, delta=5, reason=reason, note="  rak 3 ").json["stock"] == 15
    assert correct(product, delta=-15, reason=reason).json["stock"] == 0
    assert correct(product, set_to=7, reason=reason).json["stock"] == 7
    assert correct(product, set_to=2, reason=reason, note=None).json["stock"] == 2
    rows = movements(ledger(product))
    fields = ("type", "delta", "balance", "reason", "note", "order_id", "actor")
    assert [tuple(row[name] for name in fields) for row in rows] == [
        (loss, -5, 2, reason, None, None, "staff"),
        (gain, 7, 7, reason, None, None, "staff"),
        (loss, -15, 0, reason, None, None, "staff"),
        (gain, 5, 15, reason, "rak 3", None, "staff"),
        ("received", 10, 10, "received", None, None, "staff"),
    ]
    assert all(set(row) == {"id", "at", *fields} for row in rows)
    assert all(row["at"].endswith("Z") for row in rows)


def test_a_correction_answers_with_the_product_and_is_no_edit(
    client: FlaskClient, make_product: MakeProduct, correct: Correct
) -> None:
    product = make_product(stock=0)
    answer = correct(product, delta=3, reason="received")
    assert answer.status_code == 200
    assert answer.json == {**product, "stock": 3, "in_stock": True}
    assert client.get(f"/api/v1/products/{product['id']}").json["stock"] == 3


def test_a_count_that_agrees_moves_nothing(
    make_product: MakeProduct, correct: Correct, ledger: Ledger
) -> None:
    product = make_product(stock=4)
    assert correct(product, set_to=4, reason="counted").json["stock"] == 4
    assert len(movements(ledger(product))) == 1


@pytest.mark.parametrize("delta", [-4, -1_000_000])
def test_less_than_nothing_is_refused(
    make_product: MakeProduct, correct: Correct, ledger: Ledger, delta: int
) -> None:
    product = make_product(stock=3)
    refused = correct(product, delta=delta, reason="lost")
    assert (refused.status_code, refused.json["code"]) == (409, "insufficient_stock")
    assert refused.json["available"] == 3
    assert len(movements(ledger(product))) == 1


def test_more_than_can_be_counted_is_refused(
    make_product: MakeProduct, correct: Correct, ledger: Ledger
) -> None:
    product = make_product(stock=1_000_000)
    refused = correct(product, delta=1, reason="received")
    assert (refused.status_code, refused.json["code"]) == (422, "validation_error")
    assert list(refused.json["errors"]) == ["delta"]
    assert len(movements(ledger(product))) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": "counted"}, "delta"),
        ({"delta": 1, "set_to": 1, "reason": "counted"}, "delta"),
        ({"delta": 0, "reason": "counted"}, "delta"),
        ({"delta": None, "reason": "counted"}, "delta"),
        ({"delta": 1.0, "reason": "counted"}, "delta"),
        ({"delta": "1", "reason": "counted"}, "delta"),
        ({"delta": True, "reason": "counted"}, "delta"),
        ({"delta": 1_000_001, "reason": "counted"}, "delta"),
        ({"delta": -(2**63), "reason": "counted"}, "delta"),
        ({"set_to": -1, "reason": "counted"}, "set_to"),
        ({"set_to": 2**31, "reason": "counted"}, "set_to"),
        ({"set_to": False, "reason": "counted"}, "set_to"),
        ({"set_to": 1}, "reason"),
        ({"set_to": 1, "reason": "ordered"}, "reason"),
        ({"set_to": 1, "reason": None}, "reason"),
        ({"set_to": 1, "reason": "counted", "note": "x" * 501}, "note"),
        ({"set_to": 1, "reason": "counted", "order_id": None}, "order_id"),
    ],
)
def test_a_wrong_correction_is_told_by_its_name(
    make_product: MakeProduct, correct: Correct, body: dict[str, Any], field: str
) -> None:
    refused = correct(make_product(), **body)
    assert (refused.status_code, refused.json["code"]) == (422, "validation_error")
    assert field in refused.json["errors"]


def test_products_that_are_not_there(correct: Correct, ledger: Ledger) -> None:
    assert correct(UNKNOWN, delta=1, reason="found").status_code == 404
    assert ledger(UNKNOWN).status_code == 404
    assert ledger({"id": "x"}).status_code == 404


def test_drafts_and_archived_products_are_counted_too(
    client: FlaskClient, owner: Person, make_product: MakeProduct, correct: Correct
) -> None:
    draft, archived = make_product("Draft", published_at=None), make_product("Archived")
    client.delete(f"/api/v1/products/{archived['id']}", headers=owner.headers)
    assert correct(draft, set_to=1, reason="counted").json["stock"] == 1
    assert correct(archived, set_to=0, reason="counted").json["stock"] == 0


@pytest.mark.parametrize(
    ("roles", "status"),
    [(("catalog",), 200), (("orders",), 200), (("support",), 403), ((), 403), (None, 401)],
)
def test_who_may_touch_stock(
    client: FlaskClient,
    make_user: Callable[..., Person],
    make_product: MakeProduct,
    roles: tuple[str, ...] | None,
    status: int,
) -> None:
    product = make_product()
    headers = {} if roles is None else make_user(*roles).headers
    address = f"{ADMIN}/products/{product['id']}"
    body = {"delta": 1, "reason": "found"}
    answers = [
        client.post(f"{address}/stock", json=body, headers=headers),
        client.get(f"{address}/stock-movements", headers=headers),
        client.get(LOW_STOCK, headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [status] * 3


def test_the_ledger_tells_of_orders(
    client: FlaskClient, customer: Person, make_product: MakeProduct, ledger: Ledger
) -> None:
    product = make_product(stock=5)
    body = {
        "items": [{"product_id": product["id"], "quantity": 2}],
        "shipping_address": ADDRESS,
    }
    order = client.post("/api/v1/orders", json=body, headers=customer.headers).json
    canceled = client.post(f"/api/v1/orders/{order['id']}/cancel", headers=customer.headers)
    assert canceled.status_code == 200
    rows = movements(ledger(product))
    fields = ("type", "delta", "balance", "reason", "order_id", "actor")
    assert [tuple(row[name] for name in fields) for row in rows[:2]] == [
        ("released", 2, 5, None, order["id"], "customer"),
        ("ordered", -2, 3, None, order["id"], "customer"),
    ]
    with db.engine.connect() as connection:
        statement = sa.select(Product.units_ordered).where(Product.id == product["id"])
        assert connection.execute(statement).scalar_one() == 0


def test_the_ledger_by_page_and_by_cursor(
    make_product: MakeProduct, correct: Correct, ledger: Ledger
) -> None:
    product, other = make_product(stock=0), make_product("Another", stock=3)
    for _ in range(5):
        correct(product, delta=1, reason="found")
        correct(other, delta=1, reason="found")
    walked: list[int] = []
    query: dict[str, Any] = {"per_page": 2}
    while True:
        answer = ledger(product, **query)
        walked += [row["balance"] for row in movements(answer)]
        if answer.json["pagination"]["next_cursor"] is None:
            break
        query["cursor"] = answer.json["pagination"]["next_cursor"]
    assert walked == [5, 4, 3, 2, 1]
    third = ledger(product, page=3, per_page=2)
    assert [row["balance"] for row in movements(third)] == [1]
    assert third.json["pagination"] == {
        "page": 3,
        "per_page": 2,
        "total": 5,
        "pages": 3,
        "next_cursor": None,
    }


@pytest.mark.parametrize(
    "place",
    [
        ["movements", 10**19, UNKNOWN["id"]],
        ["movements", -(2**63), UNKNOWN["id"]],
        ["movements", "9" * 30, UNKNOWN["id"]],
        ["movements", 1e300, UNKNOWN["id"]],
        ["movements", "9" * 5_000, UNKNOWN["id"]],
        ["movements", None, UNKNOWN["id"]],
        ["movements", 1, None],
        ["movements", 1, [1]],
        ["movements", [1], UNKNOWN["id"]],
        ["low_stock", 1, UNKNOWN["id"]],
        ["movements", 1],
        {"a": 1, "b": 2, "c": 3},
        7,
    ],
)
def test_a_cursor_that_was_made_up(make_product: MakeProduct, ledger: Ledger, place: Any) -> None:
    cursor = base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")
    refused = ledger(make_product(), cursor=cursor)
    assert refused.status_code in (200, 422)
    if refused.status_code == 422:
        assert list(refused.json["errors"]) == ["cursor"]


def low(client: FlaskClient, owner: Person, **query: Any) -> Any:
    return client.get(LOW_STOCK, query_string=query, headers=owner.headers)


def test_what_runs_out_the_scarcest_first(
    client: FlaskClient, owner: Person, make_product: MakeProduct
) -> None:
    for stock in (6, 0, 5, 3, 5, 20):
        make_product(f"With {stock}", stock=stock)
    archived = make_product("Archived", stock=0)
    client.delete(f"/api/v1/products/{archived['id']}", headers=owner.headers)

    def stocks(**query: Any) -> list[int]:
        return [item["stock"] for item in low(client, owner, **query).json["items"]]

    assert stocks() == [0, 3, 5, 5]
    assert stocks(threshold=0) == [0]
    assert stocks(threshold=6) == [0, 3, 5, 5, 6]
    assert stocks(threshold=1_000_000, per_page=4, page=2) == [6, 20]
    first = low(client, owner, per_page=3)
    rest = low(client, owner, per_page=3, cursor=first.json["pagination"]["next_cursor"])
    names = [item["id"] for answer in (first, rest) for item in answer.json["items"]]
    assert len(set(names)) == len(names) == 4
    window: Any = client.get("/api/v1/products", query_string={"q": "With 3"}).json
    assert first.json["items"][1] in window["items"]


@pytest.mark.parametrize("threshold", ["-1", "x", "", "1.5", "1000001", "9" * 5_000])
def test_a_threshold_is_a_count(client: FlaskClient, owner: Person, threshold: str) -> None:
    refused = low(client, owner, threshold=threshold)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["threshold"])


def test_statements_do_not_grow_with_rows(
    client: FlaskClient,
    owner: Person,
    make_product: MakeProduct,
    correct: Correct,
    ledger: Ledger,
    statements: list[str],
) -> None:
    product = make_product(stock=1)

    def sent(act: Callable[[], Any]) -> int:
        statements.clear()
        assert act().status_code == 200
        return len(statements)

    few = sent(lambda: ledger(product)), sent(lambda: low(client, owner))
    for number in range(5):
        make_product(f"Car {number}", stock=1)
        correct(product, delta=-1 if number % 2 == 0 else 1, reason="counted")
    assert (sent(lambda: ledger(product)), sent(lambda: low(client, owner))) == few
