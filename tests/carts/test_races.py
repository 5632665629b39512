"""Carts changed by several requests at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from diecast_api.carts import service
from diecast_api.carts.models import Cart
from diecast_api.extensions import db
from diecast_api.unit_of_work import unit_of_work
from tests.carts.shopper import Shopper
from tests.support.crowd import at_once, holding, wait_for_waiting
from tests.support.people import Person

MakeProduct = Callable[..., dict[str, Any]]
CROWD = 8


def test_first_additions_at_once_make_one_cart(
    client: FlaskClient, customer: Person, make_product: MakeProduct
) -> None:
    car = make_product(stock=100)
    hands = [Shopper(client, customer.headers) for _ in range(CROWD)]
    answers = at_once(*(lambda hand=hand: hand.try_to_add(car, 2) for hand in hands))
    assert [answer.status_code for answer in answers] == [201] * CROWD
    assert hands[0].cart()["item_count"] == 2 * CROWD
    assert db.session.scalar(sa.select(sa.func.count(Cart.id))) == 1


def test_additions_at_once_all_count(shopper: Shopper, make_product: MakeProduct) -> None:
    cars = [make_product(f"Car {number}", stock=100) for number in range(2)]
    before = shopper.add(cars[0])["version"]
    answers = at_once(*(lambda car=car: shopper.try_to_add(car) for car in cars * (CROWD // 2)))
    assert [answer.status_code for answer in answers] == [201] * CROWD
    assert shopper.quantities() == {"Car 0": 1 + CROWD // 2, "Car 1": CROWD // 2}
    assert shopper.cart()["version"] == before + CROWD


def test_additions_at_once_stop_at_the_stock(shopper: Shopper, make_product: MakeProduct) -> None:
    car = make_product(stock=4)
    shopper.add(car)
    answers = at_once(*[lambda: shopper.try_to_add(car)] * CROWD)
    assert sorted(a.status_code for a in answers) == [201] * 3 + [409] * (CROWD - 3)
    assert shopper.cart()["item_count"] == 4


def test_additions_at_once_stop_at_the_full_cart(
    shopper: Shopper, make_product: MakeProduct, fill_cart: Callable[[Shopper, int], None]
) -> None:
    shopper.add(make_product())
    fill_cart(shopper, 98)
    cars = [make_product(f"Late {number}") for number in range(4)]
    answers = at_once(*(lambda car=car: shopper.try_to_add(car) for car in cars))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert len(shopper.cart()["items"]) == 100


def test_removals_at_once_remove_once(shopper: Shopper, make_product: MakeProduct) -> None:
    car = make_product()
    shopper.add(car)
    answers = at_once(*[lambda: shopper.remove(car)] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]


def test_one_token_is_merged_once(
    client: FlaskClient, guest: Shopper, make_user: Callable[..., Person], make_product: MakeProduct
) -> None:
    guest.add(make_product(stock=100), 3)
    people = [make_user() for _ in range(4)]

    def sign_in(person: Person) -> int:
        body = {"email": person.email, "password": person.password}
        return client.post("/api/v1/auth/login", json=body, headers=guest.headers).status_code

    statuses = at_once(*(lambda person=person: sign_in(person) for person in people))
    assert statuses == [200] * 4
    counts = [Shopper(client, person.headers).cart()["item_count"] for person in people]
    assert sorted(counts) == [0, 0, 0, 3]


def test_adding_does_not_wait_for_a_sign_in(
    client: FlaskClient, guest: Shopper, customer: Person, make_product: MakeProduct
) -> None:
    """Both make the account's first cart, one of them with the account's row locked."""
    car = make_product(stock=100)
    guest.add(car, 3)
    buyer = Shopper(client, customer.headers)

    def sign_in() -> int:
        body = {"email": customer.email, "password": customer.password}
        return client.post("/api/v1/auth/login", json=body, headers=guest.headers).status_code

    with ThreadPoolExecutor() as pool:
        with holding(sa.select(Cart.id)):
            status = pool.submit(sign_in)
            wait_for_waiting(1)
            buyer.add(car)
        assert status.result() == 200
    assert buyer.cart()["item_count"] == 4


def test_cart_is_ordered_once(
    app: Flask, buyer: Shopper, customer: Person, make_product: MakeProduct
) -> None:
    """What the orders room relies on: of two at once, the second finds the cart empty."""
    buyer.add(make_product("Honda NSX"), 2)
    buyer.add(make_product("Mazda RX-7"))

    def order() -> list[int]:
        with app.app_context(), unit_of_work():
            lines = service.lines_for_order(customer.id)
            service.empty(customer.id)
            return [quantity for _, quantity in lines]

    assert sorted(at_once(*[order] * 4)) == [[], [], [], [2, 1]]
    assert buyer.cart()["items"] == []


def test_cart_stays_when_its_order_fails(
    app: Flask, buyer: Shopper, customer: Person, make_product: MakeProduct
) -> None:
    before = buyer.add(make_product("Honda NSX"), 2)

    def fail_after_emptying() -> None:
        with unit_of_work():
            service.empty(customer.id)
            raise ZeroDivisionError

    with app.app_context(), pytest.raises(ZeroDivisionError):
        fail_after_emptying()
    assert buyer.cart() == before
