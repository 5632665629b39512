"""Customers and guests with carts, and staff who change what they hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from diecast_api.carts.models import CartItem
from diecast_api.catalog.models import Product
from diecast_api.extensions import db
from diecast_api.orm import new_id, utc_now
from tests.carts.shopper import Shopper
from tests.support.people import Person


@pytest.fixture
def guest(client: FlaskClient) -> Shopper:
    """A guest who has no cart yet."""
    return Shopper(client)


@pytest.fixture
def buyer(client: FlaskClient, customer: Person) -> Shopper:
    """A customer who has no cart yet."""
    return Shopper(client, customer.headers)


@pytest.fixture(params=["guest", "buyer"])
def shopper(request: pytest.FixtureRequest) -> Shopper:
    """Either of both."""
    found: Shopper = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def change_product(client: FlaskClient, owner: Person) -> Callable[..., None]:
    """Let staff change fields of a product."""

    def change(product: dict[str, Any], **fields: Any) -> None:
        address = f"/api/v1/products/{product['id']}"
        answer = client.patch(address, json=fields, headers=owner.headers)
        assert answer.status_code == 200, answer.json

    return change


@pytest.fixture
def set_stock(client: FlaskClient, owner: Person) -> Callable[[dict[str, Any], int], None]:
    """Let staff count a product."""

    def count(product: dict[str, Any], stock: int) -> None:
        address = f"/api/v1/admin/products/{product['id']}/stock"
        body = {"set_to": stock, "reason": "counted"}
        answer = client.post(address, json=body, headers=owner.headers)
        assert answer.status_code == 200, answer.json

    return count


@pytest.fixture
def archive(client: FlaskClient, owner: Person) -> Callable[[dict[str, Any]], None]:
    """Let staff take a product out of the window."""

    def take_out(product: dict[str, Any]) -> None:
        address = f"/api/v1/products/{product['id']}"
        assert client.delete(address, headers=owner.headers).status_code == 204

    return take_out


@pytest.fixture
def fill_cart(database: None) -> Callable[[Shopper, int], None]:
    """Put so many more products into a cart that there is, straight into the tables."""

    def fill(shopper: Shopper, lines: int) -> None:
        products = [
            {
                "id": new_id(),
                "sku": f"FILL-{number}",
                "slug": f"fill-{number}",
                "name": f"Car {number}",
                "price": 100_000,
                "stock": 1,
                "published_at": utc_now(),
            }
            for number in range(lines)
        ]
        cart_id = UUID(shopper.cart()["id"])
        in_cart = [
            {"cart_id": cart_id, "product_id": car["id"], "quantity": 1, "unit_price": car["price"]}
            for car in products
        ]
        with db.engine.begin() as connection:
            connection.execute(sa.insert(Product), products)
            connection.execute(sa.insert(CartItem), in_cart)

    return fill
