"""What Snap is told: sums, limits and the deadline."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diecast_api.payments.snap import Buyer, page_parameters

NOW = datetime(2026, 2, 3, 3, 0, tzinfo=UTC)
BUYER = Buyer(uuid4(), "Budi", "budi@example.com", "https://shop.example.com/orders/1")


@dataclass
class Line:
    name: str
    unit_price: int
    quantity: int
    product_id: UUID = field(default_factory=uuid4)


@dataclass
class Order:
    lines: list[Line]
    shipping_cost: int = 0
    discount: int = 0
    number: str = "DC-20260203-AAAAAA"
    expires_at: datetime = NOW + timedelta(minutes=60)
    shipping_address: dict[str, Any] = field(
        default_factory=lambda: {
            "full_name": "Budi",
            "phone": "+62812",
            "address": "Jl. Braga",
            "city": "Bandung",
            "postal_code": "40111",
        }
    )

    @property
    def total(self) -> int:
        goods = sum(line.unit_price * line.quantity for line in self.lines)
        return goods + self.shipping_cost - self.discount


def _parameters(order: Order, now: datetime = NOW) -> dict[str, Any]:
    return page_parameters(order, order.lines, "DC-20260203-AAAAAA-1", BUYER, now=now)


@given(
    lines=st.lists(
        st.builds(
            Line,
            name=st.text(min_size=1, max_size=200),
            unit_price=st.integers(1, 10**9),
            quantity=st.integers(1, 1000),
        ),
        min_size=1,
        max_size=100,
    ),
    shipping=st.integers(0, 10**6),
)
def test_items_add_up_within_the_limits(lines: list[Line], shipping: int) -> None:
    order = Order(lines, shipping_cost=shipping, discount=lines[0].unit_price // 2)
    parameters = _parameters(order)
    items = parameters["item_details"]
    gross = parameters["transaction_details"]["gross_amount"]
    assert sum(item["price"] * item["quantity"] for item in items) == gross == order.total
    assert all(len(item["name"]) <= 50 and "|" not in item["name"] for item in items)
    assert len(json.dumps(parameters)) <= 16_000


@pytest.mark.parametrize(
    ("left", "minutes"),
    [
        (timedelta(minutes=60), 60),
        (timedelta(minutes=59, seconds=1), 60),
        (timedelta(seconds=3), 1),
        (timedelta(minutes=1), 1),
    ],
)
def test_the_deadline_is_rounded_up_to_a_whole_minute(left: timedelta, minutes: int) -> None:
    order = Order([Line("Car", 1000, 1)], expires_at=NOW + left)
    assert _parameters(order)["expiry"] == {
        "start_time": "2026-02-03 10:00:00 +0700",
        "unit": "minutes",
        "duration": minutes,
    }


def test_no_email_is_empty_and_cards_use_3d_secure() -> None:
    parameters = _parameters(Order([Line("Car", 1000, 1)]))
    assert parameters["customer_details"]["email"] == "budi@example.com"
    assert parameters["credit_card"] == {"secure": True}


def test_a_page_whose_lines_need_too_much_shows_their_sum() -> None:
    lines = [Line("🚗" * 50, 1000 + number, 2) for number in range(40)]
    order = Order(lines, shipping_cost=9_000, discount=500)
    items = _parameters(order)["item_details"]
    assert [item["name"] for item in items] == [f"Order {order.number}", "Shipping", "Discount"]
    assert sum(item["price"] * item["quantity"] for item in items) == order.total
