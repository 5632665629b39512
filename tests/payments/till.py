"""One order at the till: its buyer, its attempts, and Midtrans on the other side."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from diecast_api.extensions import db
from diecast_api.orders.models import Order
from tests.conftest import SERVER_KEY
from tests.support.live import ADDRESS
from tests.support.people import Person
from tests.support.simulator import ControlClient

API = "/api/v1"
WEBHOOK = f"{API}/webhooks/midtrans"
PRICE = 150_000
STOCK = 5


def signature(notification: dict[str, Any], key: str = SERVER_KEY) -> str:
    """The signature of a notification, as Midtrans makes it."""
    names = ("order_id", "status_code", "gross_amount")
    signed = "".join(str(notification.get(name, "")) for name in names)
    return hashlib.sha512((signed + key).encode()).hexdigest()


class Till:
    """What can be done about one order, over HTTP; nothing is known that HTTP does not tell."""

    def __init__(
        self,
        client: FlaskClient,
        buyer: Person,
        product: dict[str, Any],
        midtrans: ControlClient,
        run_jobs: Callable[[], int],
    ) -> None:
        self.client = client
        self.buyer = buyer
        self.product = product
        self.midtrans = midtrans
        self.run_jobs = run_jobs
        self._told: dict[str, int] = {}
        body = {
            "items": [{"product_id": product["id"], "quantity": 1}],
            "shipping_address": ADDRESS,
        }
        answer = client.post(f"{API}/orders", json=body, headers=buyer.headers)
        assert answer.status_code == 201, answer.json
        self.order_id: str = answer.json["id"]
        self.number: str = answer.json["number"]

    # The buyer

    def create(
        self, *, restart: bool | None = None, key: str | None = None, who: Person | None = None
    ) -> Any:
        """`POST /payments/create`, whatever the answer."""
        body: dict[str, Any] = {"order_id": self.order_id}
        if restart is not None:
            body["restart"] = restart
        headers = dict((who or self.buyer).headers)
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.client.post(f"{API}/payments/create", json=body, headers=headers)

    def open_page(self, *, restart: bool | None = None) -> dict[str, Any]:
        """A page to pay on."""
        answer = self.create(restart=restart)
        assert answer.status_code in (200, 201), answer.json
        page: dict[str, Any] = answer.json
        return page

    def cancel(self, who: Person | None = None) -> Any:
        return self.client.post(
            f"{API}/orders/{self.order_id}/cancel", headers=(who or self.buyer).headers
        )

    def sync(self, who: Person | None = None) -> Any:
        return self.client.post(
            f"{API}/payments/{self.order_id}/sync", headers=(who or self.buyer).headers
        )

    def order(self) -> dict[str, Any]:
        answer = self.client.get(f"{API}/orders/{self.order_id}", headers=self.buyer.headers)
        assert answer.status_code == 200, answer.json
        order: dict[str, Any] = answer.json
        return order

    def attempts(self) -> list[dict[str, Any]]:
        answer = self.client.get(
            f"{API}/orders/{self.order_id}/payments", headers=self.buyer.headers
        )
        assert answer.status_code == 200, answer.json
        items: list[dict[str, Any]] = answer.json["items"]
        return items

    @property
    def status(self) -> str:
        """The order's."""
        return str(self.order()["status"])

    @property
    def payment_statuses(self) -> list[str]:
        return [payment["status"] for payment in self.attempts()]

    @property
    def left(self) -> int:
        """How many of the product are left."""
        left: int = self.client.get(f"{API}/products/{self.product['id']}").json["stock"]
        return left

    def assert_is(self, status: str, *payments: str, left: int, reason: str | None = None) -> None:
        """The order, its payments and the stock, all at once."""
        order = self.order()
        assert (order["status"], order["cancel_reason"], self.payment_statuses, self.left) == (
            status,
            reason,
            list(payments),
            left,
        )

    # Midtrans

    def midtrans_id(self, attempt: int = -1) -> str:
        """The Midtrans order id of an attempt, the last one where none is named."""
        return str(self.attempts()[attempt]["midtrans_order_id"])

    def at_midtrans(self, attempt: int = -1) -> dict[str, Any]:
        """What the simulator knows of an attempt."""
        return self.midtrans.transaction(self.midtrans_id(attempt))

    def happen(self, event: str, *, attempt: int = -1, **how: Any) -> None:
        """Something happens at Midtrans, and the shop is not told yet."""
        self.midtrans.happen(self.midtrans_id(attempt), event, **how)

    def deliver(self, attempt: int = -1) -> None:
        """Bring the shop the notifications it has not got yet, and do the worker's work."""
        midtrans_id = self.midtrans_id(attempt)
        notifications = self.midtrans.notifications(midtrans_id)
        for notification in notifications[self._told.get(midtrans_id, 0) :]:
            assert self.post(notification["body"]).status_code == 200
        self._told[midtrans_id] = len(notifications)
        self.run_jobs()

    def notification(
        self, status: str, code: str = "200", *, attempt: int = -1, **fields: Any
    ) -> dict[str, Any]:
        """A notification of transaction `T1` over the whole sum, with `fields` instead; signed."""
        midtrans_id = self.midtrans_id(attempt)
        written = {
            "transaction_time": "2026-02-03 10:15:00",
            "transaction_status": status,
            "transaction_id": f"{midtrans_id}-T1",
            "status_message": "midtrans payment notification",
            "status_code": code,
            "payment_type": "qris",
            "order_id": midtrans_id,
            "merchant_id": "G000000001",
            "gross_amount": f"{PRICE}.00",
            "currency": "IDR",
            "fraud_status": "accept",
            **fields,
        }
        return {"signature_key": signature(written), **written}

    def tell(
        self,
        status: str,
        code: str = "200",
        *,
        tx: str = "T1",
        attempt: int = -1,
        said: Any = None,
        **fields: Any,
    ) -> None:
        """Send a notification of transaction `tx`, which GET status bears out.

        `said` is what GET status says instead.
        """
        transaction_id = f"{self.midtrans_id(attempt)}-{tx}"
        sent = self.notification(
            status, code, attempt=attempt, **{"transaction_id": transaction_id, **fields}
        )
        self.midtrans.script(sent["transaction_id"], status=sent if said is None else said)
        assert self.post(sent).status_code == 200
        self.run_jobs()

    def says(self, attempt: int = -1, **answers: Any) -> None:
        """Script what Midtrans answers about an attempt's order id and its transactions."""
        midtrans_id = self.midtrans_id(attempt)
        known = [f"{midtrans_id}-{tx}" for tx in ("T1", "T2")]
        self.midtrans.script(midtrans_id, also=known, **answers)

    def post(self, notification: Any, **options: Any) -> Any:
        """Post to the webhook; bytes go as they are."""
        body = notification if isinstance(notification, bytes) else json.dumps(notification)
        return self.client.post(
            WEBHOOK, data=body, **{"content_type": "application/json", **options}
        )

    # The clock

    def let_the_time_run_out(self) -> None:
        """Move the order's deadline into the past."""
        change(Order, self.order_id, expires_at=sa.func.now() - sa.text("interval '1 minute'"))


def change(model: Any, row_id: str, **values: Any) -> None:
    """Change a row behind the application's back."""
    with db.engine.begin() as connection:
        connection.execute(sa.update(model).where(model.id == row_id).values(**values))
