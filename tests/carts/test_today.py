"""Prices and stock in a cart are today's, and what has changed is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.carts.shopper import Shopper

MakeProduct = Callable[..., dict[str, Any]]
Change = Callable[..., None]


def test_changed_price_is_told_until_the_line_is_changed(
    shopper: Shopper, make_product: MakeProduct, change_product: Change
) -> None:
    car, other = make_product(price=100_000), make_product("Other")
    shopper.add(car, 2)
    change_product(car, price=120_000)
    cart = shopper.cart()
    issue = {"code": "price_changed", "old_price": 100_000}
    assert cart["items"][0]["issues"] == [issue]
    assert cart["issues"] == [{**issue, "product_id": car["id"]}]
    assert cart["items"][0]["unit_price"] == 120_000
    assert cart["subtotal"] == 240_000
    assert shopper.add(other)["issues"] == cart["issues"]
    assert shopper.set(car, 2)["issues"] == []


def test_addition_takes_todays_price(
    shopper: Shopper, make_product: MakeProduct, change_product: Change
) -> None:
    car = make_product(price=100_000)
    shopper.add(car)
    change_product(car, price=90_000)
    assert shopper.add(car)["issues"] == []


def test_price_that_went_back_is_no_issue(
    shopper: Shopper, make_product: MakeProduct, change_product: Change
) -> None:
    car = make_product(price=100_000)
    shopper.add(car)
    change_product(car, price=90_000)
    change_product(car, price=100_000)
    assert shopper.cart()["issues"] == []


@pytest.mark.parametrize("left", [0, 2])
def test_too_little_stock_is_told(
    shopper: Shopper, make_product: MakeProduct, set_stock: Change, left: int
) -> None:
    car = make_product(stock=5)
    shopper.add(car, 5)
    set_stock(car, left)
    cart = shopper.cart()
    issue = {"code": "insufficient_stock", "available": left}
    assert cart["items"][0]["issues"] == [issue]
    assert cart["issues"] == [{**issue, "product_id": car["id"]}]
    assert cart["items"][0]["product"]["stock"] == left
    assert cart["items"][0]["quantity"] == 5
    refused = shopper.try_to_set(car, 3)
    assert refused.json["items"] == [{"product_id": car["id"], "requested": 3, "available": left}]
    assert shopper.set(car, left)["issues"] == []


def test_both_are_told_at_once(
    shopper: Shopper, make_product: MakeProduct, change_product: Change, set_stock: Change
) -> None:
    car = make_product(price=100_000, stock=5)
    shopper.add(car, 5)
    change_product(car, price=110_000)
    set_stock(car, 1)
    codes = [issue["code"] for issue in shopper.cart()["issues"]]
    assert codes == ["price_changed", "insufficient_stock"]


def test_what_left_the_window_is_told_and_can_be_removed(
    shopper: Shopper, make_product: MakeProduct, change_product: Change, archive: Change
) -> None:
    archived, unpublished = make_product("Archived"), make_product("Unpublished")
    shopper.add(archived)
    shopper.add(unpublished)
    archive(archived)
    change_product(unpublished, published_at=None)
    cart = shopper.cart()
    assert [item["issues"] for item in cart["items"]] == [[{"code": "unavailable"}]] * 2
    assert [issue["product_id"] for issue in cart["issues"]] == [archived["id"], unpublished["id"]]
    assert shopper.try_to_add(archived).status_code == 404
    refused = shopper.try_to_set(archived, 1)
    assert (refused.status_code, refused.json["items"][0]["available"]) == (409, 0)
    assert shopper.remove(archived).status_code == 200
    assert shopper.set(unpublished, 0)["items"] == []


def test_statements_do_not_grow_with_the_lines(
    buyer: Shopper,
    make_product: MakeProduct,
    fill_cart: Callable[[Shopper, int], None],
    statements: list[str],
) -> None:
    def count(act: Callable[[], Any]) -> int:
        statements.clear()
        act()
        return len(statements)

    car = make_product()
    buyer.add(car)
    reading, adding = count(buyer.cart), count(lambda: buyer.add(car))
    fill_cart(buyer, 30)
    assert (count(buyer.cart), count(lambda: buyer.add(car))) == (reading, adding)
    assert reading <= 3
