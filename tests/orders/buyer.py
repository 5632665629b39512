"""Somebody who orders, over the API."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from tests.support.live import ADDRESS
from tests.support.people import Person

URL = "/api/v1/orders"
ADMIN_URL = "/api/v1/admin/orders"


def line(product: dict[str, Any], quantity: Any = 1) -> dict[str, Any]:
    """A line of an order's body."""
    return {"product_id": product["id"], "quantity": quantity}


def body_of(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The body of an order; without lines it is for what is in the cart."""
    basket = {"items": list(lines)} if lines else {}
    return {**basket, "shipping_address": ADDRESS, **fields}


class Buyer:
    """A customer who is signed in, and their calls."""

    def __init__(self, client: FlaskClient, person: Person) -> None:
        self._client = client
        self.person = person

    def try_to_place(self, body: Any, **headers: str) -> Any:
        return self._client.post(URL, json=body, headers={**self.person.headers, **headers})

    def place(self, *lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
        answer = self.try_to_place(body_of(*lines, **fields))
        assert answer.status_code == 201, answer.json
        order: dict[str, Any] = answer.json
        return order

    def put_in_cart(self, product: dict[str, Any], quantity: int = 1) -> None:
        answer = self._client.post(
            "/api/v1/cart/items", json=line(product, quantity), headers=self.person.headers
        )
        assert answer.status_code == 201, answer.json

    def cart(self) -> dict[str, Any]:
        cart: dict[str, Any] = self.get("/api/v1/cart").json
        return cart

    def get(self, address: str, **query: Any) -> Any:
        return self._client.get(address, query_string=query, headers=self.person.headers)

    def show(self, order: dict[str, Any]) -> Any:
        return self.get(f"{URL}/{order['id']}")

    def list(self, **query: Any) -> Any:
        return self.get(URL, **query)
