"""The races that shops lose. Each drill runs twice: as the code is, and with its guard taken out.

The second run must find the damage, or the drill could not have seen it in the first.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from diecast_api import idempotency
from diecast_api.catalog.models import Product
from diecast_api.extensions import db
from diecast_api.inventory import service as inventory
from diecast_api.inventory.models import StockMovement
from diecast_api.orders import service as orders
from diecast_api.orders.models import Order, OrderHistoryEntry
from diecast_api.payments.models import PaymentNotification
from diecast_api.payments.service import apply as applying
from diecast_api.payments.service import inbox
from tests.conftest import SERVER_KEY
from tests.support.live import ADDRESS
from tests.support.people import Person
from tests.support.simulator import SimulatorProcess

BUYERS = 40
CARS = 10
CLICKS = 20
NOTIFICATIONS = 100
LONG_ENOUGH_TO_MEET = 0.2
PATIENCE_SECONDS = 5.0

AtOnce = Callable[..., list[Any]]


@pytest.fixture
def no_stock_lock(monkeypatch: pytest.MonkeyPatch, database: None) -> Iterator[None]:
    """Check, then act: stock is read without a lock, and the constraint behind it is gone."""

    def read(product_ids: Any) -> dict[Any, int]:
        rows = db.session.execute(
            sa.select(Product.id, Product.stock).where(Product.id.in_(list(product_ids)))
        ).all()
        time.sleep(LONG_ENOUGH_TO_MEET)
        return {row.id: row.stock for row in rows}

    monkeypatch.setattr(inventory, "_locked_stock", read)
    constraints = {
        "products": ("ck_products_stock_not_negative", "stock >= 0"),
        "stock_movements": ("ck_stock_movements_balance_not_negative", "balance >= 0"),
    }
    with db.engine.begin() as connection:
        for table, (name, _) in constraints.items():
            connection.execute(sa.text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
    yield
    with db.engine.begin() as connection:
        for table, (name, condition) in constraints.items():
            connection.execute(sa.text(f"TRUNCATE {table} CASCADE"))
            connection.execute(
                sa.text(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})")
            )


@pytest.fixture
def no_key_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call believes that its key is new."""
    monkeypatch.setattr(idempotency, "_claim", lambda request, running_until: None)


@pytest.fixture
def no_order_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders are read without a lock, and nobody goes on before everybody has read the same."""
    everybody = Barrier(CLICKS)

    def read(order_id: Any, **_: Any) -> Order:
        order = db.session.get_one(Order, order_id, populate_existing=True)
        with suppress(BrokenBarrierError):
            everybody.wait(PATIENCE_SECONDS)
        return order

    monkeypatch.setattr(orders, "lock_order", read)
    monkeypatch.setattr(applying.orders, "lock_order", read)


def _body(product: dict[str, Any]) -> dict[str, Any]:
    return {
        "items": [{"product_id": product["id"], "quantity": 1}],
        "shipping_address": ADDRESS,
    }


def _forty_buyers_for_ten_cars(
    at_once: AtOnce, make_user: Any, make_product: Any
) -> tuple[Counter[int], dict[str, Any]]:
    product = make_product(stock=CARS)
    buyers = [make_user() for _ in range(BUYERS)]

    def buy(client: FlaskClient, buyer: Person) -> int:
        response = client.post("/api/v1/orders", json=_body(product), headers=buyer.headers)
        return response.status_code

    return Counter(at_once(buy, buyers)), product


def test_forty_buyers_for_ten_cars(at_once: AtOnce, make_user: Any, make_product: Any) -> None:
    answers, product = _forty_buyers_for_ten_cars(at_once, make_user, make_product)
    assert answers == {201: CARS, 409: BUYERS - CARS}
    row = db.session.execute(
        sa.select(Product.stock, Product.units_ordered).where(Product.id == product["id"])
    ).one()
    assert tuple(row) == (0, CARS)
    balances = db.session.scalars(
        sa.select(StockMovement.balance)
        .where(StockMovement.product_id == product["id"])
        .order_by(StockMovement.sequence)
    ).all()
    assert balances == list(range(CARS, -1, -1))


@pytest.mark.usefixtures("no_stock_lock")
def test_the_drill_sees_cars_sold_twice(at_once: AtOnce, make_user: Any, make_product: Any) -> None:
    answers, _ = _forty_buyers_for_ten_cars(at_once, make_user, make_product)
    assert answers[201] > CARS


def _twenty_clicks_with_one_key(at_once: AtOnce, customer: Person, product: Any) -> list[Any]:
    headers = {**customer.headers, "Idempotency-Key": str(uuid4())}

    def click(client: FlaskClient, _: int) -> Any:
        return client.post("/api/v1/orders", json=_body(product), headers=headers)

    return at_once(click, list(range(CLICKS)))


def _orders() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Order)) or 0


def test_twenty_clicks_with_one_key(at_once: AtOnce, customer: Person, make_product: Any) -> None:
    answers = _twenty_clicks_with_one_key(at_once, customer, make_product(stock=CLICKS))
    assert _orders() == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json["id"] for answer in answers if answer.status_code == 201}) == 1
    refused = [answer for answer in answers if answer.status_code == 409]
    assert {answer.json["code"] for answer in refused} <= {"idempotency_in_progress"}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)


@pytest.mark.usefixtures("no_key_claim")
def test_the_drill_sees_orders_placed_twice(
    at_once: AtOnce, customer: Person, make_product: Any
) -> None:
    _twenty_clicks_with_one_key(at_once, customer, make_product(stock=CLICKS))
    assert _orders() > 1


def _settlement(midtrans_order_id: str, amount: int) -> dict[str, str]:
    payload = {
        "transaction_time": "2026-02-03 10:15:00",
        "transaction_status": "settlement",
        "transaction_id": f"tx-{midtrans_order_id}",
        "status_code": "200",
        "payment_type": "qris",
        "order_id": midtrans_order_id,
        "gross_amount": f"{amount}.00",
        "currency": "IDR",
        "fraud_status": "accept",
    }
    signed = payload["order_id"] + payload["status_code"] + payload["gross_amount"] + SERVER_KEY
    return payload | {"signature_key": hashlib.sha512(signed.encode()).hexdigest()}


@pytest.fixture
def notification(
    client: FlaskClient, customer: Person, make_product: Any, simulator: SimulatorProcess
) -> dict[str, str]:
    """A settlement of a real attempt, which GET status bears out."""
    order = client.post("/api/v1/orders", json=_body(make_product()), headers=customer.headers).json
    client.post("/api/v1/payments/create", json={"order_id": order["id"]}, headers=customer.headers)
    path = f"/api/v1/orders/{order['id']}/payments"
    attempt = client.get(path, headers=customer.headers).json["items"][0]
    payload = _settlement(attempt["midtrans_order_id"], attempt["amount"])
    simulator.client.script(payload["order_id"], status=payload, also=[payload["transaction_id"]])
    return payload


def _times_paid() -> int:
    statement = sa.select(sa.func.count()).where(OrderHistoryEntry.status == "PAID")
    return db.session.scalar(statement) or 0


def _a_hundred_at_once(at_once: AtOnce, notification: dict[str, str]) -> Counter[int]:
    def post(client: FlaskClient, _: int) -> list[int]:
        return [
            client.post("/api/v1/webhooks/midtrans", json=notification).status_code
            for _ in range(NOTIFICATIONS // CLICKS)
        ]

    return Counter(sum(at_once(post, list(range(CLICKS))), []))


def test_a_hundred_identical_notifications(
    at_once: AtOnce, notification: dict[str, str], jobs: Callable[[], int]
) -> None:
    assert _a_hundred_at_once(at_once, notification) == {200: NOTIFICATIONS}
    kept = db.session.scalars(sa.select(PaymentNotification)).one()
    assert kept.deliveries == NOTIFICATIONS
    assert jobs() == 1
    assert _times_paid() == 1


def _all_workers_at_once(at_once: AtOnce, notification: dict[str, str]) -> None:
    """The same settlement known to many workers, as after many deliveries that differ a little."""
    for number in range(CLICKS):
        inbox.receive(notification | {"delivery": str(number)})
    ids = db.session.scalars(sa.select(PaymentNotification.id)).all()

    def handle(client: FlaskClient, notification_id: Any) -> None:
        with client.application.app_context():
            inbox.handle(notification_id)

    at_once(handle, list(ids))


def test_twenty_workers_apply_one_settlement_once(
    at_once: AtOnce, notification: dict[str, str]
) -> None:
    _all_workers_at_once(at_once, notification)
    assert _times_paid() == 1


@pytest.mark.usefixtures("no_order_lock")
def test_the_drill_sees_a_settlement_applied_twice(
    at_once: AtOnce, notification: dict[str, str]
) -> None:
    _all_workers_at_once(at_once, notification)
    assert _times_paid() > 1
