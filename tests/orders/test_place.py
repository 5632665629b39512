"""Placing an order: what it takes, what it keeps, and that it is all or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from diecast_api import create_app
from diecast_api.catalog.models import Product
from diecast_api.config import Settings
from diecast_api.extensions import db
from diecast_api.inventory.models import StockMovement
from diecast_api.orders.models import Order
from diecast_api.orders.service import place
from tests.orders.buyer import URL, Buyer, body_of, line
from tests.support.live import ADDRESS
from tests.support.people import Person

MakeProduct = Callable[..., dict[str, Any]]
UNKNOWN = {"id": "01970000-0000-7000-8000-000000000000"}


def stock_of(product: dict[str, Any]) -> int:
    statement = sa.select(Product.stock).where(Product.id == UUID(product["id"]))
    with db.engine.connect() as connection:
        return connection.execute(statement).scalar_one()


def moment(text: str) -> datetime:
    assert text.endswith("Z")
    return datetime.fromisoformat(text)


def count_of_orders() -> int:
    with db.engine.connect() as connection:
        return connection.execute(sa.select(sa.func.count(Order.id))).scalar_one()


def test_an_order_is_answered_whole(
    app: Flask, client: FlaskClient, buyer: Buyer, make_product: MakeProduct
) -> None:
    first = make_product("Honda NSX", price=150_000)
    second = make_product("Mazda RX-7", price=85_500)
    answer = buyer.try_to_place(body_of(line(first, 2), line(second), notes="  Bungkus kado  "))
    assert answer.status_code == 201
    order = answer.json
    assert {
        key: order[key] for key in order if key not in ("id", "number", "items", "history")
    } == {
        "status": "PENDING",
        "subtotal": 385_500,
        "shipping_cost": 0,
        "discount": 0,
        "total": 385_500,
        "currency": "IDR",
        "shipping_address": {**ADDRESS, "phone": "+6281234567890", "notes": None},
        "notes": "Bungkus kado",
        "payment": None,
        "cancel_reason": None,
        "tracking": None,
        "expires_at": order["expires_at"],
        "version": 1,
        "created_at": order["created_at"],
        "updated_at": order["created_at"],
    }
    assert order["items"] == [
        {
            "product_id": product["id"],
            "sku": product["sku"],
            "name": product["name"],
            "unit_price": product["price"],
            "quantity": quantity,
            "line_total": quantity * product["price"],
            "thumbnail_url": None,
        }
        for product, quantity in ((first, 2), (second, 1))
    ]
    (entry,) = order["history"]
    assert (entry["status"], entry["actor"], entry["note"]) == ("PENDING", "customer", None)
    moment(entry["at"])
    assert UUID(order["id"]).version == 7
    window: timedelta = app.config["SETTINGS"].payment_window
    assert moment(order["expires_at"]) - moment(order["created_at"]) == window
    assert buyer.show(order).json == order


def test_the_payment_window_is_the_configured_one(
    app: Flask, environment: dict[str, str], buyer: Buyer, make_product: MakeProduct
) -> None:
    settings = Settings.from_environment({**environment, "ORDER_PAYMENT_WINDOW_MINUTES": "0.5"})
    hurried = create_app(settings)
    order = Buyer(hurried.test_client(), buyer.person).place(line(make_product()))
    window = moment(order["expires_at"]) - moment(order["created_at"])
    assert window == timedelta(seconds=30)
    with hurried.app_context():
        db.engine.dispose()


def test_stock_is_taken_and_the_ledger_says_for_what(
    buyer: Buyer, make_product: MakeProduct
) -> None:
    first, second = make_product("Honda NSX", stock=5), make_product("Mazda RX-7", stock=3)
    order = buyer.place(line(first, 5), line(second, 1))
    assert (stock_of(first), stock_of(second)) == (0, 2)
    rows = db.session.execute(
        sa.select(StockMovement).where(StockMovement.order_id == UUID(order["id"]))
    ).scalars()
    assert {(str(row.product_id), row.type, row.delta, row.balance, row.actor) for row in rows} == {
        (first["id"], "ordered", -5, 0, "customer"),
        (second["id"], "ordered", -1, 2, "customer"),
    }


def test_number_carries_the_day_in_jakarta() -> None:
    before, after = (datetime(2026, 11, 23, hour, 59, 59, tzinfo=UTC) for hour in (16, 17))
    assert place._number(before).startswith("DC-20261123-")
    assert place._number(after).startswith("DC-20261124-")


def test_numbers_are_readable_and_differ(buyer: Buyer, make_product: MakeProduct) -> None:
    product = make_product()
    numbers = [buyer.place(line(product))["number"] for _ in range(5)]
    assert all(re.fullmatch(r"DC-\d{8}-[2-9A-HJ-NP-Z]{6}", number) for number in numbers)
    assert len(set(numbers)) == 5


def test_a_number_that_is_taken_is_drawn_again(
    buyer: Buyer, make_product: MakeProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = make_product()
    taken = buyer.place(line(product))["number"]
    drawn = iter([taken, taken, "DC-20261123-222222"])
    monkeypatch.setattr(place, "_number", lambda now: next(drawn))
    assert buyer.place(line(product))["number"] == "DC-20261123-222222"
    assert stock_of(product) == 8


def test_a_product_named_twice_is_ordered_once_with_the_sum(
    buyer: Buyer, make_product: MakeProduct
) -> None:
    first, second = make_product("Honda NSX", stock=5), make_product("Mazda RX-7")
    order = buyer.place(line(first, 2), line(second), line(first, 3))
    assert [(item["name"], item["quantity"]) for item in order["items"]] == [
        ("Honda NSX", 5),
        ("Mazda RX-7", 1),
    ]
    refused = buyer.try_to_place(body_of(line(second, 5), line(second, 5)))
    assert refused.status_code == 409
    assert refused.json["items"] == [
        {"product_id": second["id"], "requested": 10, "available": 9},
    ]


def test_too_little_of_something_takes_nothing(buyer: Buyer, make_product: MakeProduct) -> None:
    plenty = make_product("Honda NSX", stock=10)
    scarce, gone = make_product("Mazda RX-7", stock=1), make_product("Subaru 22B", stock=0)
    refused = buyer.try_to_place(body_of(line(plenty, 2), line(scarce, 2), line(gone)))
    assert (refused.status_code, refused.json["code"]) == (409, "out_of_stock")
    assert refused.json["items"] == [
        {"product_id": scarce["id"], "requested": 2, "available": 1},
        {"product_id": gone["id"], "requested": 1, "available": 0},
    ]
    assert [stock_of(product) for product in (plenty, scarce, gone)] == [10, 1, 0]
    assert count_of_orders() == 0
    assert db.session.scalar(sa.select(sa.func.count(StockMovement.id))) == 2  # the first receipts


def test_what_is_not_on_sale_is_not_found(
    client: FlaskClient, owner: Person, buyer: Buyer, make_product: MakeProduct
) -> None:
    on_sale, archived = make_product("Honda NSX"), make_product("Archived")
    client.delete(f"/api/v1/products/{archived['id']}", headers=owner.headers)
    for product in (
        UNKNOWN,
        archived,
        make_product("Draft", published_at=None),
        make_product("To come", published_at="2099-01-01T00:00:00Z"),
    ):
        refused = buyer.try_to_place(body_of(line(on_sale), line(product)))
        assert (refused.status_code, refused.json["code"]) == (404, "not_found")
    assert stock_of(on_sale) == 10
    assert count_of_orders() == 0


def test_the_cart_is_ordered_and_emptied(buyer: Buyer, make_product: MakeProduct) -> None:
    first, second = make_product("Honda NSX", price=1_000), make_product("Mazda RX-7", price=20)
    buyer.put_in_cart(first, 2)
    buyer.put_in_cart(second, 3)
    order = buyer.place()
    assert [(item["name"], item["quantity"]) for item in order["items"]] == [
        ("Honda NSX", 2),
        ("Mazda RX-7", 3),
    ]
    assert order["total"] == 2_060
    assert buyer.cart()["items"] == []
    refused = buyer.try_to_place(body_of())
    assert (refused.status_code, refused.json["code"]) == (409, "cart_empty")


def test_an_order_of_items_leaves_the_cart_alone(buyer: Buyer, make_product: MakeProduct) -> None:
    in_cart, ordered = make_product("Honda NSX"), make_product("Mazda RX-7")
    buyer.put_in_cart(in_cart, 2)
    before = buyer.cart()
    buyer.place(line(ordered))
    assert buyer.cart() == before


def test_somebody_without_a_cart_has_nothing_to_order(buyer: Buyer) -> None:
    refused = buyer.try_to_place(body_of())
    assert (refused.status_code, refused.json["code"]) == (409, "cart_empty")


def test_a_refused_cart_stays_as_it_was(
    client: FlaskClient, owner: Person, buyer: Buyer, other_buyer: Buyer, make_product: MakeProduct
) -> None:
    scarce, archived = make_product("Honda NSX", stock=2), make_product("Mazda RX-7")
    buyer.put_in_cart(scarce, 2)
    other_buyer.place(line(scarce))
    refused = buyer.try_to_place(body_of())
    assert refused.json["items"] == [{"product_id": scarce["id"], "requested": 2, "available": 1}]
    assert buyer.cart()["item_count"] == 2

    buyer.put_in_cart(archived, 3)
    client.delete(f"/api/v1/products/{archived['id']}", headers=owner.headers)
    refused = buyer.try_to_place(body_of())
    assert (refused.status_code, refused.json["code"]) == (409, "out_of_stock")
    assert refused.json["items"] == [{"product_id": archived["id"], "requested": 3, "available": 0}]
    assert buyer.cart()["item_count"] == 5
    assert count_of_orders() == 1


def test_prices_are_those_of_the_moment(
    client: FlaskClient, owner: Person, buyer: Buyer, make_product: MakeProduct
) -> None:
    product = make_product("Honda NSX", price=100_000)
    buyer.put_in_cart(product)

    def reprice(price: int) -> None:
        address = f"/api/v1/products/{product['id']}"
        body = {"price": price, "name": f"Honda NSX at {price}"}
        assert client.patch(address, json=body, headers=owner.headers).status_code == 200

    reprice(120_000)
    order = buyer.place()
    assert order["total"] == 120_000
    reprice(90_000)
    (item,) = buyer.show(order).json["items"]
    assert (item["unit_price"], item["name"]) == (120_000, "Honda NSX at 120000")


def test_an_order_keeps_what_was_archived(
    client: FlaskClient, owner: Person, buyer: Buyer, make_product: MakeProduct
) -> None:
    product = make_product()
    order = buyer.place(line(product))
    client.delete(f"/api/v1/products/{product['id']}", headers=owner.headers)
    assert buyer.show(order).json == order


def test_a_guest_cannot_order(client: FlaskClient, make_product: MakeProduct) -> None:
    refused = client.post(URL, json=body_of(line(make_product())))
    assert (refused.status_code, refused.json["code"]) == (401, "not_authenticated")
    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_the_dearest_order_that_can_be(buyer: Buyer, make_product: MakeProduct) -> None:
    product = make_product(price=1_000_000_000, stock=1_000_000)
    order = buyer.place(line(product, 999_999), line(product, 1))
    assert order["total"] == 1_000_000_000 * 1_000_000
    refused = buyer.try_to_place(body_of(*[line(product, 1_000_000)] * 100))
    assert (refused.status_code, refused.json["items"][0]["requested"]) == (409, 100_000_000)
