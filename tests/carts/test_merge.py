"""Signing in with a guest's cart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from diecast_api.carts.models import Cart
from diecast_api.extensions import db
from tests.carts.shopper import Shopper
from tests.support.people import PASSWORD, Person

MakeProduct = Callable[..., dict[str, Any]]
Change = Callable[..., None]


@pytest.fixture
def sign_in(client: FlaskClient, customer: Person) -> Callable[[Shopper], Any]:
    """Let the customer sign in with a guest's token."""

    def enter(guest: Shopper) -> Any:
        body = {"email": customer.email, "password": customer.password}
        return client.post("/api/v1/auth/login", json=body, headers=guest.headers)

    return enter


def test_registration_takes_the_cart_over(
    client: FlaskClient, guest: Shopper, make_product: MakeProduct
) -> None:
    guest.add(make_product("Honda NSX"), 2)
    body = {"email": "ayu@example.com", "password": PASSWORD, "full_name": "Ayu"}
    answer: Any = client.post("/api/v1/auth/register", json=body, headers=guest.headers)
    assert answer.status_code == 201
    buyer = Shopper(client, {"Authorization": f"Bearer {answer.json['access_token']}"})
    assert buyer.quantities() == {"Honda NSX": 2}
    assert "token" not in buyer.cart()


def test_quantities_add_up_and_the_token_is_spent(
    guest: Shopper, buyer: Shopper, make_product: MakeProduct, sign_in: Callable[[Shopper], Any]
) -> None:
    both, own, brought = make_product("Both"), make_product("Own"), make_product("Brought")
    buyer.add(own)
    version = buyer.add(both, 2)["version"]
    guest.add(both, 3)
    guest.add(brought, 4)
    token = guest.token
    assert sign_in(guest).status_code == 200
    assert buyer.quantities() == {"Own": 1, "Both": 5, "Brought": 4}
    assert buyer.cart()["version"] == version + 1
    assert guest.cart()["items"] == []
    assert guest.add(own)["token"] != token


def test_second_sign_in_with_the_token_adds_nothing(
    guest: Shopper, buyer: Shopper, make_product: MakeProduct, sign_in: Callable[[Shopper], Any]
) -> None:
    guest.add(make_product("Honda NSX"), 2)
    for _ in range(2):
        assert sign_in(guest).status_code == 200
    assert buyer.quantities() == {"Honda NSX": 2}


def test_stock_caps_the_sum(
    guest: Shopper, buyer: Shopper, make_product: MakeProduct, sign_in: Callable[[Shopper], Any]
) -> None:
    car = make_product("Honda NSX", stock=5)
    buyer.add(car, 3)
    guest.add(car, 4)
    assert sign_in(guest).status_code == 200
    assert buyer.quantities() == {"Honda NSX": 5}
    assert buyer.cart()["issues"] == []


def test_what_cannot_be_bought_is_dropped(
    guest: Shopper,
    buyer: Shopper,
    make_product: MakeProduct,
    sign_in: Callable[[Shopper], Any],
    archive: Change,
    set_stock: Change,
) -> None:
    archived, sold_out, left = (make_product(name) for name in ("Archived", "Sold out", "Left"))
    for car in (archived, sold_out, left):
        guest.add(car)
    archive(archived)
    set_stock(sold_out, 0)
    assert sign_in(guest).status_code == 200
    assert buyer.quantities() == {"Left": 1}


def test_full_cart_does_not_keep_anybody_out(
    guest: Shopper,
    buyer: Shopper,
    make_product: MakeProduct,
    fill_cart: Callable[[Shopper, int], None],
    sign_in: Callable[[Shopper], Any],
) -> None:
    shared = make_product("Shared")
    buyer.add(shared)
    fill_cart(buyer, 98)
    for name in ("Fits", "Has no room"):
        guest.add(make_product(name))
    guest.add(shared, 2)
    assert sign_in(guest).status_code == 200
    quantities = buyer.quantities()
    assert len(quantities) == 100
    assert quantities["Fits"] == 1
    assert quantities["Shared"] == 3
    assert "Has no room" not in quantities


def test_change_of_price_is_still_told(
    guest: Shopper,
    buyer: Shopper,
    make_product: MakeProduct,
    sign_in: Callable[[Shopper], Any],
    change_product: Change,
) -> None:
    car = make_product(price=100_000)
    guest.add(car)
    change_product(car, price=120_000)
    sign_in(guest)
    assert buyer.cart()["items"][0]["issues"] == [{"code": "price_changed", "old_price": 100_000}]


def test_empty_cart_is_spent_too(
    guest: Shopper, buyer: Shopper, make_product: MakeProduct, sign_in: Callable[[Shopper], Any]
) -> None:
    guest.add(make_product())
    guest.clear()
    assert sign_in(guest).status_code == 200
    assert buyer.cart()["items"] == []
    assert db.session.scalar(sa.select(sa.func.count(Cart.id))) == 0


def test_refused_sign_in_leaves_the_guests_cart(
    client: FlaskClient, guest: Shopper, customer: Person, make_product: MakeProduct
) -> None:
    guest.add(make_product("Honda NSX"))
    body = {"email": customer.email, "password": "wrong-password"}
    assert client.post("/api/v1/auth/login", json=body, headers=guest.headers).status_code == 401
    body = {"email": customer.email, "password": PASSWORD, "full_name": "Ayu"}
    taken = client.post("/api/v1/auth/register", json=body, headers=guest.headers)
    assert taken.status_code == 409
    assert guest.quantities() == {"Honda NSX": 1}


def test_token_of_somebody_elses_cart_is_only_a_guests(
    client: FlaskClient,
    buyer: Shopper,
    make_user: Callable[..., Person],
    make_product: MakeProduct,
    sign_in: Callable[[Shopper], Any],
) -> None:
    other = Shopper(client, make_user().headers)
    other.add(make_product("Honda NSX"))
    cart_id = other.cart()["id"]
    assert sign_in(Shopper(client, {"X-Cart-Token": cart_id})).status_code == 200
    assert other.quantities() == {"Honda NSX": 1}
    assert buyer.cart()["items"] == []
