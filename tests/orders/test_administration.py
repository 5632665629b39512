"""Staff and orders: what they see, how they find it, and the moves they may make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from diecast_api.accounts.models import User
from diecast_api.extensions import db
from diecast_api.orders.models import Order, OrderStatus
from tests.orders.buyer import ADMIN_URL, Buyer, line
from tests.orders.conftest import Change, MoveTo
from tests.support.people import Person

MakeProduct = Callable[..., dict[str, Any]]
UNKNOWN = "01970000-0000-7000-8000-000000000000"
S = OrderStatus


@pytest.fixture
def order(buyer: Buyer, make_product: MakeProduct) -> dict[str, Any]:
    """An order that waits for its payment."""
    return buyer.place(line(make_product()))


@pytest.fixture
def listed(client: FlaskClient, clerk: Person) -> Callable[..., list[str]]:
    """The ids that the clerk is shown for a query."""

    def ask(**query: Any) -> list[str]:
        answer = client.get(ADMIN_URL, query_string=query, headers=clerk.headers)
        assert answer.status_code == 200, answer.json
        return [order["id"] for order in answer.json["items"]]

    return ask


@pytest.mark.parametrize(
    ("roles", "read", "write"),
    [
        (("owner",), 200, 200),
        (("orders",), 200, 200),
        (("support",), 200, 403),
        (("support", "orders"), 200, 200),
        (("catalog",), 403, 403),
        ((), 403, 403),
        (None, 401, 401),
    ],
)
def test_who_may_do_what(
    client: FlaskClient,
    make_user: Callable[..., Person],
    order: dict[str, Any],
    move_to: MoveTo,
    roles: tuple[str, ...] | None,
    read: int,
    write: int,
) -> None:
    move_to(order, S.PAID)
    headers = {} if roles is None else make_user(*roles).headers
    address = f"{ADMIN_URL}/{order['id']}"
    code = {200: None, 403: "forbidden", 401: "not_authenticated"}
    for answer in (client.get(ADMIN_URL, headers=headers), client.get(address, headers=headers)):
        assert (answer.status_code, answer.json.get("code")) == (read, code[read])
    answer = client.patch(address, json={"status": "PROCESSING"}, headers=headers)
    assert (answer.status_code, answer.json.get("code")) == (write, code[write])
    if write != 200:
        assert client.post(f"{address}/cancel", headers=headers).status_code == write


def test_staff_see_whose_order_it_is(
    client: FlaskClient, clerk: Person, buyer: Buyer, order: dict[str, Any]
) -> None:
    shown = client.get(f"{ADMIN_URL}/{order['id']}", headers=clerk.headers).json
    assert shown == {
        **order,
        "customer": {
            "id": str(buyer.person.id),
            "email": buyer.person.email,
            "full_name": "Budi Kolektor",
        },
    }
    listing = client.get(ADMIN_URL, headers=clerk.headers).json
    assert listing["items"] == [shown]


def test_unknown_orders(client: FlaskClient, change: Change, clerk: Person) -> None:
    assert client.get(f"{ADMIN_URL}/{UNKNOWN}", headers=clerk.headers).status_code == 404
    assert change({"id": UNKNOWN}, {"note": "x"}).status_code == 404
    answer = client.post(f"{ADMIN_URL}/{UNKNOWN}/cancel", headers=clerk.headers)
    assert answer.status_code == 404


@pytest.fixture
def crowd(
    buyer: Buyer, other_buyer: Buyer, make_product: MakeProduct
) -> tuple[dict[str, Any], dict[str, Any]]:
    """An order of each of two people, one with signs in the name that LIKE knows."""
    with db.engine.begin() as connection:
        connection.execute(
            sa.update(User)
            .where(User.id == other_buyer.person.id)
            .values(full_name="Siti 100%_Resmi\\Jaya", email="siti@toko.example")
        )
    product = make_product()
    return buyer.place(line(product)), other_buyer.place(line(product))


def test_found_by_number_address_and_name(
    listed: Callable[..., list[str]], buyer: Buyer, crowd: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    first, second = (order["id"] for order in crowd)
    assert listed() == [second, first]
    assert listed(q=crowd[0]["number"]) == [first]
    assert listed(q=crowd[0]["number"][-6:].lower()) == [first]
    assert listed(q=buyer.person.email.upper()) == [first]
    assert listed(q="toko.example") == [second]
    assert listed(q="  siti ") == [second]
    assert listed(q="nobody") == []


@pytest.mark.parametrize(
    ("q", "is_found"),
    [
        ("100%", True),
        ("%_", True),
        ("\\jaya", True),
        ("siti%jaya", False),
        ("siti_100", False),
        ("resmi\\\\jaya", False),
    ],
)
def test_signs_of_a_pattern_mean_themselves(
    listed: Callable[..., list[str]],
    crowd: tuple[dict[str, Any], dict[str, Any]],
    q: str,
    is_found: bool,
) -> None:
    assert listed(q=q) == ([crowd[1]["id"]] if is_found else [])


def test_filters_narrow_each_other(
    listed: Callable[..., list[str]],
    crowd: tuple[dict[str, Any], dict[str, Any]],
    move_to: MoveTo,
) -> None:
    first, second = crowd
    move_to(first, S.PAID)
    assert listed(status="PAID") == [first["id"]]
    assert listed(status="PAID", q="siti") == []
    assert listed(status=["PAID", "PENDING"], q="siti") == [second["id"]]


def test_days_are_those_of_jakarta(
    listed: Callable[..., list[str]], buyer: Buyer, make_product: MakeProduct
) -> None:
    product = make_product()
    moments = {
        "last of the 22nd": "2026-11-22T16:59:59.999999Z",
        "first of the 23rd": "2026-11-22T17:00:00Z",
        "last of the 23rd": "2026-11-23T16:59:59.999999Z",
        "first of the 24th": "2026-11-23T17:00:00Z",
    }
    names = {}
    for name, moment in moments.items():
        order_id = buyer.place(line(product))["id"]
        names[order_id] = name
        with db.engine.begin() as connection:
            connection.execute(
                sa.update(Order).where(Order.id == order_id).values(created_at=moment)
            )

    def between(**query: str) -> set[str]:
        return {names[order_id] for order_id in listed(**query)}

    of_the_23rd = {"first of the 23rd", "last of the 23rd"}
    assert between(**{"from": "2026-11-23", "to": "2026-11-23"}) == of_the_23rd
    assert between(**{"from": "2026-11-23"}) == of_the_23rd | {"first of the 24th"}
    assert between(to="2026-11-23") == of_the_23rd | {"last of the 22nd"}
    assert between(**{"from": "2026-11-25", "to": "2026-11-22"}) == set()
    assert between(**{"from": "0001-01-01", "to": "9999-12-31"}) == set(names.values())


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "23-11-2026"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"to": "2026-11-23T10:00:00Z"}, "to"),
        ({"from": "0000-00-00"}, "from"),
        ({"q": ""}, "q"),
        ({"q": "x" * 101}, "q"),
        ({"q": "a\0"}, "_schema"),
        ({"status": "OPEN"}, "status.0"),
        ({"sort": "x"}, "sort"),
        ({"from_day": "2026-11-23"}, "from_day"),
    ],
)
def test_a_wrong_query_is_told_by_its_name(
    client: FlaskClient, clerk: Person, query: dict[str, str], field: str
) -> None:
    refused = client.get(ADMIN_URL, query_string=query, headers=clerk.headers)
    assert (refused.status_code, refused.json["code"]) == (422, "validation_error")
    assert list(refused.json["errors"]) == [field]


def test_pages_by_number_and_cursor(
    client: FlaskClient, clerk: Person, buyer: Buyer, make_product: MakeProduct
) -> None:
    product = make_product()
    placed = [buyer.place(line(product))["id"] for _ in range(5)]
    query: dict[str, Any] = {"per_page": 2}
    walked: list[str] = []
    while True:
        page = client.get(ADMIN_URL, query_string=query, headers=clerk.headers).json
        walked += [order["id"] for order in page["items"]]
        if page["pagination"]["next_cursor"] is None:
            break
        query["cursor"] = page["pagination"]["next_cursor"]
    assert walked == placed[::-1]


def test_statements_do_not_grow_with_orders(
    client: FlaskClient,
    clerk: Person,
    buyer: Buyer,
    other_buyer: Buyer,
    make_product: MakeProduct,
    statements: list[str],
) -> None:
    products = [make_product(f"Car {number}", stock=50) for number in range(4)]

    def sent() -> int:
        statements.clear()
        assert client.get(ADMIN_URL, headers=clerk.headers).status_code == 200
        return len(statements)

    buyer.place(line(products[0]))
    few = sent()
    for somebody in (buyer, other_buyer) * 3:
        somebody.place(*map(line, products))
    assert sent() == few


MOVES = {(S.PAID, S.PROCESSING), (S.PROCESSING, S.SHIPPED), (S.SHIPPED, S.COMPLETED)}


@pytest.mark.parametrize("start", list(OrderStatus))
def test_only_allowed_moves(
    order: dict[str, Any], buyer: Buyer, change: Change, move_to: MoveTo, start: OrderStatus
) -> None:
    if start is not S.PENDING:
        move_to(order, start)
    before = buyer.show(order).json
    allowed = [to for to in OrderStatus if (start, to) in MOVES]
    for to in OrderStatus:
        if to in allowed:
            continue
        refused = change(order, {"status": to, "courier": "JNE"})
        assert (refused.status_code, refused.json["code"]) == (409, "invalid_transition")
        assert refused.json["allowed"] == allowed
        assert (refused.json["status"], refused.json["requested"]) == (409, to)
        assert refused.json["order_status"] == start
    assert buyer.show(order).json == before
    for to in allowed:
        moved = change(order, {"status": to})
        assert (moved.status_code, moved.json["status"]) == (200, to)


def test_the_whole_way_of_an_order(
    order: dict[str, Any], buyer: Buyer, change: Change, move_to: MoveTo
) -> None:
    move_to(order, S.PAID)
    change(order, {"status": "PROCESSING", "note": "  dibungkus  "})
    shipped = change(
        order, {"status": "SHIPPED", "courier": "JNE", "tracking_number": "JNE0012345"}
    ).json
    assert shipped["tracking"] == {"courier": "JNE", "number": "JNE0012345"}
    corrected = change(order, {"tracking_number": "JNE0012346"}).json
    assert corrected["tracking"] == {"courier": "JNE", "number": "JNE0012346"}
    done = change(order, {"status": "COMPLETED"})
    assert done.status_code == 200
    shown = buyer.show(order).json
    assert {**shown, "customer": done.json["customer"]} == done.json
    assert [(entry["status"], entry["actor"], entry["note"]) for entry in shown["history"]] == [
        ("PENDING", "customer", None),
        ("PAID", "system", None),
        ("PROCESSING", "staff", "dibungkus"),
        ("SHIPPED", "staff", None),
        ("COMPLETED", "staff", None),
    ]
    assert shown["version"] == 5
    assert shown["updated_at"] > shown["created_at"]


def test_a_note_alone_goes_into_the_history(order: dict[str, Any], change: Change) -> None:
    changed = change(order, {"note": "Pembeli menelepon"}).json
    assert [(entry["status"], entry["note"]) for entry in changed["history"]] == [
        ("PENDING", None),
        ("PENDING", "Pembeli menelepon"),
    ]
    assert changed["version"] == 2


@pytest.mark.parametrize("tag", ['"1"', "1", "*", ' "1" '])
def test_a_version_that_is_present_is_changed(
    order: dict[str, Any], change: Change, tag: str
) -> None:
    assert change(order, {"note": "x"}, **{"If-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    "tag", ['"2"', '"0"', 'W/"1"', '"x"', '"1", "2"', '"' + "9" * 40 + '"', ""]
)
def test_a_version_that_is_past_is_not(
    order: dict[str, Any], buyer: Buyer, change: Change, tag: str
) -> None:
    refused = change(order, {"note": "x"}, **{"If-Match": tag})
    assert (refused.status_code, refused.json["code"]) == (412, "version_mismatch")
    assert refused.json["version"] == 1
    assert buyer.show(order).json == order


def test_the_second_of_two_who_read_the_same_is_told(order: dict[str, Any], change: Change) -> None:
    tag = f'"{order["version"]}"'
    assert change(order, {"note": "x"}, **{"If-Match": tag}).status_code == 200
    assert change(order, {"note": "y"}, **{"If-Match": tag}).status_code == 412


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "_schema"),
        ({"status": None}, "status"),
        ({"status": "paid"}, "status"),
        ({"status": 1}, "status"),
        ({"courier": ""}, "courier"),
        ({"courier": "x" * 61}, "courier"),
        ({"tracking_number": 5}, "tracking_number"),
        ({"note": "   "}, "note"),
        ({"total": 1}, "total"),
        ({"version": 1, "note": "x"}, "version"),
        ({"note": "a\u0000b"}, "_schema"),
    ],
)
def test_a_wrong_change_is_told_by_its_name(
    order: dict[str, Any], change: Change, body: dict[str, Any], field: str
) -> None:
    refused = change(order, body)
    assert (refused.status_code, list(refused.json["errors"])) == (422, [field])


def test_staff_cancel_an_unpaid_order(
    client: FlaskClient, clerk: Person, buyer: Buyer, make_product: MakeProduct
) -> None:
    product = make_product(stock=4)
    order = buyer.place(line(product, 3))
    address = f"{ADMIN_URL}/{order['id']}/cancel"
    canceled = client.post(address, json={"note": "Stok rusak"}, headers=clerk.headers)
    assert canceled.status_code == 200
    assert (canceled.json["status"], canceled.json["cancel_reason"]) == ("CANCELED", "admin")
    assert canceled.json["version"] == order["version"] + 1
    entry = canceled.json["history"][-1]
    assert (entry["status"], entry["actor"], entry["note"]) == ("CANCELED", "staff", "Stok rusak")
    assert client.get(f"/api/v1/products/{product['id']}").json["stock"] == 4
    again = client.post(address, headers=clerk.headers)
    assert (again.status_code, again.json["code"]) == (409, "order_not_cancelable")
    assert client.get(f"/api/v1/products/{product['id']}").json["stock"] == 4


def test_a_new_day_is_in_the_list_of_today(
    listed: Callable[..., list[str]], order: dict[str, Any]
) -> None:
    day = date.fromisoformat(order["number"].split("-")[1])
    assert listed(**{"from": str(day), "to": str(day)}) == [order["id"]]
    assert listed(**{"from": str(day + timedelta(days=1))}) == []
