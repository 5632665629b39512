"""A customer buys a car: over the API up to the payment, then by hand on Snap's page."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from tests.support.live import ADDRESS, LiveShop, Visitor

STOCK = 5
QUANTITY = 2
PRICE = 185_000


class Purchase:
    """A filled cart, ordered and about to be paid."""

    def __init__(self, shop: LiveShop) -> None:
        self.owner = shop.owner()
        self.product = shop.product(price=PRICE, stock=STOCK)
        self.buyer: Visitor = shop.person()
        line = {"product_id": self.product["id"], "quantity": QUANTITY}
        self.buyer.post("/cart/items", line, expect=201)
        self.order = self.buyer.post("/orders", {"shipping_address": ADDRESS}, expect=201)
        assert self.buyer.get("/cart")["items"] == []
        self.payment_url: str = self.buyer.pay(self.order)["redirect_url"]

    def check(self, *, stock: int, movements: list[str], history: list[str]) -> None:
        """Stock, its movements and the order's history agree."""
        assert self.owner.get(f"/products/{self.product['id']}")["stock"] == stock
        path = f"/admin/products/{self.product['id']}/stock-movements"
        entries: list[dict[str, Any]] = self.owner.get(path)["items"]
        assert [entry["type"] for entry in entries] == movements
        assert entries[0]["balance"] == stock
        order = self.buyer.get(f"/orders/{self.order['id']}")
        assert [entry["status"] for entry in order["history"]] == history


@pytest.fixture
def purchase(live_shop: LiveShop) -> Purchase:
    return Purchase(live_shop)


def _pay_by_virtual_account(page: Page) -> None:
    page.get_by_test_id("method-bca_va").click()
    page.get_by_test_id("event-pay").click()
    page.get_by_test_id("view-paid").wait_for()


def test_paid_by_virtual_account(purchase: Purchase, page: Page) -> None:
    page.goto(purchase.payment_url)
    assert page.get_by_test_id("amount").inner_text() == "Rp 370.000"
    _pay_by_virtual_account(page)

    paid = purchase.buyer.wait_for_status(purchase.order, "PAID")
    assert paid["total"] == PRICE * QUANTITY
    assert paid["payment"]["status"] == "PAID"
    assert paid["payment"]["method"] == "bank_transfer"
    assert paid["payment"]["paid_at"].endswith("Z")
    purchase.check(
        stock=STOCK - QUANTITY,
        movements=["ordered", "received"],
        history=["PENDING", "PAID"],
    )


def test_refused_and_then_paid(purchase: Purchase, page: Page) -> None:
    page.goto(purchase.payment_url)
    page.get_by_test_id("method-credit_card").click()
    page.get_by_test_id("event-deny").click()
    page.get_by_test_id("last-attempt").wait_for()
    _pay_by_virtual_account(page)

    paid = purchase.buyer.wait_for_status(purchase.order, "PAID")
    assert paid["payment"]["method"] == "bank_transfer"
    purchase.check(
        stock=STOCK - QUANTITY,
        movements=["ordered", "received"],
        history=["PENDING", "PAID"],
    )


def test_expired(purchase: Purchase, page: Page) -> None:
    page.goto(purchase.payment_url)
    page.get_by_test_id("method-bca_va").click()
    page.get_by_test_id("event-expire").click()

    expired = purchase.buyer.wait_for_status(purchase.order, "CANCELED")
    assert expired["cancel_reason"] == "expired"
    assert expired["payment"]["status"] == "EXPIRED"
    purchase.check(
        stock=STOCK,
        movements=["released", "ordered", "received"],
        history=["PENDING", "CANCELED"],
    )


def test_a_page_that_expires_unused_is_noticed_without_any_notification(
    purchase: Purchase, page: Page, live_database: sa.Engine
) -> None:
    page.goto(purchase.payment_url)
    page.get_by_test_id("event-expire").click()
    with live_database.begin() as connection:
        connection.execute(
            sa.text("UPDATE orders SET expires_at = now() WHERE id = :id"),
            {"id": purchase.order["id"]},
        )

    expired = purchase.buyer.wait_for_status(purchase.order, "CANCELED")
    assert expired["cancel_reason"] == "expired"
    purchase.check(
        stock=STOCK,
        movements=["released", "ordered", "received"],
        history=["PENDING", "CANCELED"],
    )
