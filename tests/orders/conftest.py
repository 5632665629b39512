"""Buyers, and staff who look after their orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from diecast_api.actors import SYSTEM
from diecast_api.orders import moves, service
from diecast_api.orders.models import CancelReason, OrderStatus
from diecast_api.unit_of_work import unit_of_work
from tests.orders.buyer import ADMIN_URL, Buyer
from tests.support.people import Person

MoveTo = Callable[[dict[str, Any], OrderStatus], None]
Change = Callable[..., Any]


@pytest.fixture
def buyer(client: FlaskClient, customer: Person) -> Buyer:
    """A customer who orders."""
    return Buyer(client, customer)


@pytest.fixture
def other_buyer(client: FlaskClient, make_user: Callable[..., Person]) -> Buyer:
    """Another customer."""
    return Buyer(client, make_user())


@pytest.fixture
def clerk(make_user: Callable[..., Person]) -> Person:
    """Somebody who looks after orders."""
    return make_user("orders")


@pytest.fixture
def change(client: FlaskClient, clerk: Person) -> Change:
    """Have the clerk patch an order."""

    def patch(order: dict[str, Any], body: Any, **headers: str) -> Any:
        address = f"{ADMIN_URL}/{order['id']}"
        return client.patch(address, json=body, headers={**clerk.headers, **headers})

    return patch


@pytest.fixture
def move_to(database: None) -> MoveTo:
    """Bring an order into a status, step by step, as payments and staff do."""
    path = [
        OrderStatus.PENDING,
        OrderStatus.PAID,
        OrderStatus.PROCESSING,
        OrderStatus.SHIPPED,
        OrderStatus.COMPLETED,
    ]

    def bring(order: dict[str, Any], to: OrderStatus) -> None:
        with unit_of_work():
            row = service.lock_order(UUID(order["id"]))
            if to is OrderStatus.CANCELED:
                service.cancel(row, CancelReason.CUSTOMER, actor=SYSTEM)
                return
            steps = path[1 : path.index(to) + 1] if to in path else [OrderStatus.PAID, to]
            for step in steps:
                moves.move(row, step, actor=SYSTEM)

    return bring
