"""One cart: what goes in, what comes out, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from diecast_api.carts.models import Cart
from diecast_api.extensions import db
from tests.carts.shopper import URL, Shopper
from tests.support.people import Person

MakeProduct = Callable[..., dict[str, Any]]
UNKNOWN = {"id": "01970000-0000-7000-8000-000000000000"}
EMPTY = {
    "id": None,
    "items": [],
    "item_count": 0,
    "subtotal": 0,
    "currency": "IDR",
    "issues": [],
    "version": 0,
    "updated_at": None,
}


def test_without_a_cart_there_is_an_empty_one(shopper: Shopper) -> None:
    assert shopper.cart() == EMPTY
    assert shopper.clear() == EMPTY
    assert db.session.scalar(sa.select(sa.func.count(Cart.id))) == 0


def test_cart_is_shown_whole(
    client: FlaskClient, shopper: Shopper, make_product: MakeProduct
) -> None:
    car = make_product(price=150_000)
    cart = shopper.add(car, 3)
    cart.pop("token", None)
    assert set(cart) == set(EMPTY)
    UUID(cart["id"])
    assert (cart["item_count"], cart["subtotal"], cart["version"]) == (3, 450_000, 1)
    assert cart["updated_at"].endswith("Z")
    assert cart["issues"] == []
    (line,) = cart["items"]
    assert set(line) == {"product", "quantity", "unit_price", "line_total", "issues"}
    listed: Any = client.get("/api/v1/products").json
    assert line["product"] == listed["items"][0]
    assert line["issues"] == []


def test_additions_add_up(shopper: Shopper, make_product: MakeProduct) -> None:
    first, second = make_product("Honda NSX"), make_product("Mazda RX-7")
    shopper.add(first, 2)
    shopper.add(second)
    assert shopper.add(first, 3)["item_count"] == 6
    assert shopper.quantities() == {"Honda NSX": 5, "Mazda RX-7": 1}


def test_quantity_is_set_and_zero_removes(shopper: Shopper, make_product: MakeProduct) -> None:
    first, second = make_product("Honda NSX"), make_product("Mazda RX-7")
    shopper.add(first)
    shopper.add(second)
    assert shopper.set(first, 7)["item_count"] == 8
    assert shopper.set(first, 0)["item_count"] == 1
    assert shopper.quantities() == {"Mazda RX-7": 1}
    assert shopper.try_to_set(first, 0).status_code == 404


def test_product_is_removed_once(shopper: Shopper, make_product: MakeProduct) -> None:
    car = make_product()
    shopper.add(car)
    removed = shopper.remove(car)
    assert (removed.status_code, removed.json["items"]) == (200, [])
    assert shopper.remove(car).status_code == 404


def test_everything_is_cleared_and_the_cart_stays(
    shopper: Shopper, make_product: MakeProduct
) -> None:
    shopper.add(make_product("Honda NSX"))
    before = shopper.add(make_product("Mazda RX-7"))
    cart = shopper.clear()
    assert (cart["items"], cart["item_count"], cart["subtotal"]) == ([], 0, 0)
    assert (cart["id"], cart.get("token")) == (before["id"], before.get("token"))


def test_version_grows_with_each_change(shopper: Shopper, make_product: MakeProduct) -> None:
    car = make_product()
    versions = [
        shopper.add(car)["version"],
        shopper.set(car, 5)["version"],
        shopper.remove(car).json["version"],
        shopper.add(car)["version"],
        shopper.clear()["version"],
    ]
    assert versions == [1, 2, 3, 4, 5]
    shopper.try_to_add(car, 11)
    assert shopper.cart()["version"] == 5


@pytest.mark.parametrize("in_cart", [0, 4])
def test_more_than_there_is_is_refused(
    shopper: Shopper, make_product: MakeProduct, in_cart: int
) -> None:
    car = make_product(stock=6)
    if in_cart:
        shopper.add(car, in_cart)
    before = shopper.cart()
    refused = shopper.try_to_add(car, 7 - in_cart)
    assert (refused.status_code, refused.json["code"]) == (409, "out_of_stock")
    assert refused.json["items"] == [{"product_id": car["id"], "requested": 7, "available": 6}]
    assert shopper.cart() == before
    assert shopper.add(car, 6 - in_cart)["item_count"] == 6
    refused = shopper.try_to_set(car, 1_000_000)
    assert refused.json["items"][0]["requested"] == 1_000_000
    assert shopper.cart()["item_count"] == 6


def test_refused_first_addition_leaves_no_cart(guest: Shopper, make_product: MakeProduct) -> None:
    assert guest.try_to_add(make_product(stock=0)).status_code == 409
    assert guest.try_to_add(UNKNOWN).status_code == 404
    assert guest.token is None
    assert db.session.scalar(sa.select(sa.func.count(Cart.id))) == 0


def test_what_is_not_on_sale_is_not_found(
    shopper: Shopper, make_product: MakeProduct, archive: Callable[..., None]
) -> None:
    archived = make_product("Archived")
    archive(archived)
    unlisted = [
        UNKNOWN,
        archived,
        make_product("Draft", published_at=None),
        make_product("To come", published_at="2099-01-01T00:00:00Z"),
    ]
    for product in unlisted:
        answer = shopper.try_to_add(product)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
        assert shopper.try_to_set(product, 1).status_code == 404
        assert shopper.remove(product).status_code == 404


def test_hundred_products_are_the_most(
    shopper: Shopper, make_product: MakeProduct, fill_cart: Callable[[Shopper, int], None]
) -> None:
    car = make_product()
    shopper.add(car)
    fill_cart(shopper, 99)
    refused = shopper.try_to_add(make_product("One too many"))
    assert (refused.status_code, refused.json["code"]) == (409, "cart_full")
    assert refused.json["limit"] == 100
    assert len(shopper.add(car)["items"]) == 100


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001, 2**63, 1.5, 2.0, "2", True, None, []])
def test_wrong_quantity_is_422(shopper: Shopper, make_product: MakeProduct, quantity: Any) -> None:
    car = make_product()
    added = shopper.call("POST", "/items", {"product_id": car["id"], "quantity": quantity})
    assert (added.status_code, list(added.json["errors"])) == (422, ["quantity"])
    shopper.add(car)
    if quantity != 0 or isinstance(quantity, bool):
        changed = shopper.try_to_set(car, quantity)
        assert (changed.status_code, list(changed.json["errors"])) == (422, ["quantity"])
    assert shopper.cart()["item_count"] == 1


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["product_id", "quantity"]),
        ({"quantity": 1}, ["product_id"]),
        ({"product_id": "x", "quantity": 1}, ["product_id"]),
        ({"product_id": 7, "quantity": 1}, ["product_id"]),
        ({"product_id": None, "quantity": 1}, ["product_id"]),
        ({"product_id": [UNKNOWN["id"]], "quantity": 1}, ["product_id"]),
        ({"product_id": UNKNOWN["id"], "quantity": 1, "unit_price": 1}, ["unit_price"]),
        ({"product_id": UNKNOWN["id"], "quantity": 1, "note": "\0"}, ["_schema"]),
    ],
)
def test_malformed_addition_is_422(shopper: Shopper, body: Any, fields: list[str]) -> None:
    answer = shopper.call("POST", "/items", body)
    assert (answer.status_code, sorted(answer.json["errors"])) == (422, fields)


def test_only_uuids_are_addresses_of_lines(shopper: Shopper) -> None:
    for path in ("/items/x", "/items/1", "/items/%00", "/items/"):
        assert shopper.call("DELETE", path).status_code == 404


def test_guest_gets_a_token(guest: Shopper, make_product: MakeProduct) -> None:
    answer = guest.try_to_add(make_product())
    token = answer.json["token"]
    assert answer.headers["X-Cart-Token"] == token
    assert len(token) >= 40
    assert guest.cart()["token"] == token
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_customer_has_no_token(buyer: Shopper, make_product: MakeProduct) -> None:
    answer = buyer.try_to_add(make_product())
    assert "token" not in answer.json
    assert "X-Cart-Token" not in answer.headers


def test_token_is_not_kept(guest: Shopper, make_product: MakeProduct) -> None:
    token = guest.add(make_product())["token"]
    kept = db.session.scalar(sa.select(Cart.token_hash))
    assert kept is not None
    assert token not in kept
    assert kept not in token


@pytest.mark.parametrize("token", ["", "x", "ÿ" * 4000, "'; DROP TABLE carts;--", "%00"])
def test_unknown_token_is_nobodys(
    client: FlaskClient, guest: Shopper, make_product: MakeProduct, token: str
) -> None:
    stranger = Shopper(client, {"X-Cart-Token": token})
    guest.add(make_product())
    assert stranger.cart() == EMPTY
    assert stranger.clear() == EMPTY
    assert stranger.remove(make_product()).status_code == 404
    assert stranger.token == token
    assert stranger.add(make_product())["token"] not in (token, guest.token)
    assert len(stranger.cart()["items"]) == 1


def test_guests_do_not_share(client: FlaskClient, make_product: MakeProduct) -> None:
    car = make_product()
    first, second = Shopper(client), Shopper(client)
    first.add(car, 2)
    second.add(car, 3)
    assert first.token != second.token
    assert (first.cart()["item_count"], second.cart()["item_count"]) == (2, 3)


def test_customers_do_not_share(
    client: FlaskClient, make_user: Callable[..., Person], make_product: MakeProduct
) -> None:
    car = make_product()
    first, second = (Shopper(client, make_user().headers) for _ in range(2))
    first.add(car, 2)
    assert second.cart() == EMPTY
    assert second.remove(car).status_code == 404
    assert second.try_to_set(car, 1).status_code == 404


def test_cart_follows_the_customer_not_the_token(
    buyer: Shopper, guest: Shopper, make_product: MakeProduct
) -> None:
    guest.add(make_product("Guest's car"))
    buyer.headers["X-Cart-Token"] = guest.token or ""
    assert buyer.cart() == EMPTY
    buyer.add(make_product("Buyer's car"))
    assert guest.quantities() == {"Guest's car": 1}


@pytest.mark.parametrize("authorization", ["Bearer x", "Bearer", "Basic YTpi", ""])
def test_bad_token_is_no_guest(
    client: FlaskClient, make_product: MakeProduct, authorization: str
) -> None:
    sender = Shopper(client, {"Authorization": authorization})
    car = make_product()
    answers = [
        sender.call("GET"),
        sender.try_to_add(car),
        sender.try_to_set(car, 1),
        sender.remove(car),
        sender.call("DELETE"),
    ]
    assert [(a.status_code, a.json["code"]) for a in answers] == [(401, "not_authenticated")] * 5


def test_unknown_query_parameter_is_422(client: FlaskClient) -> None:
    assert client.get(f"{URL}?page=1").status_code == 422
