"""The smoke test of `make run`: somebody buys a car from the demo shop, over HTTP."""

import signal
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.devstack.conftest import StartRun

pytestmark = pytest.mark.slow_run

DEMO_SECONDS = 600
PAID_SECONDS = 60
ADDRESS = {
    "full_name": "Budi Santoso",
    "phone": "081234567890",
    "address": "Jalan Merdeka 1",
    "city": "Bandung",
    "province": "Jawa Barat",
    "postal_code": "40111",
}


class Buyer:
    """Speaks JSON to the shop; every answer has to be a success."""

    def __init__(self, api: str) -> None:
        self._api = f"{api}/api/v1"
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy would not find us

    def register(self) -> None:
        person = {"email": "budi@example.com", "password": "Mobil-kecil-64", "full_name": "Budi"}
        token = self.post("/auth/register", person)["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str) -> dict[str, Any]:
        return self._content(self._session.get(f"{self._api}{path}", timeout=20))

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._content(self._session.post(f"{self._api}{path}", json=body, timeout=20))

    @staticmethod
    def _content(response: requests.Response) -> dict[str, Any]:
        assert response.ok, response.text
        content: dict[str, Any] = response.json()
        return content


def test_a_car_is_bought_and_paid(start_run: StartRun, new_data: Path) -> None:
    run = start_run(new_data, DEMO_SHOP="on")
    run.wait_ready(seconds=DEMO_SECONDS)
    ready = run.ready
    assert ready["accounts"]["customer"]["password"] in run.output

    buyer = Buyer(ready["api"])
    buyer.register()
    window = buyer.get("/products?in_stock=true&per_page=100")
    assert window["pagination"]["total"] >= 60
    car = window["items"][0]
    for address in (car["image"]["url"], car["image"]["thumbnail_url"]):
        assert requests.get(address, timeout=20).headers["Content-Type"].startswith("image/")

    cart = buyer.post("/cart/items", {"product_id": car["id"], "quantity": 1})
    assert cart["subtotal"] == car["price"]
    order = buyer.post("/orders", {"shipping_address": ADDRESS})
    assert order["status"] == "PENDING"
    payment = buyer.post("/payments/create", {"order_id": order["id"]})
    assert payment["redirect_url"].startswith(ready["simulator"])

    (attempt,) = buyer.get(f"/orders/{order['id']}/payments")["items"]
    paid = requests.post(
        f"{ready['simulator']}/simulator/transactions/{attempt['midtrans_order_id']}/events",
        json={"event": "pay", "payment_type": "bank_transfer", "bank": "bca"},
        timeout=20,
    )
    assert paid.ok, paid.text
    deadline = time.monotonic() + PAID_SECONDS
    while (order := buyer.get(f"/orders/{order['id']}"))["status"] != "PAID":
        assert time.monotonic() < deadline, order
        time.sleep(0.2)
    assert order["payment"]["paid_at"]
    assert buyer.get(f"/products/{car['id']}")["stock"] == car["stock"] - 1

    run.process.send_signal(signal.SIGINT)
    run.wait_end()
    run.assert_nothing_left()
