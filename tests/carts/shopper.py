"""Somebody with a cart: a customer, or a guest who keeps the token."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

URL = "/api/v1/cart"


class Shopper:
    """Calls the cart's addresses; a guest takes over the token of every answer that has one."""

    def __init__(self, client: FlaskClient, headers: dict[str, str] | None = None) -> None:
        self._client = client
        self.headers = dict(headers or {})

    @property
    def token(self) -> str | None:
        return self.headers.get("X-Cart-Token")

    def call(self, method: str, path: str = "", body: Any = None) -> Any:
        answer = self._client.open(URL + path, method=method, json=body, headers=self.headers)
        if "X-Cart-Token" in answer.headers:
            self.headers["X-Cart-Token"] = answer.headers["X-Cart-Token"]
        return answer

    def cart(self) -> dict[str, Any]:
        return self._whole(self.call("GET"), 200)

    def add(self, product: dict[str, Any], quantity: int = 1) -> dict[str, Any]:
        return self._whole(self.try_to_add(product, quantity), 201)

    def try_to_add(self, product: dict[str, Any], quantity: int = 1) -> Any:
        return self.call("POST", "/items", {"product_id": product["id"], "quantity": quantity})

    def set(self, product: dict[str, Any], quantity: int) -> dict[str, Any]:
        return self._whole(self.try_to_set(product, quantity), 200)

    def try_to_set(self, product: dict[str, Any], quantity: Any) -> Any:
        return self.call("PATCH", f"/items/{product['id']}", {"quantity": quantity})

    def remove(self, product: dict[str, Any]) -> Any:
        return self.call("DELETE", f"/items/{product['id']}")

    def clear(self) -> dict[str, Any]:
        return self._whole(self.call("DELETE"), 200)

    def quantities(self) -> dict[str, int]:
        """Names of products and how many of each are in the cart, the oldest line first."""
        return {item["product"]["name"]: item["quantity"] for item in self.cart()["items"]}

    @staticmethod
    def _whole(answer: Any, status: int) -> dict[str, Any]:
        assert answer.status_code == status, answer.json
        cart: dict[str, Any] = answer.json
        assert cart["item_count"] == sum(item["quantity"] for item in cart["items"])
        assert cart["subtotal"] == sum(item["line_total"] for item in cart["items"])
        for item in cart["items"]:
            assert item["unit_price"] == item["product"]["price"]
            assert item["line_total"] == item["unit_price"] * item["quantity"]
        return cart
