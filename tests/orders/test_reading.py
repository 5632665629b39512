"""A customer's own orders: what is listed, in what order, and that nobody else sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from diecast_api.extensions import db
from diecast_api.orders.models import Order, OrderStatus
from tests.orders.buyer import URL, Buyer, line
from tests.orders.conftest import MoveTo

MakeProduct = Callable[..., dict[str, Any]]


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.json
    return [order["id"] for order in answer.json["items"]]


@pytest.fixture
def orders(buyer: Buyer, make_product: MakeProduct) -> list[dict[str, Any]]:
    """Seven orders, the oldest first; three of them at the same moment."""
    product = make_product(stock=100)
    placed = [buyer.place(line(product, number + 1)) for number in range(7)]
    with db.engine.begin() as connection:
        same = [order["id"] for order in placed[2:5]]
        connection.execute(
            sa.update(Order).where(Order.id.in_(same)).values(created_at=placed[2]["created_at"])
        )
    return placed


def newest_first(orders: list[dict[str, Any]]) -> list[str]:
    return [order["id"] for order in reversed(orders)]


def test_newest_first_with_everything_in_it(buyer: Buyer, orders: list[dict[str, Any]]) -> None:
    answer = buyer.list()
    assert ids(answer) == newest_first(orders)
    assert answer.json["items"][0] == buyer.show(orders[-1]).json
    assert answer.json["pagination"] == {
        "page": 1,
        "per_page": 20,
        "total": 7,
        "pages": 1,
        "next_cursor": None,
    }


@pytest.mark.parametrize("per_page", [1, 2, 3, 7])
def test_pages_and_cursors_walk_the_same_order(
    buyer: Buyer, orders: list[dict[str, Any]], per_page: int
) -> None:
    pages = -(-7 // per_page)
    by_page, by_cursor = [], []
    query: dict[str, Any] = {}
    for number in range(1, pages + 1):
        page = buyer.list(page=number, per_page=per_page)
        by_page += ids(page)
        step = buyer.list(per_page=per_page, **query)
        by_cursor += ids(step)
        assert step.json["pagination"]["next_cursor"] == page.json["pagination"]["next_cursor"]
        assert (step.json["pagination"]["pages"], step.json["pagination"]["total"]) == (pages, 7)
        query = {"cursor": step.json["pagination"]["next_cursor"]}
    assert by_page == by_cursor == newest_first(orders)
    assert query == {"cursor": None}


def test_an_order_placed_meanwhile_moves_no_cursor(
    buyer: Buyer, orders: list[dict[str, Any]], make_product: MakeProduct
) -> None:
    first = buyer.list(per_page=4)
    buyer.place(line(make_product("Honda NSX")))
    second = buyer.list(per_page=4, cursor=first.json["pagination"]["next_cursor"])
    assert ids(first) + ids(second) == newest_first(orders)


def test_a_page_past_the_end_is_empty(buyer: Buyer, orders: list[dict[str, Any]]) -> None:
    answer = buyer.list(page=3, per_page=5)
    assert ids(answer) == []
    assert answer.json["pagination"]["next_cursor"] is None


def test_by_status(buyer: Buyer, orders: list[dict[str, Any]], move_to: MoveTo) -> None:
    move_to(orders[0], OrderStatus.CANCELED)
    move_to(orders[1], OrderStatus.PAID)
    move_to(orders[2], OrderStatus.SHIPPED)
    assert ids(buyer.list(status="PAID")) == [orders[1]["id"]]
    answer = buyer.list(status=["PAID", "CANCELED"])
    assert ids(answer) == [orders[1]["id"], orders[0]["id"]]
    assert answer.json["pagination"]["total"] == 2
    assert ids(buyer.list(status="REFUNDED")) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "paid"}, "status.0"),
        ({"status": ""}, "status.0"),
        ({"status": ["PAID", "x"]}, "status.1"),
        ({"page": "0"}, "page"),
        ({"page": "-1"}, "page"),
        ({"page": "x"}, "page"),
        ({"page": "1.5"}, "page"),
        ({"page": "9" * 5_000}, "page"),
        ({"page": str(2**63)}, "page"),
        ({"per_page": "0"}, "per_page"),
        ({"per_page": "101"}, "per_page"),
        ({"page": "1", "cursor": "x"}, "cursor"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "é😀"}, "cursor"),
        ({"cursor": "WyJvcmRlcnMiLDEsMl0"}, "cursor"),
        ({"limit": "5"}, "limit"),
        ({"status": "PAID\0"}, "_schema"),
    ],
)
def test_a_wrong_query_is_told_by_its_name(buyer: Buyer, query: dict[str, Any], field: str) -> None:
    refused = buyer.list(**query)
    assert (refused.status_code, refused.json["code"]) == (422, "validation_error")
    assert list(refused.json["errors"]) == [field]


def test_a_single_order_takes_no_query(buyer: Buyer, orders: list[dict[str, Any]]) -> None:
    refused = buyer.get(f"{URL}/{orders[0]['id']}", expand="items")
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["expand"])


def test_somebody_elses_order_is_not_found(
    client: FlaskClient, buyer: Buyer, other_buyer: Buyer, orders: list[dict[str, Any]]
) -> None:
    assert ids(other_buyer.list()) == []
    hidden = other_buyer.show(orders[0])
    unknown = other_buyer.show({"id": "01970000-0000-7000-8000-000000000000"})
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    own = {key: value for key, value in hidden.json.items() if key != "request_id"}
    assert own == {key: value for key, value in unknown.json.items() if key != "request_id"}
    assert client.get(URL).status_code == 401
    assert client.get(f"{URL}/{orders[0]['id']}").status_code == 401


@pytest.mark.parametrize("order_id", ["1", "x", "%00", "DC-20261123-7F3K9Q", "0" * 36])
def test_what_is_no_id_is_not_found(buyer: Buyer, order_id: str) -> None:
    answer = buyer.get(f"{URL}/{order_id}")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_orders_are_private(buyer: Buyer, orders: list[dict[str, Any]]) -> None:
    for answer in (buyer.list(), buyer.show(orders[0])):
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in answer.headers


def test_statements_do_not_grow_with_orders_and_lines(
    buyer: Buyer, make_product: MakeProduct, statements: list[str]
) -> None:
    products = [make_product(f"Car {number}", stock=50) for number in range(5)]

    def sent_for(act: Callable[[], Any]) -> int:
        statements.clear()
        assert act().status_code == 200
        return len(statements)

    first = buyer.place(line(products[0]))
    few = sent_for(buyer.list), sent_for(lambda: buyer.show(first))
    orders = [buyer.place(*map(line, products)) for _ in range(6)]
    many = sent_for(buyer.list), sent_for(lambda: buyer.show(orders[0]))
    assert many == few
    assert max(few) <= 6


def test_statements_do_not_grow_with_what_is_ordered(
    buyer: Buyer, make_product: MakeProduct, statements: list[str]
) -> None:
    products = [make_product(f"Car {number}", stock=50) for number in range(8)]
    statements.clear()
    buyer.place(line(products[0]))
    for_one = len(statements)
    statements.clear()
    buyer.place(*map(line, products))
    assert len(statements) == for_one
